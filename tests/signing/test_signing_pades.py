"""Signing on a real token: what three engines say, what stays as it was, and what is refused."""

import errno
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import pdfa
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

import signing
from signing import ClerkBlock, Pkcs11Token, SigningError, TimestampService, TokenSession
from signing.pdfa import require_pdfa
from signing.training import TRAINING_PIN, TrainingPki


def sound(pdf: Path, pki: TrainingPki) -> list[bool]:
    return [finding.sound for finding in signing.verify_pdf(pdf, trust=[pki.trust])]


def test_basic_signature_and_its_result(
    plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock, pki: TrainingPki
) -> None:
    out = tmp_path / "signed.pdf"
    done = signing.sign_pdf(plain, out, session, appearance=block, timestamp=None, reason="Số hóa")
    assert (done.path, done.level, done.field, done.signer) == (out, "B-B", "ChuKy1", "Lò Thị Ví Dụ")
    assert done.timestamped_at is None
    assert done.sha256 == __import__("hashlib").sha256(out.read_bytes()).hexdigest()
    assert done.box_mm is not None
    assert done.box_mm[:2] == (8.0, 4.0)
    (finding,) = signing.verify_pdf(out, trust=[pki.trust])
    assert (finding.integrity, finding.chain, finding.changes) == ("valid", "trusted", "none")
    assert finding.time["source"] == "claimed"
    assert finding.quirks == ()
    assert finding.sound
    assert [item.name for item in tmp_path.iterdir() if item.name.startswith(".")] == []


