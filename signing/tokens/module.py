"""Drivers of tokens (PKCS#11 modules): one loaded driver, one configuration at a time.

A SoftHSM driver reads `SOFTHSM2_CONF` when it starts, so one process sees one configuration at a time. A
token that carries its own configuration has the driver restarted for it, which is only possible while no
session is open: otherwise `sign.token-busy`.
"""

import os
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resources import path as resource
from signing.errors import SigningError, SigningFault

CONFIGURATION_VARIABLE = "SOFTHSM2_CONF"


@dataclass(frozen=True)
class KnownModule:
    """A driver that we know by name: `maker` as people say it, `paths` where its file usually lies."""

    name: str
    maker: str
    paths: tuple[Path, ...]

    def installed(self) -> Path | None:
        """The first of its files that exists on this machine."""
        return next((path for path in self.paths if path.is_file()), None)


def known_modules(lists: Sequence[Path] = ()) -> tuple[KnownModule, ...]:
    """The drivers for this operating system, in order of preference: those of `lists`, then our own.

    A list is a file like `resources/tokens.toml`; a driver in it replaces ours of the same name. Raises
    `sign.module-broken` for a list that can't be read.
    """
    known: dict[str, KnownModule] = {}
    for file in (*lists, resource("tokens.toml")):
        for module in _listed_in(file):
            known.setdefault(module.name, module)
    return tuple(known.values())


def _listed_in(file: Path) -> list[KnownModule]:
    system = "windows" if sys.platform == "win32" else "linux"
    try:
        return [
            KnownModule(
                str(entry["name"]),
                str(entry.get("maker", entry["name"])),
                tuple(Path(os.path.expandvars(path)) for path in entry.get(system, ())),
            )
            for entry in tomllib.loads(file.read_text(encoding="utf-8"))["module"]
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SigningError(SigningFault.MODULE_BROKEN, module=file.name) from error


def installed_modules(lists: Sequence[Path] = ()) -> tuple[tuple[KnownModule, Path], ...]:
    """Every known driver found on this machine, with its file."""
    found = ((module, module.installed()) for module in known_modules(lists))
    return tuple((module, path) for module, path in found if path is not None)


def find_module(name: str = "softhsm") -> Path | None:
    """The file of the driver called `name` in `resources/tokens.toml`, or None where it isn't installed."""
    return next((path for module, path in installed_modules() if module.name == name), None)


@dataclass
class _Loaded:
    library: Any
    configuration: str | None
    sessions: int = 0
    stale: bool = False


_loaded: dict[Path, _Loaded] = {}
_door = threading.RLock()


@contextmanager
def driver(module: Path, configuration: Path | None) -> Iterator[Any]:
    """The started driver, held for one call under a lock. Lists the tokens anew when no session is open.

    Raises `sign.module-absent`, `sign.module-broken`, or `sign.token-busy` when a session is open under
    another configuration.
    """
    with _door:
        yield _started(module, configuration).library


def session_opened(module: Path) -> None:
    """Note a session, so that the driver isn't restarted beneath it."""
    with _door:
        _loaded[module].sessions += 1


def session_closed(module: Path) -> None:
    """Note the end of a session."""
    with _door:
        _loaded[module].sessions -= 1


def restart_when_idle(module: Path) -> None:
    """Have the driver restarted before its next use: frees what a failed login left open."""
    with _door:
        if module in _loaded:
            _loaded[module].stale = True


def _started(module: Path, configuration: Path | None) -> _Loaded:
    wanted = str(configuration) if configuration else os.environ.get(CONFIGURATION_VARIABLE)
    known = _loaded.get(module)
    if known is None:
        return _load(module, wanted)
    if known.configuration == wanted and (not known.stale or known.sessions):
        return known
    if known.sessions:
        raise SigningError(SigningFault.TOKEN_BUSY, sessions=known.sessions)
    return _restart(known, wanted)


def _load(module: Path, wanted: str | None) -> _Loaded:
    import pkcs11

    if not module.is_file():
        raise SigningError(SigningFault.MODULE_ABSENT, module=module.name)
    _configure(wanted)
    try:
        library = pkcs11.lib(str(module))
    except (pkcs11.PKCS11Error, OSError) as error:
        raise SigningError(SigningFault.MODULE_BROKEN, module=module.name) from error
    _loaded[module] = _Loaded(library, wanted)
    return _loaded[module]


def _restart(known: _Loaded, wanted: str | None) -> _Loaded:
    import pkcs11

    _configure(wanted)
    try:
        known.library.reinitialize()
    except pkcs11.PKCS11Error as error:
        raise SigningError(SigningFault.MODULE_BROKEN, reason=type(error).__name__) from error
    known.configuration, known.stale = wanted, False
    return known


def _configure(wanted: str | None) -> None:
    if wanted is not None:
        os.environ[CONFIGURATION_VARIABLE] = wanted


def environment_with(configuration: Path) -> Mapping[str, str]:
    """The environment for a helper program of the driver."""
    return {**os.environ, CONFIGURATION_VARIABLE: str(configuration)}
