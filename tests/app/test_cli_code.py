"""`sohoa code` from the first number to a seal that tells what was altered."""

import json
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from click.testing import CliRunner
from pikepdf import pdfa

import ocr
from app.cli.root import program
from benchmarks.codes import page_as_pdfa, printed_and_scanned
from resources.specimens.render.official import Official, official
from resources.specimens.render.paper import print_page

PASSPHRASE = "mật khẩu dài"


@pytest.fixture(autouse=True)
def station(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOHOA_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("SOHOA_ADMIN_SETTINGS", str(tmp_path / "admin.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def run(*arguments: object, typed: str | None = None, code: int = 0) -> str:
    done = CliRunner().invoke(program, ["code", *map(str, arguments)], input=typed)
    assert done.exit_code == code, done.output
    return done.stdout


def told(*arguments: object, code: int = 0) -> list[dict[str, object]]:
    return json.loads(run(*arguments, code=code))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def clear() -> Official:
    return official(3)  # everything typed, neither seal nor signature over it


@pytest.fixture
def paper(tmp_path: Path, clear: Official) -> Path:
    page_as_pdfa(print_page(clear.sides[0], 300), 300, tmp_path / "paper.pdf")
    return tmp_path / "paper.pdf"


def test_new_codes_run_on_and_versions_follow(tmp_path: Path) -> None:
    assert run("new", "--kind", "QĐ", "--count", 2).split() == ["H18.19_QĐ_000001_V1", "H18.19_QĐ_000002_V1"]
    assert run("new", "--version-of", "H18.19_QĐ_000001_V1").strip() == "H18.19_QĐ_000001_V2"
    owned = run("new", "--template", "result", "--part", "owner=", "--part", "type=KQ.G15.000031", "--json")
    assert json.loads(owned)["code"] == ".KQ.G15.000031"
    run("new", "--kind", "sai", code=1)
    run("new", "--part", "mau=đỏ", code=2)
    run("new", "--template", "khong-co", code=2)
    assert run("new", "--kind", "QĐ").strip() == "H18.19_QĐ_000003_V1"


def test_a_code_is_stamped_named_and_read_back(paper: Path, tmp_path: Path) -> None:
    broken = tmp_path / "hong.pdf"
    broken.write_bytes(b"%PDF-1.7 nothing")
    out = tmp_path / "ra"
    before = paper.read_bytes()
    done = told(
        "stamp", broken, paper, "-o", out, "--kind", "KH", "--description", "Kế hoạch năm", "--json", code=1
    )
    assert [one["error"] is None for one in done] == [False, True]
    stamped = Path(str(done[1]["stamped"]))
    code = str(done[1]["code"])
    assert stamped.name.startswith(f"{code}_2")
    assert stamped.name.endswith("_ke-hoach-nam.pdf")
    assert [file.name for file in out.iterdir()] == [stamped.name]
    assert paper.read_bytes() == before
    assert pdfa.validate_written(stamped, "2b").passed
    (checked,) = told("check", stamped, "--json")
    assert checked["agree"] is True
    assert checked["in_file"] == code
    (symbol,) = checked["codes"]  # type: ignore[misc]
    assert (symbol["text"], symbol["template"], symbol["issued"]) == (code, "document", True)
    assert symbol["parts"]["sequence"] == code.split("_")[2]
    again = told("stamp", paper, "-o", out, "--code", code, "--json", code=1)
    assert again[0]["error"] == "station.code-taken"


def test_a_scan_of_the_print_tells_the_code(paper: Path, tmp_path: Path) -> None:
    stamped = Path(str(told("stamp", paper, "-o", tmp_path / "ra", "--kind", "TB", "--json")[0]["stamped"]))
    scan = tmp_path / "quet.jpg"
    scan.write_bytes(printed_and_scanned(stamped, seed=5))
    shown = CliRunner().invoke(program, ["code", "check", str(scan)])
    assert shown.exit_code == 0
    assert "H18.19_TB_000001_V1" in shown.stderr
    assert "[" not in shown.stderr  # no markup left over


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    run("key", "-o", tmp_path / "khoa.pem", typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    return tmp_path / "khoa.pub.pem"


def test_a_seal_tells_which_field_was_altered(
    paper: Path, keys: Path, tmp_path: Path, clear: Official
) -> None:
    run(
        "stamp", paper, "-o", tmp_path / "ra", "--kind", "TB", "--seal-key", keys.with_name("khoa.pem"),
        typed=f"{PASSPHRASE}\n",
    )  # fmt: skip
    (stamped,) = (tmp_path / "ra").iterdir()
    (checked,) = told("check", stamped, "--keys", keys, "--json")
    (seal,) = checked["seals"]  # type: ignore[misc]
    assert (seal["state"], seal["differing"]) == ("genuine", [])
    verdicts = {line["field"]: line["verdict"] for line in seal["fields"]}
    for name in ("number", "date", "signer", "pages"):
        assert verdicts[name] == "same", seal
    altered = tmp_path / "sua.jpg"
    _alter(stamped, altered, clear)
    (checked,) = told("check", altered, "--keys", keys, "--json")
    (seal,) = checked["seals"]  # type: ignore[misc]
    assert seal["state"] == "genuine"
    assert seal["differing"] == ["signer"]
    (unknown,) = told("check", stamped, "--no-read", "--json")
    assert [one["state"] for one in unknown["seals"]] == ["unknown-key"]  # type: ignore[union-attr]


def _alter(pdf: Path, out: Path, clear: Official) -> None:
    """A print of the page on which another name was pasted over the signer's."""
    from PIL import ImageDraw

    from resources.specimens.render.paper import Face, font

    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=300 / 72).to_pil().convert("RGB")
    document.close()
    line = next(line for line in clear.sides[0].lines if line.text == clear.truth["signer"])
    x, y = (round(mm * 300 / 25.4) for mm in (line.x_mm, line.baseline_mm))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((x - 20, y - 60, x + 700, y + 25), fill="white")
    pen.text((x, y), "Vàng Thị Khế", fill=(20, 20, 20), font=font(Face(14, bold=True)), anchor="ls")
    picture.save(out, "JPEG", quality=90, dpi=(300, 300))


def test_labels_and_code_sheets(tmp_path: Path) -> None:
    run("sheet", "-o", tmp_path / "nhan.pdf", "--kind", "KH", "--count", 3, "--labels", "nhan-21")
    found = [
        code.text
        for image in ocr.open_sources([tmp_path / "nhan.pdf"])
        for code in ocr.find_barcodes(image.data)
    ]
    assert sorted(found) == [f"H18.19_KH_00000{number}_V1" for number in (1, 2, 3)]
    run("sheet", "H18.19_KH_000001_V1", "-o", tmp_path / "to.pdf", "--full")
    with pikepdf.open(tmp_path / "to.pdf") as pdf:
        assert len(pdf.pages) == 1
    run("sheet", "-o", tmp_path / "x.pdf", code=2)
    run("sheet", "A", "-o", tmp_path / "x.pdf", "--labels", "khong-co", code=2)


def test_what_is_no_code_and_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("không phải ảnh")
    (refused,) = told("check", tmp_path / "a.txt", "--json", code=1)
    assert refused["error"] == "ocr.not-an-image"
    (missing,) = told("check", tmp_path / "khong-co.jpg", "--json", code=1)
    assert missing["error"] == "ocr.not-found"
    run("key", "-o", tmp_path / "k.pem", typed="ngắn\nngắn\n", code=2)
    assert not (tmp_path / "k.pem").exists()