def test_timestamped_signature(
    plain: Path, tmp_path: Path, session: TokenSession, stamps: TimestampService, pki: TrainingPki
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    done = signing.sign_pdf(plain, tmp_path / "t.pdf", session, appearance=None, timestamp=stamps)
    assert done.level == "B-T"
    assert done.timestamped_at is not None
    assert before <= done.timestamped_at <= datetime.now(UTC) + timedelta(seconds=2)
    (finding,) = signing.verify_pdf(done.path, trust=[pki.trust])
    assert finding.time["source"] == "timestamp"
    assert finding.sound
    (stranger,) = signing.verify_pdf(done.path)
    assert (stranger.integrity, stranger.chain) == ("valid", "untrusted")
    assert stranger.time["source"] == "timestamp-untrusted"


def test_three_engines_agree(
    plain: Path,
    tmp_path: Path,
    session: TokenSession,
    block: ClerkBlock,
    stamps: TimestampService,
    pki: TrainingPki,
) -> None:
    out = tmp_path / "signed.pdf"
    signing.sign_pdf(plain, out, session, appearance=block, timestamp=stamps)
    told = subprocess.run(
        ["pdfsig", "-nocert", str(out)], capture_output=True, text=True, check=False, cwd=tmp_path
    ).stdout
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    data = out.read_bytes()
    found = re.search(rb"/ByteRange ?\[ ?(\d+) (\d+) (\d+) (\d+)", data)
    assert found
    first, length, second, rest = (int(number) for number in found.groups())
    (tmp_path / "content").write_bytes(data[first : first + length] + data[second : second + rest])
    (tmp_path / "cms").write_bytes(bytes.fromhex(data[length + 1 : second - 1].decode()).rstrip(b"\0"))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms"]
    command += ["-content", "content", "-CAfile", str(pki.trust), "-purpose", "any", "-out", os.devnull]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert sound(out, pki) == [True]


def test_three_visible_signatures_one_login(
    plain: Path,
    tmp_path: Path,
    session: TokenSession,
    block: ClerkBlock,
    stamps: TimestampService,
    pki: TrainingPki,
) -> None:
    current, boxes = plain, []
    for number in range(1, 4):
        following = tmp_path / f"s{number}.pdf"
        done = signing.sign_pdf(
            current, following, session, appearance=block, timestamp=stamps if number == 2 else None
        )
        assert following.read_bytes().startswith(current.read_bytes())
        require_pdfa(following, "after")
        assert done.field == f"ChuKy{number}"
        boxes.append(done.box_mm)
        current = following
    assert len(set(boxes)) == 3
    findings = signing.verify_pdf(current, trust=[pki.trust])
    assert [finding.changes for finding in findings] == ["harmless", "harmless", "none"]
    assert all(finding.sound for finding in findings)
    told = subprocess.run(["pdfsig", "-nocert", str(current)], capture_output=True, text=True, check=False)
    assert told.stdout.count("Signature is Valid") == 3


def test_many_documents_one_pin(
    make_pdf: Any, tmp_path: Path, token: Pkcs11Token, block: ClerkBlock, pki: TrainingPki
) -> None:
    with token.open(TRAINING_PIN) as opened:
        for number in range(5):
            source = make_pdf(tmp_path / f"{number}.pdf")
            signing.sign_pdf(source, tmp_path / f"{number}s.pdf", opened, appearance=block, timestamp=None)
    assert all(sound(tmp_path / f"{number}s.pdf", pki) == [True] for number in range(5))
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(tmp_path / "0.pdf", tmp_path / "x.pdf", opened, appearance=None, timestamp=None)
    assert caught.value.code == "sign.session-closed"
    assert not (tmp_path / "x.pdf").exists()


def test_session_lost_beneath_us(plain: Path, tmp_path: Path, token: Pkcs11Token) -> None:
    with token.open(TRAINING_PIN) as opened:
        opened.signer.pkcs11_session.close()
        with pytest.raises(SigningError) as caught:
            signing.sign_pdf(plain, tmp_path / "x.pdf", opened, appearance=None, timestamp=None)
    assert caught.value.code == "sign.session-closed"


def test_garbage_from_the_token_is_found(plain: Path, tmp_path: Path, session: TokenSession) -> None:
    async def nonsense(data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return b"\x5a" * 256

    session.signer.async_sign_raw = nonsense
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(plain, tmp_path / "x.pdf", session, appearance=None, timestamp=None)
    assert caught.value.code == "sign.signature-wrong"
    assert [item.name for item in tmp_path.iterdir()] == ["plain.pdf"]


def test_a_field_of_the_document_is_used_and_not_twice(
    plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock, pki: TrainingPki
) -> None:
    prepared = tmp_path / "field.pdf"
    with plain.open("rb") as stream:
        writer = IncrementalPdfFileWriter(stream)
        append_signature_field(writer, SigFieldSpec("VanThu", box=(400, 780, 560, 820)))
        with prepared.open("wb") as out:
            writer.write(out)
    done = signing.sign_pdf(
        prepared, tmp_path / "s.pdf", session, appearance=None, timestamp=None, field="VanThu"
    )
    assert done.field == "VanThu"
    assert sound(done.path, pki) == [True]
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(
            done.path, tmp_path / "x.pdf", session, appearance=block, timestamp=None, field="VanThu"
        )
    assert caught.value.code == "sign.field-taken"


def test_a_certification_without_changes_is_respected(
    plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    certified = tmp_path / "certified.pdf"
    with plain.open("rb") as stream, certified.open("wb") as out:
        details = PdfSignatureMetadata(
            field_name="C", certify=True, docmdp_permissions=MDPPerm.NO_CHANGES, md_algorithm="sha256"
        )
        PdfSigner(details, session.signer).sign_pdf(
            IncrementalPdfFileWriter(stream), output=out, bytes_reserved=16384
        )
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(certified, tmp_path / "x.pdf", session, appearance=block, timestamp=None)
    assert caught.value.code in {"sign.changes-forbidden", "sign.pdfa-broken"}
    assert not (tmp_path / "x.pdf").exists()


def test_inputs_that_are_refused(
    plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    def code_of(source: Path, out: Path = tmp_path / "x.pdf") -> str:
        with pytest.raises(SigningError) as caught:
            signing.sign_pdf(source, out, session, appearance=block, timestamp=None)
        assert out == source or not out.exists()
        return caught.value.code

    garbage, ordinary, locked = (tmp_path / name for name in ("g.pdf", "o.pdf", "l.pdf"))
    garbage.write_bytes(b"%PDF-1.7\nnothing of the kind")
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(ordinary)
        pdf.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert code_of(tmp_path / "absent.pdf") == "sign.pdf-missing"
    assert code_of(garbage) == "sign.pdf-broken"
    assert code_of(ordinary) == "sign.pdfa-broken"
    assert code_of(locked) == "sign.pdf-encrypted"
    assert code_of(plain, plain) == "sign.same-file"
    assert code_of(plain, tmp_path / "no folder" / "x.pdf") == "sign.write-failed"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "sign.disk-full"), (errno.EIO, "sign.write-failed")]
)
def test_a_failing_disk_leaves_nothing(
    plain: Path, tmp_path: Path, session: TokenSession, monkeypatch: Any, number: int, code: str
) -> None:
    def fail(_handle: int) -> None:
        raise OSError(number, "disk")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(plain, tmp_path / "x.pdf", session, appearance=None, timestamp=None)
    assert caught.value.code == code
    assert [item.name for item in tmp_path.iterdir()] == ["plain.pdf"]


def test_no_timestamp_no_document(plain: Path, tmp_path: Path, session: TokenSession) -> None:
    away = TimestampService("http://127.0.0.1:9/", timeout_s=2)
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(plain, tmp_path / "x.pdf", session, appearance=None, timestamp=away)
    assert caught.value.code == "sign.tsa-away"
    assert [item.name for item in tmp_path.iterdir()] == ["plain.pdf"]


def test_pdfa_check_sees_into_signature_appearances(
    plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    done = signing.sign_pdf(plain, tmp_path / "s.pdf", session, appearance=block, timestamp=None)
    with pikepdf.open(done.path) as pdf:
        form = pdf.pages[0].Annots[0].AP.N
        form.Resources["/ExtGState"] = pikepdf.Dictionary(
            G=pikepdf.Dictionary(TR=pikepdf.Dictionary(FunctionType=2, Domain=[0, 1], N=1))
        )
        form.write(form.read_bytes() + b" /G gs")
        pdf.save(tmp_path / "bad.pdf", **pdfa.resolve_save_kwargs("2b"))
    with pytest.raises(SigningError) as caught:
        require_pdfa(tmp_path / "bad.pdf", "before")
    assert caught.value.code == "sign.pdfa-broken"
    with pikepdf.open(done.path) as pdf:
        pdf.Root.AcroForm.NeedAppearances = True
        pdf.save(tmp_path / "needs.pdf", **pdfa.resolve_save_kwargs("2b"))
    with pytest.raises(SigningError) as caught:
        require_pdfa(tmp_path / "needs.pdf", "before")
    assert caught.value.code == "sign.pdfa-broken"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("/Fields", 3),
        ("/Fields", pikepdf.Array([7])),
        ("/Fields", pikepdf.Array([pikepdf.Dictionary(FT=pikepdf.Name.Sig, Rect=pikepdf.Array([1, 2]))])),
        ("/Fields", pikepdf.Array([pikepdf.Dictionary(FT=pikepdf.Name.Sig, Rect=7)])),
        ("/XFA", pikepdf.Array([])),
    ],
)
def test_forms_that_make_no_sense_are_refused(key: str, value: Any, plain: Path, tmp_path: Path) -> None:
    with pikepdf.open(plain) as pdf:
        pdf.Root.AcroForm = pikepdf.Dictionary({key: value})
        pdf.save(tmp_path / "odd.pdf", **pdfa.resolve_save_kwargs("2b"))
    with pytest.raises(SigningError) as caught:
        require_pdfa(tmp_path / "odd.pdf", "before")
    assert caught.value.code == "sign.pdfa-broken"


