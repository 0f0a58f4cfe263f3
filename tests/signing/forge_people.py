"""A PKI for forging and for sound files: roots, middle CAs, signers of every kind of key, time stampers.

Made with `cryptography` alone, so that what the verifier says can be held against other people's code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Person:
    """A key with its certificate and the certificate of its issuer."""

    key: Any
    certificate: x509.Certificate
    issuer: "Person | None" = field(default=None, repr=False)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def above(self) -> "Person":
        return self.issuer or self


def issue(
    name: str | Sequence[tuple[Any, str]],
    key: Any,
    issuer: Person | None,
    *,
    since: datetime = NOW - 2 * YEAR,
    until: datetime = NOW + 10 * YEAR,
    ca: bool = False,
    uses: frozenset[str] = frozenset({"digital_signature", "content_commitment"}),
    purposes: Sequence[Any] = (),
    where: str = "",
    house: str = "Nhà Thử",
    serial: int | None = None,
) -> Person:
    """A certificate for `key`; `where` is the address of its issuer's certificate (AIA)."""
    if isinstance(name, str):
        name = [(NameOID.COUNTRY_NAME, "VN"), (NameOID.ORGANIZATION_NAME, house), (NameOID.COMMON_NAME, name)]
    subject = x509.Name([x509.NameAttribute(kind, value) for kind, value in name])
    above = issuer.certificate.subject if issuer else subject
    signing = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder(
            above, subject, key.public_key(), serial or x509.random_serial_number(), since, until
        )
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in uses for use in _USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=True)
    if where:
        place = x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(where)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    digest = None if isinstance(signing, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Person(key, builder.sign(signing, digest), issuer)


class House:
    """A root, a middle CA, a time stamper and signers; each is made when it is first asked for."""

    CA_USES = frozenset({"key_cert_sign", "crl_sign"})

    def __init__(self, name: str = "Nhà Thử") -> None:
        self.name = name
        self.keys: dict[str, Any] = {}

    def rsa(self, label: str, bits: int = 2048) -> Any:
        """One RSA key a label: they are slow to make."""
        return self.keys.setdefault(label, None) or self._made(label, rsa.generate_private_key(65537, bits))

    def _made(self, label: str, key: Any) -> Any:
        self.keys[label] = key
        return key

    @cached_property
    def root(self) -> Person:
        return self.ca("Gốc", self.rsa("root"), None)

    @cached_property
    def middle(self) -> Person:
        return self.ca("Trung gian", self.rsa("middle"), self.root)

    @cached_property
    def clerk(self) -> Person:
        """An RSA signer, whose subject repeats UID as the Government's certificates do."""
        name = [
            (NameOID.COUNTRY_NAME, "VN"),
            (NameOID.ORGANIZATION_NAME, "Ủy ban nhân dân xã Ví Dụ"),
            (NameOID.COMMON_NAME, "Lò Thị Ví Dụ"),
            (NameOID.USER_ID, "MST:0100109106"),
            (NameOID.USER_ID, "CCCD:011201001234"),
        ]
        return issue(name, self.rsa("clerk"), self.middle)

    @cached_property
    def chief(self) -> Person:
        return self.signer("Vàng A Mẫu", ec.generate_private_key(ec.SECP256R1()))

    @cached_property
    def brainpool(self) -> Person:
        return self.signer("Quàng Văn Thử", ec.generate_private_key(ec.BrainpoolP256R1()))

    @cached_property
    def p384(self) -> Person:
        return self.signer("Sùng Thị Ba", ec.generate_private_key(ec.SECP384R1()))

    @cached_property
    def edwards(self) -> Person:
        return self.signer("Cà Văn Tư", ed25519.Ed25519PrivateKey.generate())

    @cached_property
    def old_dsa(self) -> Person:
        return self.signer("Giàng Năm", dsa.generate_private_key(1024))  # noqa: S505

    @cached_property
    def stamper(self) -> Person:
        return self.stamping("Máy chủ dấu thời gian", self.rsa("stamper"))

    def ca(self, name: str, key: Any, issuer: Person | None, **more: Any) -> Person:
        return issue(f"{self.name} {name}", key, issuer, ca=True, uses=self.CA_USES, house=self.name, **more)

    def signer(self, name: str, key: Any, **more: Any) -> Person:
        return issue(name, key, more.pop("issuer", self.middle), house=self.name, **more)

    def stamping(self, name: str, key: Any, **more: Any) -> Person:
        return self.signer(
            name,
            key,
            uses=frozenset({"digital_signature"}),
            purposes=[ExtendedKeyUsageOID.TIME_STAMPING],
            **more,
        )


def revocation_list(
    issuer: Person,
    revoked: Sequence[tuple[Person, datetime, x509.ReasonFlags | None]] = (),
    *,
    at: datetime = NOW - DAY,
    until: datetime | None = None,
    signer: Person | None = None,
) -> bytes:
    """A CRL in DER of what `issuer` revoked; `signer` forges it."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, at, until or at + 30 * DAY)
    for person, since, reason in revoked:
        entry = x509.RevokedCertificateBuilder(person.certificate.serial_number, since)
        if reason:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign((signer or issuer).key, hashes.SHA256()).public_bytes(Encoding.DER)


def ocsp_answer(
    person: Person,
    *,
    revoked_at: datetime | None = None,
    at: datetime = NOW,
    until: datetime | None = None,
    responder: Person | None = None,
) -> bytes:
    """An OCSP response in DER about `person`, by its issuer or by a `responder`."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        person.certificate,
        person.above.certificate,
        hashes.SHA1(),  # noqa: S303
        status,
        at,
        until or at + 7 * DAY,
        revoked_at,
        x509.ReasonFlags.key_compromise if revoked_at else None,
    )
    speaker = responder or person.above
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, speaker.certificate)
    if responder:
        builder = builder.certificates([responder.certificate])
    return builder.sign(speaker.key, hashes.SHA256()).public_bytes(Encoding.DER)
