"""Both languages are whole: every text translated, the compiled files fresh, Qt's own words Vietnamese."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QCoreApplication, QSize, QTranslator
from PySide6.QtWidgets import QApplication, QDialogButtonBox

import app.ui
import resources
from app.ui import translation
from app.ui.actions import Commands
from app.ui.pictures import decode
from app.ui.style import Style
from resources import specimens

SOURCES = sorted(Path(app.ui.__file__).parent.rglob("*.py"))
TOOLS = Path(sys.executable).parent
PLACEHOLDER = re.compile(r"%[n1-9]")


@pytest.fixture
def language(qapp: QApplication) -> Iterator[object]:
    """Installs a language for one test."""
    installed: list[QTranslator] = []

    def install(name: str) -> None:
        installed.append(translation.install(qapp, name))

    yield install
    for translator in installed:
        qapp.removeTranslator(translator)


def texts(file: Path) -> dict[tuple[str, str], list[str]]:
    """Translations by context and source; an unfinished one has none."""
    found = {}
    for context in ET.parse(file).iter("context"):  # noqa: S314 - our own file
        for message in context.iter("message"):
            translated = message.find("translation")
            assert translated is not None
            forms = [form.text or "" for form in translated.iter("numerusform")] or [translated.text or ""]
            finished = translated.get("type") is None and all(forms)
            key = (context.findtext("name") or "", message.findtext("source") or "")
            found[key] = forms if finished else []
    return found


def test_every_text_of_the_window_is_translated(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    subprocess.run(
        [TOOLS / "pyside6-lupdate", *SOURCES, "-ts", fresh, "-locations", "none"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    known = texts(resources.path("translations", "en.ts"))
    assert set(texts(fresh)) == set(known)
    assert [key for key, forms in known.items() if not forms] == []
    wrong = [
        key
        for key, forms in known.items()
        for form in forms
        if set(PLACEHOLDER.findall(form)) != set(PLACEHOLDER.findall(key[1]))
    ]
    assert wrong == []


@pytest.mark.parametrize("name", ["en", "qt_vi"])
def test_the_compiled_translation_is_fresh(tmp_path: Path, name: str) -> None:
    made = tmp_path / "made.qm"
    subprocess.run(
        [TOOLS / "pyside6-lrelease", resources.path("translations", f"{name}.ts"), "-qm", made],
        check=True,
        capture_output=True,
        timeout=60,
    )
    assert made.read_bytes() == resources.path("translations", f"{name}.qm").read_bytes()


def test_no_text_is_put_together_before_it_is_translated() -> None:
    """The extractor sees literal texts only: an f-string or a variable is lost to every language."""
    wrong = []
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            texts_at = {"tr": 0, "translate": 1}.get(node.func.attr)
            if texts_at is None or (node.func.attr == "translate" and len(node.args) < 2):
                continue
            if not isinstance(node.args[texts_at], ast.Constant):
                wrong.append(f"{source.name}:{node.lineno}")
    assert wrong == []


def test_no_translator_is_written_in_python() -> None:
    """Qt asks translators on decoding threads while it holds a lock: one in Python stops the program."""
    assert not [
        source.name for source in SOURCES if re.search(r"class \w+\(.*QTranslator", source.read_text())
    ]


def test_decoding_threads_and_the_window_translate_at_once(
    qapp: QApplication, language: object, tmp_path: Path
) -> None:
    language("vi")  # type: ignore[operator]
    images = [*specimens.demo_stack()[:3], tmp_path / "missing.jpg"] * 5
    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(decode, image, QSize(100, 100)) for image in images]
        while not all(future.done() for future in waiting):
            assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Hủy"
    assert sum(future.result().image.isNull() for future in waiting) == 5


def test_the_buttons_of_qt_speak_vietnamese(qapp: QApplication, language: object) -> None:
    language("vi")  # type: ignore[operator]
    standard = QDialogButtonBox.StandardButton
    box = QDialogButtonBox(standard.Ok | standard.Cancel | standard.Close | standard.Yes | standard.No)
    shown = {button: box.button(button).text() for button in (standard.Cancel, standard.Close)}
    assert shown == {standard.Cancel: "Hủy", standard.Close: "Đóng"}
    assert QCoreApplication.translate("QPlatformTheme", "unknown to us") == "unknown to us"


def test_the_window_speaks_english(qapp: QApplication, language: object, style: Style, qtbot: object) -> None:
    from PySide6.QtWidgets import QWidget

    language("en")  # type: ignore[operator]
    holder = QWidget()
    commands = Commands(holder, style)
    assert commands.scan.text() == "Scan"
    assert commands.groups()[0].title == "&Dossier"
    assert QCoreApplication.translate("Foot", "%n hồ sơ chờ gửi", None, 1) == "1 dossier to send"
    assert QCoreApplication.translate("Foot", "%n hồ sơ chờ gửi", None, 3) == "3 dossiers to send"
