"""Administrative papers of made-up offices, one for every seed (văn bản hành chính mẫu, NĐ 30/2020/NĐ-CP)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from resources.specimens.render import cells, words
from resources.specimens.render.dossier import Side
from resources.specimens.render.ink import Seal, Signature
from resources.specimens.render.paper import Face
from resources.specimens.render.setting import Margins, Setter
from resources.specimens.render.words import Invented

KINDS = (
    ("QUYẾT ĐỊNH", "QĐ"),
    ("THÔNG BÁO", "TB"),
    ("TỜ TRÌNH", "TTr"),
    ("BÁO CÁO", "BC"),
    ("KẾ HOẠCH", "KH"),
    ("GIẤY MỜI", "GM"),
    ("BIÊN BẢN", "BB"),
    ("", ""),
)
"""Type of paper and its abbreviation (NĐ 30/2020 Annex III); an official letter (công văn) has neither."""

_ROOM_MM = 28.0


@dataclass(frozen=True)
class Typed:
    """What stands on a paper, field by field, as it is printed; "" where the paper has no such cell."""

    number: str
    notation: str
    place: str
    issued: date
    parent: str
    issuer: str
    kind: str
    subject: str
    authority: str
    signer: str
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """One page of a paper: its print and ink, and the truth of its fields."""

    side: Side
    typed: Typed


def administrative_paper(seed: int, *, sealed: bool = True) -> Paper:
    """The paper number `seed`: header, type and subject, a full body, recipients, signature.

    `sealed`: a red seal over the signature and its titles, a second one over the body or the issuer's name
    (dấu treo), and a blue signature.
    """
    made = Invented(np.random.default_rng(seed))
    kind, abbreviation = KINDS[seed % len(KINDS)]
    size = float(made.rng.choice([13.0, 13.5, 14.0]))
    sheet = Setter(Margins(top_mm=22, bottom_mm=18), Face(size), float(made.rng.choice([1.22, 1.28, 1.34])))
    head = _head(made, abbreviation)
    # The width of the cell decides where an issuer's name breaks, as an office would break it.
    cells.header(
        sheet,
        parent=head.parent,
        issuer=_broken(head.issuer),
        number=f"Số: {head.number}/{head.notation}",
        place_and_date=f"{head.place}, ngày {head.issued.day:02} tháng "
        f"{_month(head.issued.month)} năm {head.issued.year}",
    )
    if kind:
        cells.title(sheet, kind)
        sheet.paragraph(f"Về việc {head.subject}", face=Face(14, bold=True), align="centre", after_mm=3)
    else:
        sheet.paragraph(f"V/v {head.subject}", face=Face(12), align="left", first_mm=0, after_mm=3)
        sheet.paragraph(
            f"Kính gửi: Ủy ban nhân dân xã {made.one(words.COMMUNES)}", align="centre", after_mm=3
        )
    titles, _ = words.TITLES[int(made.rng.integers(len(words.TITLES)))]
    _body(made, sheet, kind, room_mm=_ROOM_MM + 7.5 * len(titles) + 10)
    sheet.gap(3)
    pen = cells.signature(
        sheet,
        cells.recipients(head.recipients, beside=Face(14), leading=sheet.leading),
        titles,
        head.signer,
        room_mm=_ROOM_MM,
    )
    typed = replace(head, kind=kind, authority=titles[0] if "." in titles[0] else "")
    return Paper(Side(sheet.page(), _ink(made, head, pen) if sealed else ()), typed)


def _head(made: Invented, abbreviation: str) -> Typed:
    day, month, year = made.day()
    province, commune = made.one(words.PROVINCES), made.one(words.COMMUNES)
    if made.rng.random() < 0.6:
        parent, issuer, sign = "ỦY BAN NHÂN DÂN", f"XÃ {commune.upper()}", "UBND"
    else:
        issuer, sign, _ = words.DEPARTMENTS[int(made.rng.integers(len(words.DEPARTMENTS)))]
        parent, commune = "UBND TỈNH " + province.upper(), province
    number = int(made.rng.integers(1, 2000))
    unit = made.one(("VP", "NV", "KT", "VX", "ĐC"))
    lines = (
        "- Như trên;",
        f"- {made.one(('Thường trực Đảng ủy', 'Sở Nội vụ', 'Các phòng, ban'))};",
        f"- Lưu: VT, {unit}.",
    )
    return Typed(
        number=f"{number:02}",
        notation=f"{abbreviation}-{sign}" if abbreviation else f"{sign}-{unit}",
        place=commune,
        issued=date(year, month, day),
        parent=parent,
        issuer=issuer,
        kind="",
        subject=made.one(words.SUBJECTS),
        authority="",
        signer=made.person(),
        recipients=lines,
    )


def _body(made: Invented, sheet: Setter, kind: str, room_mm: float) -> None:
    """Grounds, articles or numbered paragraphs until only `room_mm` is left for the end of the page."""
    limit = 297 - sheet.margins.bottom_mm - room_mm - 3 * sheet.face.size_mm * sheet.leading
    if kind == "QUYẾT ĐỊNH":
        for ground in made.rng.permutation(len(words.GROUNDS))[:3]:
            if sheet.y_mm < limit:
                sheet.paragraph(words.GROUNDS[int(ground)], face=Face(sheet.face.size_pt, italic=True))
    article = 1
    while sheet.y_mm < limit:
        opening = f"*Điều {article}.* " if kind == "QUYẾT ĐỊNH" else f"{article}. "
        sheet.paragraph(opening + made.sentence())
        article += 1


def _ink(made: Invented, head: Typed, pen_mm: float) -> tuple[Seal | Signature, ...]:
    ring = f"{head.parent} {head.issuer}"
    signed = Signature(152, min(pen_mm, 270), seed=int(made.rng.integers(1000)))
    round_seal = Seal(
        ring[:34],
        "TỈNH MẪU",
        ("MẪU",),
        x_mm=float(made.rng.uniform(128, 140)),
        y_mm=min(pen_mm, 270) + float(made.rng.uniform(-5, 2)),
        turn_deg=float(made.rng.uniform(-12, 12)),
        seed=int(made.rng.integers(1000)),
    )
    second = Seal(
        ring[:34],
        "TỈNH MẪU",
        ("SAO Y",),
        x_mm=float(made.rng.uniform(50, 150)),
        y_mm=float(made.rng.choice([34.0, 120.0, 150.0])),
        turn_deg=float(made.rng.uniform(-20, 20)),
        seed=int(made.rng.integers(1000)),
    )
    return signed, round_seal, second


def _month(month: int) -> str:
    """January and February with a leading zero, as the decree asks."""
    return f"{month:02}" if month < 3 else str(month)


def _broken(issuer: str) -> tuple[str, ...]:
    """An issuer's name in lines that fit its cell."""
    if len(issuer) <= 22:
        return (issuer,)
    parts = issuer.split()
    return " ".join(parts[: len(parts) // 2 + 1]), " ".join(parts[len(parts) // 2 + 1 :])
