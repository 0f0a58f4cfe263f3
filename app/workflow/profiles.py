"""Scan profiles: shipped ones, the clerk's own, the administrator's locked ones (cấu hình quét)."""

import os
from dataclasses import replace
from pathlib import Path

import scanner
from app.domain.procedure import Procedure
from app.settings import Settings, admin_file
from app.store.durable import make_folder, write_file

USUAL = "giay-to-a4"


def profiles(settings: Settings) -> tuple[scanner.Profile, ...]:
    """All profiles by name, later ones winning: shipped, the clerk's, the administrator's.

    Raises ScanError `scan.profile-bad` for a file that says nonsense.
    """
    found = {profile.name: profile for profile in scanner.shipped_profiles()}
    for profile in _read(_own_file(settings)):
        found[profile.name] = replace(profile, locked=False)
    for profile in _read(_admin_file()):
        found[profile.name] = replace(profile, locked=True)
    return tuple(found.values())


def profile_for(settings: Settings, procedure: Procedure | None = None) -> scanner.Profile:
    """The profile that a procedure implies, else the one set, else the usual one."""
    known = {profile.name: profile for profile in profiles(settings)}
    implied = procedure.profile if procedure else ""
    for name in (implied, settings.profile, USUAL):
        if name in known:
            return known[name]
    return scanner.shipped_profiles()[0]


def blank_policy(settings: Settings, name: str) -> scanner.BlankPolicy:
    """What the profile of that name wants done about blank pages; they are marked where it isn't known."""
    return next(
        (profile.blank_policy for profile in profiles(settings) if profile.name == name),
        scanner.BlankPolicy.MARK,
    )


def save_profiles(settings: Settings, new: tuple[scanner.Profile, ...]) -> None:
    """Adds profiles to the clerk's own, replacing those of the same name.

    Raises ScanError `scan.profile-locked` where the administrator's would be hidden.
    """
    locked = {profile.name for profile in _read(_admin_file())}
    for profile in new:
        if profile.name in locked:
            raise scanner.ScanError(scanner.ScanFault.PROFILE_LOCKED, profile=profile.name)
    kept = {profile.name: profile for profile in _read(_own_file(settings))}
    kept.update({profile.name: profile for profile in new})
    file = _own_file(settings)
    make_folder(file.parent)
    write_file(file, scanner.export_profiles(list(kept.values())).encode())


def export_to(settings: Settings, out: Path) -> int:
    """Writes all profiles of the station to a TOML file; tells how many."""
    found = profiles(settings)
    write_file(out, scanner.export_profiles(found).encode())
    return len(found)


def import_file(settings: Settings, source: Path) -> tuple[str, ...]:
    """Adds the profiles of a TOML file to the clerk's own; their names. Raises ScanError."""
    new = _read(source, must_be_there=True)
    save_profiles(settings, new)
    return tuple(profile.name for profile in new)


def _own_file(settings: Settings) -> Path:
    return settings.folder() / "profiles.toml"


def _admin_file() -> Path:
    return Path(os.environ.get("SOHOA_ADMIN_PROFILES", str(admin_file().with_name("profiles.toml"))))


def _read(file: Path, *, must_be_there: bool = False) -> tuple[scanner.Profile, ...]:
    if not must_be_there and not file.exists():
        return ()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise scanner.ScanError(scanner.ScanFault.PROFILE_BAD, field="toml", profile=0) from error
    return scanner.import_profiles(text)
