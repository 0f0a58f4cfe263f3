"""Printing codes on files, each on a file of its own that carries the code in its name (đóng mã)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ocr
import signing
from app.domain.code_template import Code, CodeTemplate
from app.domain.errors import StationError, StationFault, disk_fault
from app.messages import CodedError
from app.settings import Settings
from app.store import Store
from app.store.codes import IssuedCode
from app.workflow.codes import issue
from app.workflow.station import vietnam_now

_LONGEST_AGENCY = 60
_SEAL_FROM_PAPER = ("date", "kind", "signer", "agency", "subject")


@dataclass(frozen=True)
class StampWish:
    """What is to be printed: the code's template and parts, or a code that was given out before.

    `description` goes into the file's name, `label` beneath the code on paper. With a `seal_key` the symbol
    holds the signed seal of what stands on the paper instead of the code alone.
    """

    template: CodeTemplate
    values: Mapping[str, str | int]
    given: IssuedCode | None = None
    description: str = ""
    label: str = ""
    seal_key: signing.SealKey | None = None


@dataclass(frozen=True)
class Stamped:
    """What became of one file: its code and the new file, or why there is none."""

    source: Path
    code: str | None
    path: Path | None
    box_mm: tuple[float, float, float, float] | None
    error: CodedError | None

    def to_dict(self) -> dict[str, object]:
        """The form that programs read."""
        return {
            "file": str(self.source),
            "code": self.code,
            "stamped": str(self.path) if self.path else None,
            "box_mm": self.box_mm,
            "error": self.error.code if self.error else None,
        }


def stamp_files(
    store: Store, settings: Settings, files: list[Path], folder: Path, wish: StampWish
) -> list[Stamped]:
    """Gives every file a code and prints it into a free margin of page 1; one bad file never stops the rest.

    The code is in the register before the file appears: what a crash leaves behind is a number without a
    file, never a file whose number is given out again. Raises StationError when `folder` can't be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_fault(error) from error
    done = []
    for file in files:
        code: str | None = None
        try:
            given = wish.given or issue(store, wish.template, wish.values, vietnam_now())
            code = given.code
            if given.sha256 is not None:
                raise StationError(StationFault.CODE_TAKEN, issued=given.code)
            done.append(_stamped(store, settings, file, folder, wish=wish, given=given))
        except (StationError, signing.SigningError, ocr.OcrError) as error:
            done.append(Stamped(file, code, None, None, error))
    return done


def _stamped(
    store: Store, settings: Settings, file: Path, folder: Path, *, wish: StampWish, given: IssuedCode
) -> Stamped:
    code = Code(given.template, given.code, given.parts)
    out = folder / wish.template.file_name(code, vietnam_now().date(), wish.description)
    if out.exists():
        raise signing.SigningError(signing.SigningFault.OUTPUT_TAKEN)
    text = given.code
    if wish.seal_key is not None:
        text = signing.sealed_text(seal_fields(file, given.code, settings), wish.seal_key)
    result = signing.stamp_code(
        file,
        out,
        signing.CodeStamp(code=given.code, qr_text=text, label=wish.label),
        xmp={
            "DocumentCode": given.code,
            **{part.capitalize(): told for part, told in given.parts.items() if told},
        },
    )
    with store.transaction():
        store.codes.print_on(given.code, given.version, result.sha256)
        store.audit.add(
            "code-stamped",
            given.base,
            actor=settings.station,
            at=vietnam_now(),
            details={"sha256": result.sha256, "version": given.version},
        )
    return Stamped(file, given.code, out, result.box_mm, None)


def seal_fields(file: Path, code: str, settings: Settings) -> dict[str, str]:
    """What a seal says of a paper: its code, its number of pages, and the fields that were read from it."""
    paper = read_paper(file, settings)
    told = {name: value for name in _SEAL_FROM_PAPER if (value := paper.fields.value(name))}
    if number := paper.number:
        told["number"] = number
    if "agency" in told:
        told["agency"] = told["agency"][:_LONGEST_AGENCY]
    return {"code": code, "pages": str(paper.pages), **told}


@dataclass(frozen=True)
class ReadPaper:
    """What was read from a file's paper: its fields, its text, how many pages it has."""

    fields: ocr.PaperFields
    text: str
    pages: int

    @property
    def number(self) -> str | None:
        """Number, year and notation as printed, when number and notation could be read."""
        number, notation = self.fields.value("number"), self.fields.value("notation")
        parts = (number, self.fields.value("year"), notation)
        return "/".join(part for part in parts if part) if number and notation else None


def read_paper(file: Path, settings: Settings) -> ReadPaper:
    """Reads every page of a file. Raises OcrError."""
    gathering, texts = ocr.FieldGathering(), []
    with ocr.Reader(model=settings.model, jobs=1) as reader:
        for image in ocr.open_sources([file]):
            page = reader.read(image.data, dpi=image.dpi)
            gathering.add(page.read, ocr.look_at(page.visible))
            texts.append(page.read.text)
    return ReadPaper(gathering.found(), "\n".join(texts), len(texts))


def as_json(stamped: list[Stamped]) -> str:
    """The outcome as a list that programs read."""
    return json.dumps([one.to_dict() for one in stamped], ensure_ascii=False, indent=2)
