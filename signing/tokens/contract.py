"""The contract of everything that holds a signing key (thiết bị lưu khóa bí mật)."""

from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyhanko.sign.signers import Signer


class PinState(StrEnum):
    """What the token tells of its PIN before anyone types it (trạng thái mã PIN)."""

    READY = "ready"
    LOW = "low"
    """A wrong PIN was given since the last good one."""
    FINAL_TRY = "final-try"
    """One more wrong PIN locks the token."""
    LOCKED = "locked"
    EXPIRED = "expired"
    """The PIN must be changed before it is accepted."""
    UNKNOWN = "unknown"
    """The holder tells nothing of its PIN."""


@dataclass
class TokenSession:
    """An open, logged-in key (phiên ký). One PIN serves every document signed while it is open.

    `certificate` is the signer's certificate in DER. `asks_each_time` tells of a key that wants its PIN at
    every signature: the session then gives it, and forgets it when it is closed. Use as a context manager;
    `close` may be called twice.
    """

    certificate: bytes
    _signer: "Signer" = field(repr=False)
    _close: "Callable[[], None]" = field(repr=False)
    asks_each_time: bool = False
    _open: bool = True

    @property
    def signer(self) -> Any:
        """The pyHanko signer of this session. Raises `sign.session-closed` after `close`."""
        if not self._open:
            raise SigningError(SigningFault.SESSION_CLOSED)
        return self._signer

    def close(self) -> None:
        """End the session and log out."""
        if self._open:
            self._open = False
            self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Token(Protocol):
    """A key holder: USB token, smart card, key file, remote service.

    Every holder passes the same suite of tests. Its PIN is given to `open`, tried once there, and kept by
    nothing but the open session of a key that asks for it each time.
    """

    @property
    def label(self) -> str:
        """Name to show for the token."""
        ...

    @property
    def certificate(self) -> bytes:
        """The signer's certificate in DER, readable before any login where the holder allows it."""
        ...

    def pin_state(self) -> PinState:
        """What is known of the PIN before it is asked for."""
        ...

    def open(self, pin: str | None) -> TokenSession:
        """Log in once. `pin` None means the reader's own key pad, or no PIN.

        Raises SigningError; a wrong PIN is reported and never tried again.
        """
        ...
