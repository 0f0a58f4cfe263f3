"""Reading codes back from paper and file: is it a code, was it given out, do places agree (kiểm tra mã)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import ocr
import signing
from app.domain.code_template import CodeTemplate
from app.messages import CodedError
from app.settings import Settings
from app.store import Store
from app.workflow.code_stamping import ReadPaper, read_paper
from app.workflow.codes import template_of


@dataclass(frozen=True)
class FoundCode:
    """A symbol on a page: its text and kind, the template it is a code of, whether this station gave it."""

    page: int
    text: str
    symbology: str
    template: str | None
    parts: Mapping[str, str] = field(default_factory=dict)
    issued: bool = False


@dataclass(frozen=True)
class FoundSeal:
    """A seal on a page: whether it is genuine, and its fields beside those of the paper."""

    page: int
    state: str
    key: str
    comparisons: tuple[signing.Comparison, ...] = ()

    @property
    def differing(self) -> tuple[str, ...]:
        """The fields that the paper tells otherwise."""
        return tuple(one.field for one in self.comparisons if one.verdict is signing.Verdict.DIFFERENT)


@dataclass(frozen=True)
class Checked:
    """What was found in one file. `in_file` is the code in its metadata; `agree` tells that paper and file
    name the same code, None where one of them names none."""

    file: Path
    codes: tuple[FoundCode, ...] = ()
    seals: tuple[FoundSeal, ...] = ()
    in_file: str = ""
    agree: bool | None = None
    error: CodedError | None = None

    def to_dict(self) -> dict[str, object]:
        """The form that programs read."""
        return {
            "file": str(self.file),
            "error": self.error.code if self.error else None,
            "codes": [{**vars(code), "parts": dict(code.parts)} for code in self.codes],
            "seals": [
                {
                    "page": seal.page,
                    "state": seal.state,
                    "key": seal.key,
                    "differing": list(seal.differing),
                    "fields": [
                        {
                            "field": one.field,
                            "sealed": one.sealed,
                            "found": one.found,
                            "verdict": one.verdict.value,
                        }
                        for one in seal.comparisons
                    ],
                }
                for seal in self.seals
            ],
            "in_file": self.in_file,
            "agree": self.agree,
        }


def check_files(
    store: Store,
    settings: Settings,
    files: Sequence[Path],
    templates: Mapping[str, CodeTemplate],
    keys: Sequence[signing.TrustedSealKey],
    *,
    read: bool = True,
) -> Iterator[Checked]:
    """Looks at every page of every file; a file that can't be opened stands there with its reason.

    With `read`, a genuine seal is compared with what is read from the paper; that takes seconds a page.
    """
    for file in files:
        try:
            yield _checked(store, settings, file, templates, keys, read=read)
        except (ocr.OcrError, signing.SigningError) as error:
            yield Checked(file, error=error)


def _checked(
    store: Store,
    settings: Settings,
    file: Path,
    templates: Mapping[str, CodeTemplate],
    keys: Sequence[signing.TrustedSealKey],
    *,
    read: bool,
) -> Checked:
    codes: list[FoundCode] = []
    seals: list[tuple[int, signing.OpenedSeal]] = []
    for number, image in enumerate(ocr.open_sources([file]), start=1):
        for symbol in _symbols(image):
            if signing.is_seal(symbol.text):
                seals.append((number, signing.open_seal(symbol.text, keys)))
            else:
                codes.append(_found(store, number, symbol, templates))
    opened = tuple(_compared(file, settings, number, seal, codes, read=read) for number, seal in seals)
    named = {one.text for one in codes if one.template} | {
        seal.fields["code"] for _, seal in seals if "code" in seal.fields
    }
    in_file = signing.code_of(file)[0] if file.suffix.lower() == ".pdf" else ""
    agree = in_file in named if in_file and named else None
    return Checked(file, tuple(codes), opened, in_file, agree)


def _symbols(image: ocr.SourceImage) -> tuple[ocr.Barcode, ...]:
    """QR codes, and where there is none any other kind: our own codes and seals are QR codes."""
    return ocr.find_barcodes(image.data, only=("QRCode",), thorough=True) or ocr.find_barcodes(image.data)


def _found(store: Store, page: int, symbol: ocr.Barcode, templates: Mapping[str, CodeTemplate]) -> FoundCode:
    template = template_of(symbol.text, templates)
    if template is None:
        return FoundCode(page, symbol.text, symbol.format, None)
    parts = template.parse(symbol.text).parts
    given = bool(store.codes.of(symbol.text.strip()))
    return FoundCode(page, symbol.text, symbol.format, template.name, parts, given)


def _compared(
    file: Path,
    settings: Settings,
    page: int,
    seal: signing.OpenedSeal,
    codes: Sequence[FoundCode],
    *,
    read: bool,
) -> FoundSeal:
    if not read or seal.state is not signing.SealState.GENUINE:
        return FoundSeal(page, seal.state.value, seal.key)
    paper = read_paper(file, settings)
    found: dict[str, str | None] = {name: paper.fields.value(name) for name in seal.fields}
    found |= {"pages": str(paper.pages), "number": paper.number, "code": _printed_code(paper, seal, codes)}
    return FoundSeal(page, seal.state.value, seal.key, tuple(signing.compared(seal.fields, found)))


def _printed_code(paper: ReadPaper, seal: signing.OpenedSeal, codes: Sequence[FoundCode]) -> str | None:
    """The code on paper: in a symbol of its own, or in print beside the seal, where it is easily misread.

    None where neither is there to be read, so that a misreading never passes for a forgery.
    """
    in_symbol = next((one.text for one in codes if one.template), None)
    sealed = seal.fields.get("code", "")
    return in_symbol or (sealed if sealed and sealed in paper.text else None)
