"""Options of an eSCL device beside source, mode, dpi and area: told, checked, and written (tùy chọn)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.backends.escl import documents
from scanner.contract import DeviceOption, OptionKind, OptionValue, Unit
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

PAPER_LOADED = "page-loaded"
"""The sensor of the feeder, where the device has one."""

NUMBERS = (
    ("brightness", "Brightness", "Brightness"),
    ("compression", "Compression factor", "CompressionFactor"),
    ("contrast", "Contrast", "Contrast"),
    ("gamma", "Gamma", "Gamma"),
    ("highlight", "Highlight", "Highlight"),
    ("noise-removal", "Noise removal", "NoiseRemoval"),
    ("shadow", "Shadow", "Shadow"),
    ("sharpen", "Sharpening", "Sharpen"),
    ("threshold", "Threshold", "Threshold"),
)
"""Name, title, and element: the range stands in `<element>Support`, the value goes into `<element>`."""

SWITCHES = (
    ("auto-crop", "Crop to the paper", "AutoCrop"),
    ("auto-exposure", "Automatic exposure", "AutoExposure"),
    ("blank-page-detection", "Blank page detection", "BlankPageDetection"),
)
"""Name, title, and element, which says `true` where the device can do it and where it shall."""

CHOICES = (
    ("intent", "Purpose", "Intent", ("SupportedIntents",), ("Intent", "SupportedIntent")),
    (
        "feed-direction",
        "Feed direction",
        "FeedDirection",
        ("FeedDirections",),
        ("FeedDirection", "FeedDirections"),
    ),
)
"""Name, title, element to set, where the choices stand, and what devices call one of them."""

MULTIPICK = "multipick-detection"
SINGLE_PAGE = "select-single-page"

_ADF_OPTIONS = {
    "MultipickDetection": (MULTIPICK, "Multifeed detection", "MultipickDetection"),
    "SelectSinglePage": (SINGLE_PAGE, "One sheet only", None),
}
"""Switches of the feeder. `select-single-page` has no element: we end the job after one sheet."""

_ELEMENT_OF = (
    {name: element for name, _, element in (*NUMBERS, *SWITCHES)}
    | {name: element for name, _, element, _, _ in CHOICES}
    | {MULTIPICK: "MultipickDetection"}
)

BEFORE_THE_REGION = frozenset({"intent"})
ORDER = (
    "feed-direction",
    MULTIPICK,
    *(name for name, _, _ in SWITCHES),
    *(name for name, _, _ in NUMBERS),
)
"""The order in which options follow `Duplex` in the job of a real device's own software."""


@dataclass(frozen=True)
class Setting:
    """One element of a job: its name, without the namespace, and its text."""

    element: str
    text: str


def read(root: Element, inputs: Iterable[Element]) -> tuple[DeviceOption, ...]:
    """What a device tells of its options in ScannerCapabilities; `inputs` are its sources' own parts."""
    sources = tuple(inputs)
    return (
        *(option for name, title, element in NUMBERS if (option := _number(root, name, title, element))),
        *(
            DeviceOption(name, title, OptionKind.SWITCH, value=False)
            for name, title, element in SWITCHES
            if documents.text(root, element).lower() == "true"
        ),
        *(option for row in CHOICES if (option := _choice(sources, *row))),
        *_of_the_feeder(root),
    )


def settings_for(
    offered: Iterable[DeviceOption], asked: Iterable[tuple[str, OptionValue]]
) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
    """The elements of a job for the options asked for: those before its region, those after its duplex.

    Raises ScanError `scan.unsupported` with `field` for one that the device doesn't have or can't take so.
    """
    known = {option.name: option for option in offered}
    texts: dict[str, str] = {}
    for name, value in asked:
        option = known.get(name)
        if option is None or not option.settable:
            raise ScanError(ScanFault.UNSUPPORTED, field=name)
        texts[name] = _as_text(option, value)
    early = tuple(Setting(_ELEMENT_OF[name], texts[name]) for name in BEFORE_THE_REGION if name in texts)
    late = tuple(Setting(_ELEMENT_OF[name], texts[name]) for name in ORDER if name in texts)
    return early, late


def _number(root: Element, name: str, title: str, element: str) -> DeviceOption | None:
    support = documents.child(root, f"{element}Support")
    least, most, now, step = (documents.number(support, part) for part in ("Min", "Max", "Normal", "Step"))
    if least is None or most is None or least >= most:
        return None
    if now is not None and not least <= now <= most:
        now = None
    return DeviceOption(
        name, title, OptionKind.NUMBER, Unit.NONE, now, least=least, most=most, step=max(step or 1, 1)
    )


def _choice(
    sources: tuple[Element, ...], name: str, title: str, _: str, path: tuple[str, ...], tags: tuple[str, ...]
) -> DeviceOption | None:
    found = dict.fromkeys(
        told
        for source in sources
        for choice in documents.child(source, *path) or ()
        if documents.local_name(choice) in tags and (told := documents.text_of(choice)).isalnum()
    )
    return DeviceOption(name, title, OptionKind.CHOICE, choices=tuple(found)) if len(found) > 1 else None


def _of_the_feeder(root: Element) -> Iterable[DeviceOption]:
    told = adf_options(root)
    for word, (name, title, _) in _ADF_OPTIONS.items():
        if word in told:
            yield DeviceOption(name, title, OptionKind.SWITCH, value=False)
    if "DetectPaperLoaded" in told:
        yield DeviceOption(PAPER_LOADED, "Paper in the feeder", OptionKind.SWITCH, settable=False)


def adf_options(root: Element) -> frozenset[str]:
    """The `AdfOption`s of a device, in its own words."""
    options = documents.child(root, "Adf", "AdfOptions")
    return frozenset(documents.text_of(option) for option in documents.children(options, "AdfOption"))


def _as_text(option: DeviceOption, value: OptionValue) -> str:
    """The value as eSCL writes it. Raises ScanError `scan.unsupported` where the option can't have it."""
    if option.kind is OptionKind.SWITCH and isinstance(value, bool):
        return str(value).lower()
    if option.kind is OptionKind.CHOICE and value in option.choices:
        return str(value)
    if option.kind is OptionKind.NUMBER and isinstance(value, int | float) and not isinstance(value, bool):
        least, most, step = option.least, option.most, option.step
        if least is not None and most is not None and step and least <= value <= most:
            return str(round(least + round((value - least) / step) * step))
    raise ScanError(ScanFault.UNSUPPORTED, field=option.name, wanted=value)
