"""Where a network scanner answers: the address of its eSCL root (địa chỉ máy quét mạng)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from scanner.errors import ScanError, ScanFault

DEFAULT_ROOT = "/eSCL"
LONGEST = 1024
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,32})?")


@dataclass(frozen=True)
class Address:
    """The root of a device. `pin_name` is what its certificate is remembered under."""

    scheme: str
    host: str
    port: int
    root: str
    pin_name: str

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def url(self) -> str:
        """The root as an address that can be named to a backend."""
        return self.origin + self.root

    def job_path(self, location: str) -> str:
        """The path that a `Location` names. Its host is ignored: devices name themselves wrongly.

        Raises ScanError `scan.bad-answer` where it names no path on this device.
        """
        try:
            path = urlsplit(location[: LONGEST + 1]).path.rstrip("/")
        except ValueError as error:
            raise ScanError(ScanFault.BAD_ANSWER, what="location") from error
        if not path.startswith("/"):
            path = f"{self.root}/ScanJobs/{path}" if path else ""
        if len(location) > LONGEST or not _PATH.fullmatch(path) or ".." in path.split("/"):
            raise ScanError(ScanFault.BAD_ANSWER, what="location")
        return path


def read_address(url: str, pin_name: str = "") -> Address:
    """An address as an administrator writes it; a host alone means its `/eSCL`.

    Raises ScanError `scan.bad-address` for anything but http or https with a host, and for passwords in it.
    """
    try:
        parts: SplitResult = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ScanError(ScanFault.BAD_ADDRESS) from error
    host = parts.hostname or ""
    root = parts.path.rstrip("/") or DEFAULT_ROOT
    sound = (
        len(url) <= LONGEST
        and url.isprintable()
        and parts.scheme in {"http", "https"}
        and _HOST.fullmatch(host)
        and _PATH.fullmatch(root)
        and not (parts.username or parts.password or parts.query or parts.fragment or port == 0)
    )
    if not sound:
        raise ScanError(ScanFault.BAD_ADDRESS)
    port = port or {"http": 80, "https": 443}[parts.scheme]
    return Address(parts.scheme, host, port, root, pin_name or f"{host}:{port}")
