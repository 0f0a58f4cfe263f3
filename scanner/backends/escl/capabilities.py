"""What an eSCL device says it can do, read from ScannerCapabilities (năng lực của máy)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from scanner.backends.escl import documents, features
from scanner.backends.escl.makers import maker_and_model
from scanner.contract import MM_PER_INCH, Capabilities, ColorMode, DeviceOption, Source
from scanner.errors import ScanError, ScanFault

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

UNITS_PER_INCH = 300
"""Lengths in eSCL are in 1/300 inch."""

LONGEST = 400 * UNITS_PER_INCH
"""No scanner takes ten metres of paper; the longest feeder known takes 122 inches."""

USUAL_RESOLUTIONS = (75, 100, 150, 200, 240, 300, 400, 600, 1200)
"""What is shown of a range, in dpi."""

LARGEST_RESOLUTION = 19_200

MODE_NAMES = MappingProxyType(
    {
        ColorMode.COLOR: "RGB24",
        ColorMode.GREY: "Grayscale8",
        ColorMode.BITONAL: "BlackAndWhite1",
    }
)
_MODE_OF = {name: mode for mode, name in MODE_NAMES.items()}
_VERSION = re.compile(r"\d{1,3}(\.\d{1,4})?")

JPEG = "image/jpeg"
VIRTUAL_MODEL = "Sohoa Virtual"


@dataclass(frozen=True)
class Span:
    """A range of resolutions in dpi."""

    least: int
    most: int
    step: int

    def holds(self, dpi: int) -> bool:
        """Whether the device takes this one."""
        return self.least <= dpi <= self.most and (dpi - self.least) % self.step == 0


@dataclass(frozen=True)
class Offer:
    """Modes that a source does as JPEG, and at which dpi; `named_twice` wants the format in two elements."""

    modes: frozenset[ColorMode]
    resolutions: tuple[int, ...]
    spans: tuple[Span, ...]
    named_twice: bool


@dataclass(frozen=True)
class Tray:
    """One source of paper: its area in 1/300 inch and what it offers."""

    min_width: int
    max_width: int
    min_height: int
    max_height: int
    offers: tuple[Offer, ...]

    @property
    def modes(self) -> frozenset[ColorMode]:
        """The modes that can be had at any resolution."""
        return frozenset(mode for mode in ColorMode if self.resolutions(mode))

    def resolutions(self, mode: ColorMode) -> tuple[int, ...]:
        """Those to show for a mode, in dpi, sorted."""
        found = {dpi for offer in self.offers if mode in offer.modes for dpi in offer.resolutions}
        spans = [span for offer in self.offers if mode in offer.modes for span in offer.spans]
        return tuple(sorted(found.union(*([d for d in USUAL_RESOLUTIONS if s.holds(d)] for s in spans))))

    def resolution_for(self, mode: ColorMode, dpi: int) -> tuple[int, Offer] | None:
        """`dpi` itself or the next finer one that the device has, with its offer; None for neither."""
        for offer in self.offers:
            if mode in offer.modes and (
                dpi in offer.resolutions or any(span.holds(dpi) for span in offer.spans)
            ):
                return dpi, offer
        finer = next((other for other in self.resolutions(mode) if other > dpi), None)
        return self.resolution_for(mode, finer) if finer else None


@dataclass(frozen=True)
class Description:
    """A device as it describes itself."""

    version: str
    maker: str
    model: str
    serial: str | None
    uuid: str | None
    trays: Mapping[Source, Tray]
    options: tuple[DeviceOption, ...]
    virtual: bool

    @property
    def detects_paper(self) -> bool:
        """Whether its feeder tells that paper lies in it."""
        return any(option.name == features.PAPER_LOADED for option in self.options)

    def capabilities(self, options: tuple[DeviceOption, ...]) -> Capabilities:
        """The contract's view: what any source can do, with the options as they are now."""
        trays = self.trays.values()
        return Capabilities(
            sources=tuple(source for source in Source if source in self.trays),
            modes=tuple(mode for mode in ColorMode if any(mode in tray.modes for tray in trays)),
            resolutions=tuple(
                sorted({dpi for tray in trays for mode in tray.modes for dpi in tray.resolutions(mode)})
            ),
            max_width_mm=max((_mm(tray.max_width) for tray in trays), default=0.0),
            max_height_mm=max((_mm(tray.max_height) for tray in trays), default=0.0),
            options=options,
        )


