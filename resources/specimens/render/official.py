"""Made-up administrative papers in any number, with the truth of their fields (văn bản hành chính ví dụ).

Each is drawn from lists by its number, so the same number always gives the same paper. Bodies cite other
papers' numbers and dates, as real ones do. Nobody named here exists.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

from PIL import Image

from resources.specimens.render import cells, ink, wear
from resources.specimens.render import official_words as words
from resources.specimens.render.ink import Seal, Signature
from resources.specimens.render.paper import Face, Page, print_page, width_mm
from resources.specimens.render.pen import BLACK, BLUE, Written
from resources.specimens.render.pen import write as write_by_hand
from resources.specimens.render.setting import CellLine, Margins, Setter
from resources.specimens.render.wear import Wear


@dataclass(frozen=True)
class Official:
    """A paper: the truth of its fields by name, its printed sides with ink, and what a pen wrote.

    `by_hand` names the fields that are written by hand, whose truth is that nobody can know them.
    """

    number: int
    truth: dict[str, str]
    by_hand: frozenset[str]
    sides: tuple[Page, ...]
    marks: tuple[tuple[Seal | Signature, ...], ...]
    written: tuple[Written, ...]
    wear: Wear
    dpi: int

    def images(self) -> list[Image.Image]:
        """The scanned sides, RGB at `dpi`."""
        result = []
        for at, (side, marks) in enumerate(zip(self.sides, self.marks, strict=True)):
            sheet = print_page(side, self.dpi)
            for mark in marks:
                sheet = ink.lay(sheet, mark, self.dpi)
            for one in self.written if at == 0 else ():
                sheet = write_by_hand(sheet, one, self.dpi)
            result.append(wear.scan(sheet, replace(self.wear, seed=self.wear.seed + at), dpi=self.dpi))
        return result

    def jpegs(self) -> list[bytes]:
        """The scanned sides as files."""
        return [wear.jpeg(image, self.wear.quality, self.dpi) for image in self.images()]


@dataclass
class _Draft:
    """What is decided of a paper while it is put together."""

    rng: random.Random
    truth: dict[str, str] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)


@dataclass(frozen=True)
class _Issuer:
    parent: str
    lines: tuple[str, ...]
    short: str
    place: str
    authority: tuple[str, ...]
    position: str

    @property
    def name(self) -> str:
        return " ".join(self.lines)


def official(number: int) -> Official:
    """The paper of this number, from 0 on."""
    draft = _Draft(random.Random(f"official {number}"))  # noqa: S311 - papers, no secrets
    rng = draft.rng
    issuer = _issuer(rng)
    kind, short = rng.choice(words.KINDS)
    notation = (
        f"{short}-{issuer.short}" if short else f"{issuer.short}-{rng.choice(('VX', 'KT', 'NC', 'TH'))}"
    )
    face = Face(14)
    sheet = Setter(Margins(top_mm=rng.uniform(20, 25), bottom_mm=20, left_mm=30, right_mm=17), face, 1.24)
    hand = rng.random() < 0.22
    figure = f"{rng.choice((rng.randint(1, 9), rng.randint(10, 99), rng.randint(100, 4800))):02d}"
    subject = _subject(rng, issuer)
    letter = "" if short else subject
    _header(draft, sheet, issuer, figure=figure, notation=notation, letter=letter, hand=hand)
    draft.truth |= {"kind": kind, "notation": notation, "agency": issuer.name, "place": issuer.place}
    if issuer.parent:
        draft.truth["parent"] = issuer.parent
    if short:
        sheet.gap(4)
        sheet.centred(CellLine(kind.upper(), Face(14, bold=True)))
        _subject_lines(sheet, f"Về việc {subject}")
    draft.truth["subject"] = subject[0].upper() + subject[1:]
    if kind in ("Công văn", "Tờ trình", "Báo cáo"):
        sheet.gap(3)
        addressee = rng.choice(("Ủy ban nhân dân tỉnh", "Sở Tư pháp", "Hội đồng nhân dân tỉnh"))
        draft.truth["addressees"] = addressee
        sheet.centred(CellLine(f"Kính gửi: {addressee}", face))
    sheet.gap(3)
    sides, marks = _body(draft, sheet, issuer, kind)
    return Official(
        number=number,
        truth=draft.truth,
        by_hand=frozenset(draft.by_hand),
        sides=tuple(sides),
        marks=tuple(marks),
        written=tuple(draft.written),
        wear=_wear(rng, number),
        dpi=rng.choice((200, 300, 300)),
    )


def _issuer(rng: random.Random) -> _Issuer:
    province, commune = rng.choice(words.PROVINCES), rng.choice(words.COMMUNES)
    place = commune
    every = (
        _Issuer(
            "",
            ("ỦY BAN NHÂN DÂN", f"XÃ {commune.upper()}"),
            "UBND",
            place,
            ("TM. ỦY BAN NHÂN DÂN",),
            "CHỦ TỊCH",
        ),
        _Issuer(
            "",
            ("ỦY BAN NHÂN DÂN", f"TỈNH {province.upper()}"),
            "UBND",
            province,
            ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"),
            "PHÓ CHỦ TỊCH",
        ),
        _Issuer(
            f"UBND TỈNH {province.upper()}",
            ("SỞ TƯ PHÁP",),
            "STP",
            province,
            ("KT. GIÁM ĐỐC",),
            "PHÓ GIÁM ĐỐC",
        ),
        _Issuer(
            f"UBND TỈNH {province.upper()}",
            ("SỞ NÔNG NGHIỆP", "VÀ MÔI TRƯỜNG"),
            "SNNMT",
            province,
            (),
            "GIÁM ĐỐC",
        ),
        _Issuer(f"UBND XÃ {commune.upper()}", ("VĂN PHÒNG",), "VP", place, (), "CHÁNH VĂN PHÒNG"),
        _Issuer("HỘI ĐỒNG NHÂN DÂN", (), "HĐND", place, (), "CHỦ TỊCH"),
    )
    chosen = rng.choice(every)
    if not chosen.lines:
        return replace(
            chosen,
            parent="",
            lines=("HỘI ĐỒNG NHÂN DÂN", f"XÃ {commune.upper()}"),
            authority=("TM. HỘI ĐỒNG NHÂN DÂN",),
        )
    return chosen


def _subject(rng: random.Random, issuer: _Issuer) -> str:
    text = rng.choice(words.SUBJECTS)
    return f"{text} {issuer.place}" if text.endswith("địa bàn") else text


def _header(
    draft: _Draft, sheet: Setter, issuer: _Issuer, *, figure: str, notation: str, letter: str, hand: bool
) -> None:
    rng = draft.rng
    blank = "         " if hand else f" {figure}"
    wide = " " if hand or rng.random() < 0.25 else ""
    left = [CellLine(issuer.parent, Face(13))] if issuer.parent else []
    left += [CellLine(line, Face(13, bold=True)) for line in issuer.lines[:-1]]
    left.append(CellLine(issuer.lines[-1], Face(13, bold=True), rule=0.4))
    numbered = f"Số:{blank}{wide}/{notation}"
    left.append(CellLine(numbered, Face(13), gap_mm=1.5))
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.choice((2024, 2025, 2026))
    dated_by_hand = hand and rng.random() < 0.6
    shown = "      " if dated_by_hand else f"{day:02d}"
    worded = f"{month:02d}" if month < 3 else str(month)
    place_and_date = f"{issuer.place}, ngày {shown} tháng {worded} năm {year}"
    pad = 1.5 + (len(left) - 3) * Face(13).size_mm * sheet.leading
    right = [*cells.NATION, CellLine(place_and_date, Face(13, italic=True), gap_mm=max(pad, 0.5))]
    top = sheet.y_mm
    if letter:
        told = f"V/v {letter}"
        left += [CellLine(line, Face(12)) for line in _broken(told, Face(12), 66.0)]
    sheet.cells(left, right)
    draft.truth["number"] = figure
    draft.truth["date"] = f"{day:02d}/{month:02d}/{year}"
    if hand:
        draft.by_hand.add("number")
        draft.written.append(_written(draft, sheet.page(), numbered, after="Số:", digits=figure, top=top))
    if dated_by_hand:
        draft.by_hand.add("date")
        draft.written.append(
            _written(draft, sheet.page(), place_and_date, after="ngày", digits=f"{day:02d}", top=top)
        )


def _written(draft: _Draft, page: Page, text: str, *, after: str, digits: str, top: float) -> Written:
    """A pen's digits in the gap behind `after` in the line that says `text`."""
    line = next(line for line in page.lines if line.baseline_mm > top and line.text == " ".join(text.split()))
    face = line.runs[0].face
    x = line.x_mm + width_mm(text[: text.index(after) + len(after)], face) + 0.6
    return Written(
        digits,
        x,
        line.baseline_mm + draft.rng.uniform(-0.4, 0.5),
        height_mm=draft.rng.uniform(3.4, 5.0) if len(digits) < 4 else draft.rng.uniform(3.0, 3.6),
        pen_mm=draft.rng.uniform(0.28, 0.6),
        colour=draft.rng.choice((BLACK, BLACK, BLUE)),
        seed=draft.rng.randint(1, 10**6),
    )


