"""Liberation Serif, cut down to the letters in use and embedded as ISO 19005-2 §6.2.11 asks (phông chữ)."""

import io
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from resources import path as resource
from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    import pikepdf

_FILE = ("fonts", "LiberationSerif-Regular.ttf")
_ALWAYS = "0123456789:/+-.,_ ()ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAP_HEAD = (
    "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
    "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
)
_MAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


@dataclass(frozen=True)
class Face:
    """A subset of the font: its file, glyph numbers by character, advances in 1/1000 em by glyph number."""

    name: str
    file: bytes
    glyphs: dict[str, int]
    advances: tuple[int, ...]
    bounds: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int

    def width(self, text: str, size: float) -> float:
        """The width of `text` at `size` pt, in pt."""
        return sum(self.advances[self.glyphs[letter]] for letter in text) * size / 1000

    def shown(self, text: str) -> bytes:
        """The operand of Tj for `text`: glyph numbers in two bytes each."""
        numbers = "".join(f"{self.glyphs[letter]:04X}" for letter in text)
        return f"<{numbers}>".encode()


def face_for(*texts: str) -> Face:
    """The subset that can write `texts` (NFC). Raises `sign.glyph-missing` for an unknown character."""
    return _subset(frozenset("".join(texts) + _ALWAYS))


def normal(text: str) -> str:
    """NFC on one line: what the stamp prints."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=64)
def _subset(letters: frozenset[str]) -> Face:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(io.BytesIO(_whole_font()), recalcTimestamp=False)
    known = font.getBestCmap()
    missing = sorted(letter for letter in letters if ord(letter) not in known)
    if missing:
        raise SigningError(SigningFault.GLYPH_MISSING, character=f"U+{ord(missing[0]):04X}")
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, glyph_names=False)
    options.drop_tables += ["FFTM"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(letter) for letter in letters])
    cutter.subset(font)
    file = io.BytesIO()
    font.save(file)
    return _face(font, file.getvalue(), letters)


@lru_cache(maxsize=1)
def _whole_font() -> bytes:
    return resource(*_FILE).read_bytes()


def _face(font: Any, file: bytes, letters: frozenset[str]) -> Face:
    scale = 1000 / font["head"].unitsPerEm
    order = font.getGlyphOrder()
    chosen = font.getBestCmap()
    head, lines = font["head"], font["OS/2"]
    corners = (head.xMin, head.yMin, head.xMax, head.yMax)
    left, low, right, high = (round(edge * scale) for edge in corners)
    tag = _tag(letters)
    return Face(
        name=f"{tag}+LiberationSerif",
        file=file,
        glyphs={letter: font.getGlyphID(chosen[ord(letter)]) for letter in letters},
        advances=tuple(round(font["hmtx"][glyph][0] * scale) for glyph in order),
        bounds=(left, low, right, high),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        cap_height=round(getattr(lines, "sCapHeight", 0) * scale) or 660,
    )


def _tag(letters: frozenset[str]) -> str:
    """Six capitals naming the subset (ISO 32000-1 §9.6.4)."""
    import hashlib

    number = int.from_bytes(hashlib.sha256("".join(sorted(letters)).encode()).digest()[:4], "big")
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


def embedded(pdf: "pikepdf.Pdf", face: Face) -> "pikepdf.Object":
    """The font as a Type 0 font of `pdf` with its file, widths and Unicode map."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    program = pdf.make_stream(face.file, Length1=len(face.file))
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name("/" + face.name),
            Flags=4,
            FontBBox=Array(list(face.bounds)),
            ItalicAngle=0,
            Ascent=face.ascent,
            Descent=face.descent,
            CapHeight=face.cap_height,
            StemV=80,
            FontFile2=program,
        )
    )
    described = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + face.name),
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=descriptor,
        DW=1000,
        W=Array([0, Array(list(face.advances))]),
        CIDToGIDMap=Name.Identity,
    )
    whole: pikepdf.Object = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + face.name),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(described)]),
            ToUnicode=pdf.make_stream(_unicode_map(face)),
        )
    )
    return whole


def _unicode_map(face: Face) -> bytes:
    pairs = [
        f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>"
        for letter, glyph in sorted(face.glyphs.items(), key=lambda pair: pair[1])
    ]
    blocks = [
        f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n"
        for part in (pairs[start : start + 100] for start in range(0, len(pairs), 100))
    ]
    return (_MAP_HEAD + "".join(blocks) + _MAP_TAIL).encode()
