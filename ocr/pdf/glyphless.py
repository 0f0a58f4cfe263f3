"""A font without ink for the text layer (phông chữ không nét).

Every character of a document gets a number (CID) of its own in the order of appearance; all of them show
the same empty glyph, 500/1000 em wide, and ToUnicode says which character each one means (ISO 32000-1, 9.7
and 9.10.3). Glyph 0, .notdef, is never shown: PDF/A forbids it (ISO 19005-2, 6.2.11.8).
"""

import functools
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

NAME = "SohoaGlyphless"
EM = 1000
ADVANCE = 500
"""Width of every glyph in thousandths of the font size."""
ASCENT, DESCENT = 800, -200
_FONT_DATE = 3_786_912_000
# 1 January 2024 in seconds since 1904: a fixed date makes the same bytes every time.
_MOST_CHARACTERS = 0xFFFE
_REPLACEMENT = "\ufffd"


class Characters:
    """The numbers given to characters, growing as pages come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def encode(self, text: str) -> bytes:
        """`text` as the two-byte codes of Identity-H."""
        return b"".join(self._number(letter).to_bytes(2, "big") for letter in text)

    def in_order(self) -> list[str]:
        """The characters numbered 1, 2, 3, …"""
        return list(self._numbers)

    def _number(self, letter: str) -> int:
        if letter not in self._numbers and len(self._numbers) >= _MOST_CHARACTERS - 1:
            letter = _REPLACEMENT
        return self._numbers.setdefault(letter, len(self._numbers) + 1)


def font_dictionary(pdf: "pikepdf.Pdf", characters: Characters) -> "pikepdf.Dictionary":
    """The Type 0 font for `characters`, its streams made in `pdf`."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name

    program = font_program()
    font_file = pdf.make_stream(program, Length1=len(program))
    letters = characters.in_order()
    glyph_of_cid = pdf.make_stream(b"\0\0" + b"\0\1" * len(letters))
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(f"/{NAME}"),
        # Symbolic: the characters aren't those of the standard Latin set.
        Flags=4,
        FontBBox=Array([0, DESCENT, ADVANCE, ASCENT]),
        ItalicAngle=0,
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=700,
        StemV=80,
        FontFile2=font_file,
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(f"/{NAME}"),
        CIDSystemInfo=Dictionary(
            Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
        ),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=ADVANCE,
        CIDToGIDMap=glyph_of_cid,
    )
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name(f"/{NAME}"),
        Encoding=Name("/Identity-H"),
        DescendantFonts=Array([pdf.make_indirect(descendant)]),
        ToUnicode=pdf.make_stream(to_unicode(letters)),
    )


@functools.cache
def font_program() -> bytes:
    """The TrueType program: .notdef and one empty glyph. The same bytes every time."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    builder = FontBuilder(EM, isTTF=True)
    glyphs = [".notdef", "empty"]
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({0x20: "empty"})
    builder.setupGlyf({name: Glyph() for name in glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (ADVANCE, 0)))
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": NAME, "styleName": "Regular", "psName": NAME})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT, usWinAscent=ASCENT, usWinDescent=-DESCENT)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = _FONT_DATE
    builder.font.recalcTimestamp = False
    written = io.BytesIO()
    builder.font.save(written)
    return written.getvalue()


def to_unicode(letters: list[str]) -> bytes:
    """The CMap that gives CID 1, 2, 3, … the `letters` (Adobe Technical Note 5411)."""
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    pairs = [
        f"<{cid:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for cid, letter in enumerate(letters, 1)
    ]
    for start in range(0, len(pairs), 100):
        some = pairs[start : start + 100]
        lines += [f"{len(some)} beginbfchar", *some, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode("ascii")