def read_description(body: bytes) -> Description:
    """Reads a ScannerCapabilities document.

    A source that gives no JPEG, or tells no resolution that is the same both ways, is left out.
    Raises ScanError `scan.bad-answer` for anything else, or for areas that no paper has.
    """
    root = documents.parse(body, "ScannerCapabilities")
    line = documents.text(root, "MakeAndModel")
    told_model = documents.text(root, "ModelName")
    maker, model = maker_and_model(line or told_model, documents.text(root, "Manufacturer"), told_model)
    version = documents.text(root, "Version")
    inputs = _inputs(root)
    profiles = _named_profiles(root)
    trays = {source: _tray(element, profiles) for source, element in inputs.items()}
    return Description(
        version=version if _VERSION.fullmatch(version) else "2.0",
        maker=maker,
        model=model,
        serial=documents.text(root, "SerialNumber") or None,
        uuid=read_uuid(documents.text(root, "UUID")),
        trays=MappingProxyType({source: tray for source, tray in trays.items() if tray.modes}),
        options=features.read(root, inputs.values()),
        virtual=line.startswith(VIRTUAL_MODEL),
    )


def read_uuid(told: str) -> str | None:
    """A UUID in its usual writing, with or without `urn:uuid:`; None for anything else."""
    try:
        return str(uuid.UUID(told.strip()))
    except ValueError:
        return None


def _mm(units: int) -> float:
    return round(units * MM_PER_INCH / UNITS_PER_INCH, 1)


def _inputs(root: Element) -> dict[Source, Element]:
    """The part of each source. A feeder that does both sides may describe them in one part."""
    simplex = documents.child(root, "Adf", "AdfSimplexInputCaps")
    duplex = documents.child(root, "Adf", "AdfDuplexInputCaps")
    if duplex is None and "Duplex" in features.adf_options(root):
        duplex = simplex
    found = {
        Source.FLATBED: documents.child(root, "Platen", "PlatenInputCaps"),
        Source.FEEDER: simplex,
        Source.DUPLEX: duplex,
    }
    return {source: element for source, element in found.items() if element is not None}


def _named_profiles(root: Element) -> dict[str, Element]:
    """Profiles that stand at the top and are only referred to by the sources."""
    return {
        name: profile
        for profile in documents.children(documents.child(root, "SettingProfiles"), "SettingProfile")
        if (name := _attribute(profile, "name"))
    }


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rsplit("}", 1)[-1] == name), "")


def _tray(element: Element, named: Mapping[str, Element]) -> Tray:
    min_width, max_width, min_height, max_height = (
        documents.number(element, part) for part in ("MinWidth", "MaxWidth", "MinHeight", "MaxHeight")
    )
    width, height = _extent(min_width, max_width), _extent(min_height, max_height)
    profiles = documents.children(documents.child(element, "SettingProfiles"), "SettingProfile")
    offers = (
        offer
        for profile in profiles
        for offer in _offers(named.get(_attribute(profile, "ref"), profile))
        if offer.modes and (offer.resolutions or offer.spans)
    )
    return Tray(*width, *height, tuple(offers))


def _extent(least: int | None, most: int | None) -> tuple[int, int]:
    if most is None or not 0 < most <= LONGEST or not 0 <= (least or 0) <= most:
        raise ScanError(ScanFault.BAD_ANSWER, what="size")
    return max(least or 0, 1), most


def _offers(profile: Element) -> Iterable[Offer]:
    formats, formats_again = (
        {documents.text_of(told).lower() for told in documents.descendants(profile, name)}
        for name in ("DocumentFormat", "DocumentFormatExt")
    )
    if (formats or formats_again) and JPEG not in formats | formats_again:
        return
    modes = _modes(documents.child(profile, "ColorModes"))
    for resolutions in documents.children(profile, "SupportedResolutions"):
        own = _modes(resolutions)
        yield Offer(
            modes=own & modes if own else modes,
            resolutions=tuple(sorted(_discrete(resolutions))),
            spans=tuple(_spans(resolutions)),
            named_twice=JPEG in formats_again,
        )


def _modes(element: Element | None) -> frozenset[ColorMode]:
    names = (documents.text_of(mode) for mode in documents.children(element, "ColorMode"))
    return frozenset(_MODE_OF[name] for name in names if name in _MODE_OF)


def _discrete(resolutions: Element) -> Iterable[int]:
    """Those that are the same both ways: a page with other pixels than squares is no picture of the paper."""
    for pair in documents.descendants(resolutions, "DiscreteResolution"):
        across, down = documents.number(pair, "XResolution"), documents.number(pair, "YResolution")
        if across is not None and across == down and 0 < across <= LARGEST_RESOLUTION:
            yield across


def _spans(resolutions: Element) -> Iterable[Span]:
    for both in documents.descendants(resolutions, "ResolutionRange"):
        across, down = (
            tuple(documents.number(both, axis, part) for part in ("Min", "Max", "Step"))
            for axis in ("XResolutionRange", "YResolutionRange")
        )
        least, most, step = across
        if least is None or most is None or across != down or not 0 < least <= most <= LARGEST_RESOLUTION:
            continue
        yield Span(least, most, max(step or 1, 1))
