"""Scan profiles (cấu hình quét): what a kind of paper needs, fitted to what a device can do.

A profile is written in TOML, so that an office keeps its own and passes them on:

    [[profile]]
    name = "a4"
    title = "Giấy tờ thường"
    dpi = 300
    separation = { by = "codes", prefix = "SOHOA:TACH:1:" }
"""

from __future__ import annotations

import math
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache
from typing import Any, Literal

from scanner.contract import LEAST_DPI, Capabilities, ColorMode, OptionValue, ScanRequest, Source
from scanner.errors import ScanError, ScanFault
from scanner.fitting import Fitted, Wanted, fit
from scanner.separation import SeparateBy, Separation

Material = Literal["map", "photo"]
FINE_DPI = 300
"""Least resolution of maps, drawings and photographs (Thông tư 02/2019/TT-BNV)."""

LARGEST_FILE_BYTES = 1_000_000
_UNSPLIT = Separation()
_MOST_PROFILES = 500
_NAME_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_MOST_DPI = 2400
_MOST_MM = 5000.0


class BlankPolicy(StrEnum):
    """What is done about blank pages (trang trắng). None of these removes one."""

    MARK = "mark"
    """Blank pages are marked, and a person decides."""
    MARK_BACKS = "mark-backs"
    """Only blank backs are marked: a blank front is shown as any page."""
    IGNORE = "ignore"
    """No page is looked at for being blank."""


@dataclass(frozen=True)
class Profile:
    """One way of scanning (cấu hình quét). Lengths in mm, `brightness` in percent, −100 to 100.

    `name` is its key: small letters, digits and hyphens; `title` is what the clerk reads. `duplex` asks for
    both sides of what lies in the feeder. `multifeed` asks the device to stop on two sheets at once, to let
    them pass (False), or leaves it as it is (None). `options` are further options of the device by name. A
    `locked` profile is the administrator's: `changed` refuses.
    Raises ScanError `scan.profile-bad` with the fact `field`, `scan.resolution-too-low` below 200 dpi.
    """

    name: str
    title: str
    source: Source = Source.FEEDER
    duplex: bool = False
    mode: ColorMode = ColorMode.COLOR
    dpi: int = 300
    width_mm: float = 210
    height_mm: float = 297
    brightness: int = 0
    multifeed: bool | None = True
    blank_policy: BlankPolicy = BlankPolicy.MARK
    separation: Separation = _UNSPLIT
    options: tuple[tuple[str, OptionValue], ...] = ()
    locked: bool = False

    def __post_init__(self) -> None:
        if not 0 < len(self.name) <= 64 or not set(self.name) <= _NAME_LETTERS:
            raise _bad("name")
        object.__setattr__(self, "title", unicodedata.normalize("NFC", self.title))
        if not 0 < len(self.title) <= 100 or not self.title.isprintable():
            raise _bad("title")
        if self.source is Source.DUPLEX or (self.duplex and self.source is Source.FLATBED):
            raise _bad("source")
        if self.dpi < LEAST_DPI:
            raise ScanError(ScanFault.RESOLUTION_TOO_LOW, dpi=self.dpi, least=LEAST_DPI)
        if self.dpi > _MOST_DPI:
            raise _bad("dpi")
        for field in ("width_mm", "height_mm"):
            length: float = getattr(self, field)
            if not math.isfinite(length) or not 0 < length <= _MOST_MM:
                raise _bad(field)
        if not -100 <= self.brightness <= 100:
            raise _bad("brightness")

    def for_material(self, material: Material) -> Profile:
        """The same for a map, drawing or photograph: at least 300 dpi. A locked profile allows it."""
        if material not in ("map", "photo"):
            raise ValueError(f"no such material: {material!r}")
        return replace(self, dpi=max(self.dpi, FINE_DPI))

    def changed(self, **values: Any) -> Profile:
        """The profile with other values. Raises ScanError `scan.profile-locked` for a locked one."""
        if self.locked:
            raise ScanError(ScanFault.PROFILE_LOCKED, profile=self.name)
        return replace(self, **values)

    def request(self, capabilities: Capabilities) -> ScanRequest:
        """The request for a device with these capabilities; `fitted` also says what it lacks."""
        return self.fitted(capabilities).request

    def fitted(self, capabilities: Capabilities, *, least_dpi: int = LEAST_DPI) -> Fitted:
        """The request for a device, and a note for everything that it can't do as the profile asks.

        Raises ScanError `scan.resolution-too-low` where no resolution of the device reaches `least_dpi`,
        and `scan.unsupported` for a device without any source or colour mode.
        """
        wanted = Wanted(
            source=Source.DUPLEX if self.duplex else self.source,
            mode=self.mode,
            dpi=self.dpi,
            least_dpi=least_dpi,
            width_mm=self.width_mm,
            height_mm=self.height_mm,
            brightness=self.brightness,
            multifeed=self.multifeed,
            options=self.options,
        )
        return fit(wanted, capabilities)

    def to_toml(self) -> str:
        """The profile as a TOML text that `from_toml` reads back to an equal one."""
        return export_profiles([self])

    @classmethod
    def from_toml(cls, text: str) -> Profile:
        """The one profile of a TOML text. Raises ScanError `scan.profile-bad` with the fact `field`."""
        found = import_profiles(text)
        if len(found) != 1:
            raise _bad("profile")
        return found[0]