def test_a_widget_that_runs_something_is_no_stamp(
    plain: Path, tmp_path: Path, session: TokenSession, block: ClerkBlock
) -> None:
    done = signing.sign_pdf(plain, tmp_path / "s.pdf", session, appearance=block, timestamp=None)
    with pikepdf.open(done.path) as pdf:
        run = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        loose = pikepdf.Dictionary(Subtype=pikepdf.Name.Widget, Rect=pikepdf.Array([0, 0, 9, 9]), F=4, A=run)
        pdf.pages[0].Annots.append(pdf.make_indirect(loose))
        with pytest.warns(pikepdf.PageCopyWarning):
            pdf.save(tmp_path / "loose.pdf", **pdfa.resolve_save_kwargs("2b"))
    with pytest.raises(SigningError) as caught:
        require_pdfa(tmp_path / "loose.pdf", "before")
    assert caught.value.code == "sign.pdfa-broken"


def test_block_says_vietnam_time_and_needs_a_zone() -> None:
    at = datetime(2026, 5, 20, 1, 41, 7, tzinfo=UTC)
    lines = ClerkBlock("Lo\u0300  Thi\u0323 Ví Dụ", at).lines
    assert lines == ("Người sao chụp: Lò Thị Ví Dụ", "Thời gian: 20/05/2026 08:41:07 +07:00")
    with pytest.raises(ValueError, match="time zone"):
        ClerkBlock("A", at.replace(tzinfo=None))


def test_a_name_the_font_cannot_write(plain: Path, tmp_path: Path, session: TokenSession) -> None:
    stranger = ClerkBlock("漢字", datetime.now(UTC))
    with pytest.raises(SigningError) as caught:
        signing.sign_pdf(plain, tmp_path / "x.pdf", session, appearance=stranger, timestamp=None)
    assert caught.value.code == "sign.glyph-missing"
