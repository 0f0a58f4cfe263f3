"""A painting as PDF objects and operators (ảnh của trang trong tệp PDF): image XObjects, painted in order.

One-bit inks are stencil masks (ISO 32000-1, 8.9.6.2) painted in the colour of their ink: no transparency, so
that PDF/A-1 takes them, too. Letters come again and again, and so do the codes of T.6 for them: deflated, a
page of print loses another twentieth.
"""

import zlib
from typing import TYPE_CHECKING

from ocr.pdf.layers import Coding, Ink, Layer, Painting, Picture

if TYPE_CHECKING:
    import pikepdf

POINTS_PER_INCH = 72
_MOST_DEFLATED = 9
_SECOND_FILTER_BYTES = 32


def number(value: float, decimals: int = 5) -> str:
    """A real number as PDF writes it: no exponent, `decimals` at most."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"


def paint_operators(painting: Painting) -> list[str]:
    """The operators that paint the images /I0, /I1, … of `painting` in their places, points upwards."""
    return [_painted(layer, f"/I{index}", painting) for index, layer in enumerate(painting.layers)]


def image_objects(pdf: "pikepdf.Pdf", painting: Painting) -> "dict[str, pikepdf.Object]":
    """The image XObjects of `painting`, made in `pdf`, by name."""
    return {
        f"/I{index}": pdf.make_indirect(_image(pdf, layer)) for index, layer in enumerate(painting.layers)
    }


def _painted(layer: Layer, name: str, painting: Painting) -> str:
    points = POINTS_PER_INCH / painting.dpi
    left, top, right, bottom = layer.box
    matrix = [(right - left) * points, 0, 0, (bottom - top) * points, left * points]
    matrix.append((painting.height_px - bottom) * points)
    colour = ""
    if isinstance(layer, Ink):
        colour = " ".join(number(part / 255) for part in layer.colour) + " rg "
    return f"q {colour}{' '.join(number(value) for value in matrix)} cm {name} Do Q"


def _image(pdf: "pikepdf.Pdf", layer: Layer) -> "pikepdf.Stream":
    from pikepdf import Name, Stream

    image = Stream(pdf, layer.data)
    image.Type = Name.XObject
    image.Subtype = Name.Image
    image.Width, image.Height = layer.width, layer.height
    if isinstance(layer, Ink):
        _as_stencil(image, layer)
    else:
        _as_picture(image, layer)
    return image


def _as_stencil(image: "pikepdf.Stream", layer: Ink) -> None:
    from pikepdf import Array, Dictionary, Name

    image.ImageMask = True
    image.BitsPerComponent = 1
    # T.6 data in which ink is 1: BlackIs1 keeps it 1, and the mask paints where it reads 1.
    image.Decode = Array([1, 0])
    parameters = Dictionary(K=-1, Columns=layer.width, Rows=layer.height, BlackIs1=True)
    deflated = zlib.compress(layer.data, _MOST_DEFLATED)
    if len(deflated) + _SECOND_FILTER_BYTES < len(layer.data):
        filters, all_parameters = [Name.FlateDecode, Name.CCITTFaxDecode], [None, parameters]
        image.write(deflated, filter=Array(filters), decode_parms=Array(all_parameters))
    else:
        image.write(layer.data, filter=Name.CCITTFaxDecode, decode_parms=parameters)


def _as_picture(image: "pikepdf.Stream", layer: Picture) -> None:
    from pikepdf import Dictionary, Name

    image.BitsPerComponent = 8
    image.ColorSpace = Name.DeviceGray if layer.components == 1 else Name.DeviceRGB
    if layer.coding is Coding.JPEG:
        image.Filter = Name.DCTDecode
        return
    image.Filter = Name.FlateDecode
    image.DecodeParms = Dictionary(
        Predictor=15, Colors=layer.components, BitsPerComponent=8, Columns=layer.width
    )
