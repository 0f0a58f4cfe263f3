"""Errors of the driver and of pyHanko as coded faults (quy đổi lỗi)."""

from collections.abc import Iterator
from contextlib import contextmanager

from signing.errors import SigningError, SigningFault
from signing.tokens.pkcs11 import fault_of


@contextmanager
def coded() -> Iterator[None]:
    """Raise what the libraries raise inside the block as SigningError; our own faults pass through.

    A token that is gone in the midst of signing was pulled out: `sign.token-removed`.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError as ProcessError

    try:
        yield
    except SigningError:
        raise
    except ProcessError as error:
        raise _translated(error.__cause__ or error) from error
    except PdfError as error:
        raise SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__) from error
    except RuntimeError as error:
        raise _translated(error) from error


def _translated(error: BaseException) -> SigningError:
    import pkcs11

    if isinstance(error, SigningError):
        return error
    if isinstance(error, pkcs11.PKCS11Error):
        fault = fault_of(error)
        if fault is SigningFault.TOKEN_ABSENT:
            fault = SigningFault.TOKEN_REMOVED
        return SigningError(fault, reason=type(error).__name__)
    return SigningError(SigningFault.PDF_BROKEN, reason=type(error).__name__)
