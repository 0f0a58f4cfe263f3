"""What the id of a SANE device tells: how it is reached, its address, its serial number (kết nối, số máy).

Every driver writes its ids in a way of its own (sane-backends 1.2, and the drivers of makers beside it), so
the forms are data: a row is a pattern, matched anywhere in the id, and what it means; the first row decides.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from scanner.contract import Connection

USB_DEVICES = Path("/sys/bus/usb/devices")

_IPV4 = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"

CONNECTIONS: tuple[tuple[str, Connection], ...] = (
    (r"^(test|pnm):", Connection.VIRTUAL),
    (r"^(net|airscan|escl|dell1600n_net):", Connection.NETWORK),
    (r"^v4l:", Connection.USB),
    (r"[:;/](lib)?usb[:;/0-9]|[:;]bus\d|^pixma:[0-9A-F]{8}_(?!\d+\.)", Connection.USB),
    (r"[:;/](net|tcp|network|networkscan|bjnp|mfnp|https?)([:;/\s]|\d)", Connection.NETWORK),
    (_IPV4, Connection.NETWORK),
    (r"^fujitsu:(?!/dev/)", Connection.USB),
)

SERIALS: tuple[str, ...] = (
    r"[?&]serial=([^&]+)",
    r"^fujitsu:(?!libusb:|/dev/)[^:]+:([^:]+)$",
    r"^pixma:[0-9A-F]{8}_([0-9A-Za-z]+)$",
    r"^epsonscan2:[^:]+:([0-9A-Za-z]+):esci",
)
"""The group is the serial number."""

_ADDRESSES: tuple[str, ...] = (r"[?&]ip=([^&]+)", r"[?&]hostname=([^&]+)", rf"({_IPV4})")


def connection_of(device_id: str) -> Connection:
    """How the device is reached; `unknown` for an id that doesn't tell (SCSI, parallel port)."""
    for pattern, connection in CONNECTIONS:
        if re.search(pattern, device_id, re.IGNORECASE):
            return connection
    return Connection.UNKNOWN


def address_of(device_id: str, kind: str) -> str | None:
    """The host name or address of a network device, where id or `kind` tell it."""
    if kind.startswith("ip="):
        # sane-airscan puts the address where other drivers put the type.
        return kind.removeprefix("ip=").split(" ")[0]
    if device_id.startswith("net:"):
        return _server_and_inner(device_id)[0]
    if connection_of(device_id) is not Connection.NETWORK:
        return None
    if match := re.search(r"https?://\S+", device_id):
        return _host(match[0])
    found = (re.search(pattern, device_id) for pattern in _ADDRESSES)
    return next((match[1] for match in found if match), None)


def serial_of(device_id: str, usb_devices: Path = USB_DEVICES) -> str | None:
    """The serial number from the id, or from the system for a USB device of this machine."""
    at_a_server = device_id.startswith("net:")
    own = _server_and_inner(device_id)[1] if at_a_server else device_id
    for pattern in SERIALS:
        if match := re.search(pattern, own):
            return unquote(match[1])
    match = re.search(r"libusb:(\d{3}):(\d{3})$", own)
    return None if at_a_server or match is None else _usb_serial(int(match[1]), int(match[2]), usb_devices)


def _server_and_inner(device_id: str) -> tuple[str | None, str]:
    """`net:SERVER:ID` taken apart; the server of a literal IPv6 address stands in brackets."""
    match = re.match(r"net:(?:\[([^\]]+)\]|([^:]+)):(.*)", device_id)
    return (match[1] or match[2], match[3]) if match else (None, device_id)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _usb_serial(bus: int, device: int, usb_devices: Path) -> str | None:
    """The serial number that the kernel read from the device at this place of the bus."""
    for folder in sorted(usb_devices.glob("*")):
        if _read(folder / "busnum") == str(bus) and _read(folder / "devnum") == str(device):
            return _read(folder / "serial") or None
    return None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