def _broken(text: str, face: Face, room_mm: float) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width_mm(longer, face) <= room_mm:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _subject_lines(sheet: Setter, text: str) -> None:
    face = Face(14, bold=True)
    lines = _broken(text, face, sheet.width_mm - 14)
    for line in lines[:-1]:
        sheet.centred(CellLine(line, face))
    sheet.centred(CellLine(lines[-1], face, rule=0.35))


def _body(
    draft: _Draft, sheet: Setter, issuer: _Issuer, kind: str
) -> tuple[list[Page], list[tuple[Seal | Signature, ...]]]:
    """The text, then recipients and signature, on the first page or on a second one."""
    rng = draft.rng
    if kind in ("Quyết định", "Nghị quyết"):
        for text in words.BODY:
            sheet.paragraph(text, face=Face(14, italic=True))
        sheet.centred(CellLine(f"{kind.upper()}:", Face(14, bold=True), gap_mm=1.0))
    chosen = rng.sample(words.ARTICLES, rng.randint(1, 3))
    for at, text in enumerate(chosen, start=1):
        sheet.paragraph(f"{'Điều ' if kind == 'Quyết định' else ''}{at}. {text}")
    if sheet.y_mm < 215 and rng.random() < 0.85:
        mark = _close(draft, sheet, issuer)
        return [sheet.page()], [mark]
    second = Setter(sheet.margins, sheet.face, sheet.leading)
    second.page_number(2)
    second.paragraph(rng.choice(words.ARTICLES))
    mark = _close(draft, second, issuer)
    return [sheet.page(), second.page()], [(), mark]


