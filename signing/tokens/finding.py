"""Which tokens are plugged in, and whose certificates they hold, before any PIN (tìm thiết bị ký)."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from signing.errors import SigningError
from signing.tokens.contract import PinState
from signing.tokens.module import driver, installed_modules
from signing.tokens.pkcs11 import Pkcs11Token

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FoundToken:
    """A token in a reader: its driver's name and file, label, certificate in DER, and what its PIN says."""

    driver: str
    module: Path
    label: str
    certificate: bytes
    pin_state: PinState

    def token(self) -> Pkcs11Token:
        """The token itself, ready to be opened."""
        return Pkcs11Token(self.module, self.label)


def find_tokens(lists: Sequence[Path] = ()) -> tuple[FoundToken, ...]:
    """Every token with a certificate that may sign, over all drivers installed here, in their order.

    `lists` are files like `resources/tokens.toml` whose drivers come first. A driver or a token that fails is
    passed over and logged by its code. Nobody is logged in.
    """
    found: dict[bytes, FoundToken] = {}
    for known, module in installed_modules(lists):
        for label in _labels(module):
            token = Pkcs11Token(module, label)
            try:
                one = FoundToken(known.name, module, label, token.certificate, token.pin_state())
            except SigningError as error:
                _log.info("a token was passed over: %s", error.code)
                continue
            found.setdefault(one.certificate, one)  # two drivers may show one token
    return tuple(found.values())


def _labels(module: Path) -> list[str]:
    import pkcs11

    try:
        with driver(module, None) as library:
            slots = library.get_slots(token_present=True)
            tokens = [slot.get_token() for slot in slots]
            return [token.label for token in tokens if token.flags & pkcs11.TokenFlag.TOKEN_INITIALIZED]
    except (SigningError, pkcs11.PKCS11Error) as error:
        _log.info("a driver was passed over: %s", type(error).__name__)
        return []
