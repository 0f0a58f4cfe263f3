"""A private configuration folder for SANE, so that nothing of the system's own decides what is scanned."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from scanner.errors import ScanError, ScanFault

SECONDS_TO_REACH_A_HOST = 5
"""A machine that is switched off must not hold up the list of scanners for minutes."""

_TEST_CONF = """\
number_of_devices 1
mode Color
depth 8
resolution_min 1.0
resolution_max 1200.0
resolution_quant 1.0
resolution 300.0
test-picture "Color pattern"
geometry_min 0.0
geometry_max 300.0
geometry_quant 1.0
tl_x 0.0
tl_y 0.0
br_x 210.0
br_y 297.0
"""


def write_sane_config(
    folder: Path,
    escl_devices: Mapping[str, str] = MappingProxyType({}),
    *,
    test_backend: bool = False,
    pnm_backend: bool = False,
    net_hosts: Sequence[str] = (),
) -> Path:
    """Writes a SANE_CONFIG_DIR into `folder` (made where missing) and returns it.

    `escl_devices` are network scanners: name as shown → address of their eSCL root, for example
    `http://192.0.2.7/eSCL`. Discovery on the network is switched off. `test_backend` adds SANE's own test
    device with an area that holds A4; `pnm_backend` its device that serves a file. `net_hosts` are names or
    addresses of machines whose `saned` shares scanners on port 6566; that protocol knows neither encryption
    nor passwords worth the name, so the network between must be trusted.
    Raises ScanError `scan.bad-address` for a name or an address that can't stand in the file.
    """
    for host in net_hosts:
        _refuse_no_host(host)
    lines = [_device_line(name, url) for name, url in escl_devices.items()]
    drivers = [
        driver
        for driver, wanted in (
            ("airscan", lines),
            ("net", net_hosts),
            ("test", test_backend),
            ("pnm", pnm_backend),
        )
        if wanted
    ]
    (folder / "dll.d").mkdir(parents=True, exist_ok=True)
    _write(folder / "dll.conf", drivers)
    _write(
        folder / "airscan.conf",
        ["[devices]", *lines, "[options]", "discovery = disable", "ws-discovery = off"],
    )
    _write(folder / "net.conf", [f"connect_timeout = {SECONDS_TO_REACH_A_HOST}", *net_hosts])
    (folder / "test.conf").write_text(_TEST_CONF, encoding="utf-8")
    return folder


def write_shared_scanners(folder: Path, hosts: Sequence[str]) -> Path:
    """Writes a folder that adds the scanners of these `saned` machines to the system's own, and returns it.

    For `SaneBackend(folder, beside_system=True)`. Raises ScanError `scan.bad-address`.
    """
    for host in hosts:
        _refuse_no_host(host)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "net.conf", [f"connect_timeout = {SECONDS_TO_REACH_A_HOST}", *hosts])
    return folder


def escl_address(folder: Path, name: str) -> str | None:
    """The address of the network scanner called `name` in a folder that `write_sane_config` wrote."""
    try:
        lines = (folder / "airscan.conf").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return None
    named = (re.fullmatch(r'"([^"]+)" = (\S+), eSCL', line) for line in lines)
    return next((match[2] for match in named if match and match[1] == name), None)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _device_line(name: str, url: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not name or any(unwelcome in name for unwelcome in '"\\') or not name.isprintable():
        raise ScanError(ScanFault.BAD_ADDRESS, field="name")
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isascii() or any(unwelcome in url for unwelcome in ' ",;#\\\t\r\n'):
        raise ScanError(ScanFault.BAD_ADDRESS, field="url")
    return f'"{name}" = {url}, eSCL'


def _refuse_no_host(host: str) -> None:
    """Names as in RFC 1123, or an address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        label = r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
        if len(host) > 253 or not re.fullmatch(rf"{label}(\.{label})*", host):
            raise ScanError(ScanFault.BAD_ADDRESS, field="host") from None
