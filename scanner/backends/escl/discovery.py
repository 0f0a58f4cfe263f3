"""Scanners that announce themselves on the office network (dò máy quét): mDNS, DNS-SD (RFC 6762, 6763)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.backends.escl.address import Address, read_address
from scanner.backends.escl.capabilities import read_uuid
from scanner.errors import ScanError

if TYPE_CHECKING:
    from zeroconf import ServiceInfo, Zeroconf

_log = logging.getLogger(__name__)

SCHEME_OF_SERVICE = {"_uscans._tcp.local.": "https", "_uscan._tcp.local.": "http"}
"""The encrypted one first: where a device announces both, it is preferred."""

SECONDS_TO_LISTEN = 2.0
MOST_ANNOUNCED = 200
LONGEST_TOLD = 120


@dataclass(frozen=True)
class Announced:
    """A device as it announces itself."""

    address: Address
    name: str
    uuid: str | None


def discover(seconds: float = SECONDS_TO_LISTEN) -> tuple[Announced, ...]:
    """Who announces a scanner within that time; nobody where this computer has no network."""
    from zeroconf import Zeroconf

    try:
        zeroconf = Zeroconf()
    except OSError as error:
        _log.info("no network to look for scanners in: %s", type(error).__name__)
        return ()
    try:
        return listen(zeroconf, seconds)
    finally:
        zeroconf.close()


def listen(zeroconf: Zeroconf, seconds: float) -> tuple[Announced, ...]:
    """As `discover`, with an mDNS responder at hand."""
    from zeroconf import ServiceBrowser, ServiceStateChange

    until = time.monotonic() + seconds
    seen: dict[tuple[str, str], None] = {}
    guard = threading.Lock()

    def changed(
        zeroconf: Zeroconf,  # noqa: ARG001
        service_type: str,
        name: str,
        state_change: ServiceStateChange,
    ) -> None:
        with guard:
            if state_change is not ServiceStateChange.Removed and len(seen) < MOST_ANNOUNCED:
                seen[service_type, name] = None

    browser = ServiceBrowser(zeroconf, list(SCHEME_OF_SERVICE), handlers=[changed])
    try:
        threading.Event().wait(max(0.0, (until - time.monotonic()) / 2))
        with guard:
            found = sorted(seen, key=lambda service: (list(SCHEME_OF_SERVICE).index(service[0]), service[1]))
        return tuple(
            announced
            for service in found
            if (info := _resolved(zeroconf, *service, until)) is not None
            if (announced := announced_by(service[0], info)) is not None
        )
    finally:
        browser.cancel()


def announced_by(service_type: str, info: ServiceInfo) -> Announced | None:
    """A device out of its records, or None where they make no address."""
    told = _texts(info.properties)
    uuid = read_uuid(told.get("uuid", ""))
    addresses = info.parsed_scoped_addresses()
    if not addresses or not info.port:
        return None
    # The numeric address of IPv4, if any: names under .local need a resolver that not every system has.
    host = next((address for address in addresses if ":" not in address), addresses[0])
    host = f"[{host}]" if ":" in host else host
    root = told.get("rs", "eSCL").strip("/")
    try:
        address = read_address(
            f"{SCHEME_OF_SERVICE[service_type]}://{host}:{info.port}/{root}", pin_name=uuid or info.name
        )
    except ScanError:
        return None
    return Announced(address, told.get("ty", ""), uuid)


def _resolved(zeroconf: Zeroconf, service_type: str, name: str, until: float) -> ServiceInfo | None:
    left_ms = max(100, round((until - time.monotonic()) * 1000))
    return zeroconf.get_service_info(service_type, name, timeout=left_ms)


def _texts(properties: Mapping[bytes, bytes | None]) -> dict[str, str]:
    """TXT records in small letters, with values that can be shown."""
    return {
        key.decode("ascii", "replace").lower(): "".join(
            letter
            for letter in (value or b"").decode("utf-8", "replace")[:LONGEST_TOLD]
            if letter.isprintable()
        )
        for key, value in properties.items()
    }
