"""The station's scanners and ways of scanning as a window sees them (máy quét và cấu hình)."""

from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import scanner
from app.domain.device import KnownDevice
from app.jobs import Job, Jobs, Resource
from app.messages import say
from app.settings import Settings
from app.workflow import inventory, profiles
from app.workflow.devices import Scanners
from app.workflow.station import Station

if TYPE_CHECKING:
    import scanner.testpage


@dataclass(frozen=True)
class ShownProfile:
    """One way of scanning; values as the engine writes them. `multifeed` None leaves it to the device."""

    name: str
    title: str
    source: str
    mode: str
    dpi: int
    brightness: int
    multifeed: bool | None
    blank_policy: str
    locked: bool = False
    usual: bool = False


@dataclass(frozen=True)
class ScannersView:
    """What the station knows of its scanners, which one it uses, and the profiles."""

    devices: tuple[KnownDevice, ...]
    used: str
    profiles: tuple[ShownProfile, ...]


@dataclass(frozen=True)
class MeasuredPage:
    """What a test page came to, in words: each measured value with its name; what is wrong, if anything."""

    device_id: str
    figures: tuple[tuple[str, str], ...]
    weaknesses: tuple[str, ...]

    @property
    def good(self) -> bool:
        """True where nothing is wrong."""
        return not self.weaknesses


SOURCES = ("feeder", "duplex", "flatbed")
MODES = tuple(mode.value for mode in scanner.ColorMode)
BLANK_POLICIES = tuple(policy.value for policy in scanner.BlankPolicy)


class ScannerRoom:
    """Methods that ask a device start a job and return at once; the others are short and ask none."""

    def __init__(self, station: Station, jobs: Jobs) -> None:
        self._station = station
        self._jobs = jobs

    @property
    def _settings(self) -> Settings:
        return self._station.settings

    def view(self) -> ScannersView:
        """What is known without asking any device. Raises ScanError for a file of profiles that is none."""
        usual = profiles.profile_for(self._settings).name
        return ScannersView(
            devices=tuple(self._station.store.devices.known()),
            used=self._settings.scanner,
            profiles=tuple(_shown(one, usual) for one in profiles.profiles(self._settings)),
        )

    def look(self) -> Job[ScannersView]:
        """Asks for all scanners that answer now, and what they can do."""

        def work(_: Job[ScannersView]) -> ScannersView:
            inventory.meet_all(self._station.store, Scanners(self._station.scanner, self._settings))
            return self.view()

        return self._jobs.start(Resource.SCANNER, "look", work)

    def test(self, device_id: str) -> Job[MeasuredPage]:
        """Scans the printed test page with a scanner and measures it."""

        def work(job: Job[MeasuredPage]) -> MeasuredPage:
            scanners = Scanners(self._station.scanner, self._settings)
            result = inventory.measured(self._station.store, scanners, device_id, job.stopped)
            language = self._settings.language
            return MeasuredPage(device_id, tuple(_figures(result, language)), _weaknesses(result, language))

        return self._jobs.start(Resource.SCANNER, "test", work)

    def write_test_page(self, out: Path) -> None:
        """Writes the page to be printed, a PDF. Raises ScanError."""
        inventory.write_test_page(out)

    def export_inventory(self, out: Path) -> None:
        """Writes the list of scanners as CSV. Raises StationError."""
        inventory.write_csv(self._station.store.devices.known(), self._settings, out)

    def export_profiles(self, out: Path) -> int:
        """Writes all ways of scanning as TOML; how many. Raises StationError."""
        return profiles.export_to(self._settings, out)

    def import_profiles(self, source: Path) -> tuple[str, ...]:
        """Takes ways of scanning from TOML; their names. Raises ScanError."""
        return profiles.import_file(self._settings, source)

    def save_profile(self, changed: ShownProfile) -> None:
        """Keeps a profile of the clerk's own, new or changed; what isn't shown of it stays.

        Raises ScanError `scan.profile-locked`, `scan.profile-bad`, `scan.resolution-too-low`.
        """
        known = {one.name: one for one in profiles.profiles(self._settings)}
        before = known.get(changed.name) or scanner.Profile(name=changed.name, title=changed.title)
        duplex = changed.source == scanner.Source.DUPLEX.value
        profile = before.changed(
            title=changed.title.strip(),
            source=scanner.Source.FEEDER if duplex else scanner.Source(changed.source),
            duplex=duplex,
            mode=scanner.ColorMode(changed.mode),
            dpi=changed.dpi,
            brightness=changed.brightness,
            multifeed=changed.multifeed,
            blank_policy=scanner.BlankPolicy(changed.blank_policy),
        )
        profiles.save_profiles(self._settings, (profile,))

    def copy_profile(self, name: str) -> str:
        """Makes a copy of a profile, which is the clerk's own whatever the first one is; its name."""
        known = {one.name: one for one in profiles.profiles(self._settings)}
        number = next(n for n in count(2) if f"{name[:58]}-{n}" not in known)
        copy = replace(
            known[name],
            name=f"{name[:58]}-{number}",
            title=f"{known[name].title[:90]} ({number})",
            locked=False,
        )
        profiles.save_profiles(self._settings, (copy,))
        return copy.name


def _shown(profile: scanner.Profile, usual: str) -> ShownProfile:
    return ShownProfile(
        name=profile.name,
        title=profile.title,
        source=scanner.Source.DUPLEX.value if profile.duplex else profile.source.value,
        mode=profile.mode.value,
        dpi=profile.dpi,
        brightness=profile.brightness,
        multifeed=profile.multifeed,
        blank_policy=profile.blank_policy.value,
        locked=profile.locked,
        usual=profile.name == usual,
    )


def _figures(result: "scanner.testpage.TestResult", language: str) -> list[tuple[str, str]]:
    cast = result.colour_cast_delta_e
    told = {
        "resolution": f"{result.resolution_lp_mm:.1f} lp/mm",
        "skew": f"{result.skew_deg:+.2f}°",
        "streaks": str(len(result.streaks)),
        "cast": "–" if cast is None else f"ΔE {cast:.1f}",
        "greys": f"{result.grey_steps}/10",
    }
    return [(say(f"scan.test.{name}", language), value) for name, value in told.items()]


def _weaknesses(result: "scanner.testpage.TestResult", language: str) -> tuple[str, ...]:
    return tuple(say(f"weakness.{weakness.value}", language) for weakness in result.weaknesses)