def export_profiles(profiles: Sequence[Profile]) -> str:
    """Several profiles as one TOML text, in order."""
    import tomli_w

    return tomli_w.dumps({"profile": [_table_of(profile) for profile in profiles]})


def import_profiles(text: str) -> tuple[Profile, ...]:
    """The profiles of a TOML text, in order.

    Raises ScanError `scan.profile-bad`; the fact `field` names what is wrong (`toml` for a text that is no
    TOML), `profile` its number from 1, 0 for the whole text; `scan.resolution-too-low` below 200 dpi.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE_BYTES:
        raise _bad("toml")
    try:
        whole = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _bad("toml") from error
    tables = whole.pop("profile", None)
    if whole:
        raise _bad(_shown(next(iter(whole))))
    if not isinstance(tables, list) or not 0 < len(tables) <= _MOST_PROFILES:
        raise _bad("profile")
    found = tuple(_profile_of(table, number) for number, table in enumerate(tables, start=1))
    names = [profile.name for profile in found]
    for number, name in enumerate(names, start=1):
        if name in names[: number - 1]:
            raise _bad("name", number)
    return found


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """The profiles that come with the program, the usual one first."""
    from resources import path

    return import_profiles(path("scanner", "profiles.toml").read_text(encoding="utf-8"))


def _bad(field: str, profile: int = 0) -> ScanError:
    return ScanError(ScanFault.PROFILE_BAD, field=field, profile=profile)


def _shown(key: str) -> str:
    """A key of a foreign file as a fact: short, and printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in key[:40])


def _table_of(profile: Profile) -> dict[str, Any]:
    """Every field by name; None, which TOML lacks, is the word "device"."""
    table: dict[str, Any] = {
        field.name: getattr(profile, field.name)
        for field in fields(profile)
        if field.name not in ("options", "separation", "multifeed")
    }
    for name in ("source", "mode", "blank_policy"):
        table[name] = table[name].value
    table["multifeed"] = "device" if profile.multifeed is None else profile.multifeed
    separation = {field.name: getattr(profile.separation, field.name) for field in fields(Separation)}
    table["separation"] = {**separation, "by": profile.separation.by.value}
    table["options"] = dict(profile.options)
    return table


def _profile_of(table: object, number: int) -> Profile:
    if not isinstance(table, dict):
        raise _bad("profile", number)
    for key in table:
        if key not in _READERS:
            raise _bad(_shown(key), number)
    values: dict[str, Any] = {}
    for key, value in table.items():
        try:
            values[key] = _READERS[key](value)
        except (TypeError, ValueError, ScanError) as error:
            raise _bad(key, number) from error
    for key in ("name", "title"):
        if key not in values:
            raise _bad(key, number)
    try:
        return Profile(**values)
    except ScanError as error:
        raise ScanError(error.fault, **{**error.facts, "profile": number}) from error


def _plain(*kinds: type) -> Callable[[object], Any]:
    """A reader that takes values of exactly these types: True is no number."""

    def read(value: object) -> Any:
        if type(value) not in kinds:
            raise TypeError
        return value

    return read


def _multifeed(value: object) -> bool | None:
    if value == "device":
        return None
    read: bool = _plain(bool)(value)
    return read


def _separation(value: object) -> Separation:
    if not isinstance(value, Mapping):
        raise TypeError
    readers: dict[str, Callable[[object], Any]] = {
        "by": lambda one: SeparateBy(_plain(str)(one)),
        "prefix": _plain(str),
        "keeps_sheet": _plain(bool),
        "count": _plain(int),
        "in_sheets": _plain(bool),
    }
    if not set(value) <= set(readers):
        raise ValueError
    return Separation(**{key: readers[key](one) for key, one in value.items()})


def _options(value: object) -> tuple[tuple[str, OptionValue], ...]:
    if not isinstance(value, Mapping):
        raise TypeError
    read = _plain(bool, int, float, str)
    return tuple((str(name), read(one)) for name, one in value.items())


_READERS: dict[str, Callable[[object], Any]] = {
    "name": _plain(str),
    "title": _plain(str),
    "source": lambda value: Source(_plain(str)(value)),
    "duplex": _plain(bool),
    "mode": lambda value: ColorMode(_plain(str)(value)),
    "dpi": _plain(int),
    "width_mm": _plain(int, float),
    "height_mm": _plain(int, float),
    "brightness": _plain(int),
    "multifeed": _multifeed,
    "blank_policy": lambda value: BlankPolicy(_plain(str)(value)),
    "separation": _separation,
    "options": _options,
    "locked": _plain(bool),
}