def _close(draft: _Draft, sheet: Setter, issuer: _Issuer) -> tuple[Seal | Signature, ...]:
    rng = draft.rng
    name = f"{rng.choice(words.SURNAMES)} {rng.choice(words.MIDDLE)} {rng.choice(words.GIVEN)}"
    people = rng.sample(
        (
            "- Như trên;",
            "- Thường trực HĐND tỉnh;",
            "- Các phòng, ban chuyên môn;",
            "- Trung tâm Phục vụ hành chính công;",
        ),
        rng.randint(1, 3),
    )
    people.append(f"- Lưu: VT, {rng.choice(('TH', 'NC', 'KT', 'VX'))}.")
    sheet.gap(3)
    room = 28.0
    deep = len(issuer.authority) + 1
    pen = cells.signature(
        sheet,
        cells.recipients(people, beside=Face(14), leading=sheet.leading),
        [*issuer.authority, issuer.position],
        name,
        room_mm=room,
    )
    if issuer.authority:
        draft.truth["authority"] = "\n".join(issuer.authority)
    draft.truth |= {
        "position": issuer.position,
        "signer": name,
        "recipients": "\n".join(line.strip("- ;.") for line in people),
    }
    x = 30 + 163 * 0.48 + 163 * 0.26
    if rng.random() < 0.15:
        return ()
    return (
        Signature(x + 4, pen, seed=rng.randint(1, 10**6)),
        Seal(
            issuer.name[:30],
            "★ VÍ DỤ ★",
            ("VÍ DỤ",),
            x_mm=x - rng.uniform(14, 22),
            y_mm=pen - rng.uniform(0, 2.0 * deep),
            diameter_mm=35,
            seed=rng.randint(1, 10**6),
            turn_deg=rng.uniform(-12, 12),
        ),
    )


def _wear(rng: random.Random, number: int) -> Wear:
    return Wear(
        seed=1000 + 7 * number,
        skew_deg=rng.uniform(-2.2, 2.2),
        blur_px=rng.uniform(0.5, 1.0),
        tint=rng.choice(((252, 250, 244), (255, 255, 255), (246, 240, 226), (240, 244, 248))),
        texture=rng.uniform(0.4, 1.6),
        noise=rng.uniform(0.8, 4.0),
        shadow=rng.choice((0.0, 0.0, 12.0)),
        quality=rng.choice((75, 85, 90)),
    )
