"""The verdicts held against other people's code: the `openssl` command on the same bytes, and `pdfsig`."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import signing
from signing.verify.quirks import Quirk
from tests.signing.forge_pdf import base_pdf, sign
from tests.signing.forge_people import House
from tests.signing.forge_sound import maker, recipes

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl command on this machine")
RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")


def openssl(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, check=False)


def ranges_of(data: bytes) -> list[tuple[int, int, int, int]]:
    """Every byte range in the order of the revisions, found by a search of our own."""
    found = {tuple(int(edge) for edge in match.groups()) for match in RANGE.finditer(data)}
    return sorted(found, key=lambda span: span[2] + span[3])  # type: ignore[return-value]


def judged_by_openssl(data: bytes, span: tuple[int, int, int, int], folder: Path) -> bool:
    """`openssl cms -verify`; where it stumbles on the DigestInfo, the RSA block is recovered and compared."""
    first, length, second, rest = span
    (folder / "content").write_bytes(data[first : first + length] + data[second : second + rest])
    (folder / "cms.der").write_bytes(bytes.fromhex(data[length + 1 : second - 1].decode()))
    verified = openssl(
        "cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in", folder / "cms.der",
        "-content", folder / "content", "-out", folder / "out",
    )  # fmt: skip
    return verified.returncode == 0 or recovered_by_openssl(folder)


def recovered_by_openssl(folder: Path) -> bool:
    """The digest in the RSA block, by `openssl pkeyutl -verifyrecover`, against one that hashlib makes."""
    listed = openssl("asn1parse", "-inform", "DER", "-in", folder / "cms.der").stdout.decode()
    lines = [
        (int(at), int(depth), int(head), int(size), kind.strip())
        for at, depth, head, size, kind in re.findall(
            r"^\s*(\d+):d=(\d+)\s+hl=(\d+) l=\s*(\d+) \w+: (.*)$", listed, re.M
        )
    ]
    data = (folder / "cms.der").read_bytes()
    attributes = next(line for line in reversed(lines) if line[4].startswith("cont [ 0 ]") and line[1] == 5)
    value = next(
        line for line in lines if line[0] > attributes[0] and line[1] == 5 and line[4].startswith("OCTET")
    )
    signed = b"\x31" + data[attributes[0] + 1 : attributes[0] + attributes[2] + attributes[3]]
    (folder / "value").write_bytes(data[value[0] + value[2] : value[0] + value[2] + value[3]])
    certificates = openssl("pkcs7", "-inform", "DER", "-in", folder / "cms.der", "-print_certs").stdout
    (folder / "leaf.pem").write_bytes(certificates)
    key = openssl("x509", "-in", folder / "leaf.pem", "-pubkey", "-noout").stdout
    (folder / "key.pem").write_bytes(key)
    for extra in ((), ("-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:auto")):
        (folder / "digest").write_bytes(hashlib.sha256(signed).digest())
        words = ("-pubin", "-inkey", folder / "key.pem", "-pkeyopt", "digest:sha256", *extra)
        if extra:
            told = openssl(
                "pkeyutl", "-verify", *words, "-in", folder / "digest", "-sigfile", folder / "value"
            )
            if told.returncode == 0:
                break
        else:
            told = openssl("pkeyutl", "-verifyrecover", *words[:3], "-in", folder / "value")
            if any(
                told.stdout.endswith(hashlib.new(name, signed).digest())
                for name in ("sha1", "sha256", "sha512")
            ):
                break
    else:
        return False
    content = (folder / "content").read_bytes()
    return any(hashlib.new(name, content).digest() in signed for name in ("sha1", "sha256", "sha512"))


def test_genuine_documents_one_by_one(real_data: Path, tmp_path: Path) -> None:
    """Every signature of the nine documents by a computation that has nothing of ours."""
    counted = 0
    for file in sorted((real_data / "signed").glob("*.pdf")):
        data = file.read_bytes()
        data = data[data.index(b"%PDF") :]
        findings = signing.verify_pdf(file)
        spans = ranges_of(data)
        assert len(findings) == len(spans), file.name
        for finding, span in zip(findings, spans, strict=True):
            own = finding.integrity == "valid"
            assert judged_by_openssl(data, span, tmp_path) == own, f"{file.name} {finding.field}"
            counted += 1
    assert counted >= 26


@pytest.mark.parametrize("name", ["rsa-sha256", "rsa-sha1", "pss", "ecdsa", "brainpool", "ber", "no-binding"])
def test_openssl_agrees_on_what_was_forged(name: str, house: House, tmp_path: Path, trusted: Path) -> None:
    recipe, _ = recipes(house)[name]
    data = sign(base_pdf(), maker(recipe))
    file = tmp_path / "a.pdf"
    for flip in (None, 100, len(data) - 40):
        changed = bytearray(data)
        if flip is not None:
            changed[flip] ^= 1
        file.write_bytes(changed)
        (span,) = ranges_of(bytes(changed))
        (finding,) = signing.verify_pdf(file, trust=[trusted])
        assert (
            (finding.integrity == "valid")
            == judged_by_openssl(bytes(changed), span, tmp_path)
            == (flip is None)
        )


def test_where_pdfsig_stumbles_the_block_decides(house: House, tmp_path: Path, trusted: Path) -> None:
    if shutil.which("pdfsig") is None:
        pytest.skip("no pdfsig on this machine")
    for name, valid in (("rsa-sha256", True), ("no-null", False)):
        recipe, _ = recipes(house)[name]
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(sign(base_pdf(), maker(recipe)))
        told = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, check=False).stdout
        assert (b"Signature is Valid" in told) == valid
        (finding,) = signing.verify_pdf(file, trust=[trusted])
        assert finding.integrity == "valid"
        assert (Quirk.DIGEST_INFO_WITHOUT_NULL in finding.quirks) != valid
