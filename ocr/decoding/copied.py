"""A page of somebody else's PDF taken over as it is (giữ nguyên trang PDF), where PDF/A lets it be.

Its text, lines and images stay what they are: nothing is drawn, nothing is compressed again.
"""

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pikepdf

_TEXT_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_TEXT_STATE = frozenset({"BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tr", "Tz", "Tc", "Tw", "TL", "Ts"})
_INVISIBLE = 3
_KEPT_KEYS = frozenset({"/Type", "/Parent", "/MediaBox", "/CropBox", "/Resources", "/Contents"})
_MOST_OPERATORS = 400_000


def copied_page(source: "pikepdf.Pdf", index: int, flavour: str, *, with_text: bool) -> bytes | None:
    """Page `index` of `source` as a PDF of its own that conforms to `flavour` once its metadata do; None when
    it can't be taken over: turned, cropped, transparent, fonts not embedded, …

    Without `with_text` the words without ink that lie over it are left out. Annotations stay behind in
    either case: a page that shows any is to be drawn.
    """
    import pikepdf
    from pikepdf import pdfa

    page = source.pages[index]
    if not _is_plain(page):
        return None
    with pikepdf.new() as alone:
        alone.pages.append(page)
        own = alone.pages[0]
        for key in [key for key in own.obj.keys() if key not in _KEPT_KEYS]:  # noqa: SIM118
            del own.obj[key]
        own.obj.Resources = own.resources
        if not with_text and not _strip_invisible_text(alone, own):
            return None
        pdfa.prepare(alone, flavour)
        if not pdfa.check(alone, flavour).passed:
            return None
        # What belongs to the whole file is made anew for the whole file.
        for key in ("/OutputIntents", "/Metadata"):
            if key in alone.Root:
                del alone.Root[key]
        written = io.BytesIO()
        alone.save(written, static_id=True)
    return written.getvalue()


def _is_plain(page: "pikepdf.Page") -> bool:
    """Upright, uncropped, without annotations, its lower left corner at the origin."""
    box = [float(value) for value in page.mediabox]
    crop = [float(value) for value in page.cropbox]
    turned = int(page.obj.get("/Rotate", 0)) % 360
    shown = page.obj.get("/Annots")
    annotated = shown is not None and len(shown) > 0
    return not turned and not annotated and box == crop and box[:2] == [0, 0] and "/UserUnit" not in page.obj


def _strip_invisible_text(pdf: "pikepdf.Pdf", page: "pikepdf.Page") -> bool:
    """Takes words shown in rendering mode 3 out of the page; False when the content can't be understood."""
    import pikepdf

    instructions = pikepdf.parse_content_stream(page)
    if len(instructions) > _MOST_OPERATORS:
        return False
    kept: list[Any] = []
    mode, stack = 0, []
    for instruction in instructions:
        name = str(instruction.operator)
        if name == "q":
            stack.append(mode)
        elif name == "Q" and stack:
            mode = stack.pop()
        elif name == "Tr":
            mode = int(instruction.operands[0])
        if name in _TEXT_SHOWING and mode == _INVISIBLE:
            continue
        kept.append(instruction)
    if not any(str(instruction.operator) in _TEXT_SHOWING for instruction in kept):
        kept = [instruction for instruction in kept if str(instruction.operator) not in _TEXT_STATE]
        if "/Font" in page.obj.Resources:
            del page.obj.Resources["/Font"]
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))
    return True
