"""The certification authority of a training room (CA tập huấn)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from signing.durable import write_bytes
from signing.errors import SigningError, SigningFault

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

TRAINING_MARK = "TẬP HUẤN / TRAINING"
_YEARS = timedelta(days=3650)
_KEY_BITS = 2048


class TrainingPki:
    """A root CA, an issuing CA and a time-stamping authority, in a folder of PEM files.

    `create` makes what is missing and keeps what is there, so it may be killed at any moment and called
    again. The keys lie unencrypted (mode 0600): they protect nothing. New certificates name `services`, the
    address of a `signing.training.TrainingAuthority`, for their issuer, CRL and OCSP; None names nothing.
    """

    def __init__(self, folder: Path, services: str | None = None) -> None:
        """Read a complete folder. Raises `sign.training-broken`."""
        self.folder = folder
        self.services = services
        self._root = _certificate_from(folder / "root.pem")
        self._root_key = _key_from(folder / "root.key")
        self._issuing = _certificate_from(folder / "issuing.pem")
        self._issuing_key = _key_from(folder / "issuing.key")
        self._tsa = _certificate_from(folder / "tsa.pem")
        self._tsa_key = _key_from(folder / "tsa.key")

    @classmethod
    def create(cls, folder: Path, services: str | None = None) -> Self:
        """Make the authorities in `folder`, or complete what an interrupted call left there."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SigningError(SigningFault.TRAINING_BROKEN, errno=error.errno or 0) from error
        for name in ("root", "issuing", "tsa"):
            _ensure_key(folder / f"{name}.key")
            _ensure_certificate(folder, name, services)
        return cls(folder, services)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read what `create` made. Raises `sign.training-broken` when something is missing."""
        return cls(folder)

    def authority(self, name: str) -> "tuple[x509.Certificate, RSAPrivateKey]":
        """The certificate and the key of the CA called `root` or `issuing`."""
        return {"root": (self._root, self._root_key), "issuing": (self._issuing, self._issuing_key)}[name]

    @property
    def trust(self) -> Path:
        """The root certificate's file, for `verify_pdf(trust=…)`."""
        return self.folder / "root.pem"

    @property
    def issuing_certificate(self) -> bytes:
        """The issuing CA's certificate in DER."""
        return _der(self._issuing)

    @property
    def tsa_certificate(self) -> bytes:
        """The time-stamping authority's certificate in DER (extended key usage timeStamping, critical)."""
        return _der(self._tsa)

    @property
    def tsa_key(self) -> "RSAPrivateKey":
        """The time-stamping authority's key."""
        return self._tsa_key

    def issue(
        self,
        public_key: "CertificatePublicKeyTypes",
        holder: str,
        *,
        valid: tuple[datetime, datetime] | None = None,
        key_usage: frozenset[str] = frozenset({"digital_signature", "content_commitment"}),
    ) -> bytes:
        """A signer's certificate in DER for `holder`, `valid` from and to (ten years without it)."""
        since, until = valid or _span()
        return _der(
            _issue(
                _name(holder),
                public_key,
                (self._issuing, self._issuing_key),
                (since, until),
                ca_depth=None,
                usage=key_usage,
                services=_services_of("issuing", self.services),
            )
        )

    def issued(self, der: bytes) -> bool:
        """Whether this issuing CA signed the certificate."""
        from cryptography import x509
        from cryptography.exceptions import InvalidSignature

        try:
            x509.load_der_x509_certificate(der).verify_directly_issued_by(self._issuing)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True


def _ensure_key(path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_bytes(path, pem, mode=0o600)


def _ensure_certificate(folder: Path, name: str, services: str | None) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    path = folder / f"{name}.pem"
    if path.exists():
        return
    own = _key_from(folder / f"{name}.key")
    public = own.public_key()
    if name == "root":
        subject = _name(f"{TRAINING_MARK} Root CA")
        issued = _issue(subject, public, (None, own), _span(), ca_depth=1, usage=_CA_USES)
    else:
        above = "root" if name == "issuing" else "issuing"
        issuer = (_certificate_from(folder / f"{above}.pem"), _key_from(folder / f"{above}.key"))
        issued = (
            _issue(
                _name(f"{TRAINING_MARK} Issuing CA"),
                public,
                issuer,
                _span(),
                ca_depth=0,
                usage=_CA_USES,
                services=_services_of("root", services),
            )
            if name == "issuing"
            else _issue(
                _name(f"{TRAINING_MARK} TSA"),
                public,
                issuer,
                _span(),
                ca_depth=None,
                usage=frozenset({"digital_signature"}),
                stamping=True,
                services=_services_of("issuing", services),
            )
        )
    write_bytes(path, issued.public_bytes(Encoding.PEM))


_CA_USES = frozenset({"key_cert_sign", "crl_sign"})
_ALL_USES = (
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


def _issue(
    subject: "x509.Name",
    public_key: "CertificatePublicKeyTypes",
    issuer: "tuple[x509.Certificate | None, RSAPrivateKey]",
    valid: tuple[datetime, datetime],
    *,
    ca_depth: int | None,
    usage: frozenset[str],
    stamping: bool = False,
    services: "tuple[x509.AuthorityInformationAccess, x509.CRLDistributionPoints] | None" = None,
) -> "x509.Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID

    above, key = issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.subject if above else subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0])
        .not_valid_after(valid[1])
        .add_extension(x509.BasicConstraints(ca_depth is not None, ca_depth), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in usage for use in _ALL_USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    if stamping:
        purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purposes, critical=True)
    for extension in services or ():
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


def _services_of(
    issuer: str, services: str | None
) -> "tuple[x509.AuthorityInformationAccess, x509.CRLDistributionPoints] | None":
    """Where certificate, CRL and OCSP of `issuer` can be had (RFC 5280 §4.2.1.13, §4.2.2.1)."""
    from cryptography import x509
    from cryptography.x509.oid import AuthorityInformationAccessOID as Access

    if services is None:
        return None

    def at(place: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"{services}/{place}")

    return (
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(Access.OCSP, at(f"ocsp/{issuer}")),
                x509.AccessDescription(Access.CA_ISSUERS, at(f"ca/{issuer}.cer")),
            ]
        ),
        x509.CRLDistributionPoints([x509.DistributionPoint([at(f"crl/{issuer}.crl")], None, None, None)]),
    )


def _name(common: str) -> "x509.Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Sohoa {TRAINING_MARK}"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Không có giá trị pháp lý"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _span() -> tuple[datetime, datetime]:
    now = datetime.now(UTC).replace(microsecond=0)
    return now - timedelta(days=1), now + _YEARS


def _der(certificate: "x509.Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def _certificate_from(path: Path) -> "x509.Certificate":
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SigningError(SigningFault.TRAINING_BROKEN, file=path.name) from error


def _key_from(path: Path) -> "RSAPrivateKey":
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningError(SigningFault.TRAINING_BROKEN, file=path.name) from error
    if not isinstance(key, RSAPrivateKey):
        raise SigningError(SigningFault.TRAINING_BROKEN, file=path.name)
    return key
