"""Signed attributes made once for a session (thuộc tính được ký): only the digest differs from then on."""

from typing import Any

_STAND_IN = bytes(range(0xA0, 0xC0))
"""Takes the place of a SHA-256 digest in the template; long enough to stand there by chance never."""


def keep_attributes(signer: Any) -> None:
    """Have a pyHanko signer encode its signed attributes once and then only exchange the digest.

    Encoding them anew costs as much as half of all the rest of a signature. What differs in more than the
    digest (another algorithm, a time or a place among the attributes) is still made by pyHanko each time.
    """
    if "signed_attrs" not in vars(signer):
        signer.signed_attrs = _Kept(signer.signed_attrs)


class _Kept:
    """Stands in for `Signer.signed_attrs` of a signer."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._templates: dict[tuple[str, str], bytes] = {}

    async def __call__(self, data_digest: bytes, digest_algorithm: str, **how: Any) -> Any:
        from asn1crypto import cms

        key = (digest_algorithm, str(how.get("content_type", "data")))
        if len(data_digest) != len(_STAND_IN) or not _alike(how):
            return await self._make(data_digest, digest_algorithm, **how)
        if key not in self._templates:
            made = await self._make(_STAND_IN, digest_algorithm, **how)
            self._templates[key] = made.dump()
        return cms.CMSAttributes.load(self._templates[key].replace(_STAND_IN, data_digest))


def _alike(how: dict[str, Any]) -> bool:
    """Whether the attributes hold nothing else that differs: PAdES keeps the time out of them."""
    settings = how.get("attr_settings")
    more = settings is not None and (settings.cades_signed_attrs or settings.adobe_revinfo_attr)
    return bool(how.get("use_pades") and how.get("is_pdf_sig", True)) and not how.get("dry_run") and not more
