"""What can go wrong between a PDF and its signature (lỗi ký số), as stable codes."""

from enum import StrEnum


class SigningFault(StrEnum):
    """One member a fault of the world. The values never change: messages and statistics hang on them."""

    PDF_MISSING = "sign.pdf-missing"
    """The PDF isn't there or may not be read."""
    PDF_BROKEN = "sign.pdf-broken"
    """The file is no PDF that can be read."""
    PDF_ENCRYPTED = "sign.pdf-encrypted"
    """The PDF is encrypted; nothing is signed or stamped that can't be read."""
    PDFA_BROKEN = "sign.pdfa-broken"
    """The file isn't PDF/A-2b, before the step or after it (fact `stage`)."""
    ALREADY_SIGNED = "sign.already-signed"
    """A code can't be stamped on a page that is already signed."""
    CHANGES_FORBIDDEN = "sign.changes-forbidden"
    """The first signer certified the document and forbade every change, also a further signature."""
    NO_ROOM = "sign.no-room"
    """No free place for the block on the page (facts: its size and the page's, in mm)."""
    PLACE_TAKEN = "sign.place-taken"
    """Something stands where the block was wanted, or that place lies off the page (facts as for no-room)."""
    APPEARANCE_UNKNOWN = "sign.appearance-unknown"
    """There is no appearance of that name (fact `appearance`)."""
    APPEARANCE_INCOMPLETE = "sign.appearance-incomplete"
    """The appearance shows something that wasn't given (fact `field`)."""
    PICTURE_BROKEN = "sign.picture-broken"
    """The picture of a signature or seal can't be read."""
    GLYPH_MISSING = "sign.glyph-missing"
    """The text holds a character that the embedded font doesn't have."""
    CODE_TOO_LONG = "sign.code-too-long"
    """The text doesn't fit into a QR symbol."""
    SEAL_BROKEN = "sign.seal-broken"
    """A symbol's text claims to be a seal and is none."""
    SEAL_KEY_BROKEN = "sign.seal-key-broken"
    """The file of a key for seals can't be used (fact `reason`: missing, passphrase, kind)."""
    FIELD_TAKEN = "sign.field-taken"
    """The named signature field is already signed, or is no signature field."""
    OUTPUT_TAKEN = "sign.output-taken"
    """The output's name belongs to a file that isn't the signed form of this input; it was left alone."""
    FILE_CHANGED = "sign.file-changed"
    """Another program changed the file while something was being added to it; its changes were kept."""
    SAME_FILE = "sign.same-file"
    """The output would overwrite the input; originals are never changed."""
    DISK_FULL = "sign.disk-full"
    """No space for the output; nothing was written."""
    WRITE_FAILED = "sign.write-failed"
    """The output can't be written; nothing was written."""

    MODULE_ABSENT = "sign.module-absent"
    """The token's driver (PKCS#11 module) isn't installed."""
    MODULE_BROKEN = "sign.module-broken"
    """The token's driver can't be loaded or started."""
    TOKEN_ABSENT = "sign.token-absent"  # noqa: S105
    """No token in the reader, or none with that label."""
    TOKEN_REMOVED = "sign.token-removed"  # noqa: S105
    """The token was pulled out while it was signing."""
    TOKEN_BUSY = "sign.token-busy"  # noqa: S105
    """Another signing session holds the token's driver in another configuration."""
    TOKEN_BROKEN = "sign.token-broken"  # noqa: S105
    """The token answered with an error of its own."""
    PKCS12_BROKEN = "sign.pkcs12-broken"
    """The key file is no PKCS#12 file that can be read (fact `reason`)."""
    NO_CERTIFICATE = "sign.no-certificate"
    """The token holds no certificate that fits."""
    NO_KEY = "sign.no-key"
    """The token holds the certificate but not its private key."""
    CERTIFICATE_SEALED = "sign.certificate-sealed"
    """The certificate of this key file can only be read with its password."""
    PIN_NEEDED = "sign.pin-needed"
    """The token needs a PIN and none was given."""
    PIN_WRONG = "sign.pin-wrong"
    """The token refused the PIN. It was tried once and isn't tried again."""
    PIN_LOCKED = "sign.pin-locked"
    """Too many wrong PINs: the token is locked."""
    PIN_EXPIRED = "sign.pin-expired"
    """The PIN must be changed before the token can be used."""
    PIN_EACH_TIME = "sign.pin-each-time"
    """The key asks for its PIN at every signature and the PIN isn't at hand."""
    REMOTE_AWAY = "sign.remote-away"
    """The remote signing service didn't answer in time."""
    REMOTE_REFUSED = "sign.remote-refused"
    """The remote signing service refused, or its answer can't be understood (fact `reason`)."""
    SESSION_CLOSED = "sign.session-closed"
    """The session with the token has ended (closed, logged out, token pulled)."""

    CERTIFICATE_EXPIRED = "sign.certificate-expired"
    """The signer's certificate has expired."""
    CERTIFICATE_NOT_YET_VALID = "sign.certificate-not-yet-valid"
    """The signer's certificate isn't valid yet: wrong clock, or issued for later."""
    CERTIFICATE_NOT_FOR_SIGNING = "sign.certificate-not-for-signing"
    """The certificate isn't meant for signatures on documents (key usage, or a CA's certificate)."""
    CERTIFICATE_REVOKED = "sign.certificate-revoked"
    """The certificate of the signer or of an authority above it was withdrawn (facts `since`, `whose`)."""
    CHAIN_BROKEN = "sign.chain-broken"
    """The certificates above the signer's don't hold together."""
    CHAIN_UNTRUSTED = "sign.chain-untrusted"
    """The certificate doesn't lead to a trusted root, and the policy asks for that."""
    STATUS_UNREACHED = "sign.status-unreached"
    """The authority couldn't be asked whether the certificate was withdrawn, and the policy asks for that."""
    EVIDENCE_MISSING = "sign.evidence-missing"
    """Certificates or revocation data for a long-term signature can't be had (`chain`, `revocation`)."""
    NOT_SIGNED = "sign.not-signed"
    """A time stamp or validation data was to be added to a file that holds no signature."""
    SIGNATURE_WRONG = "sign.signature-wrong"
    """What the token returned doesn't verify with its own certificate; nothing was written."""

    TSA_AWAY = "sign.tsa-away"
    """The time-stamp service didn't answer in time."""
    TSA_REFUSED = "sign.tsa-refused"
    """The time-stamp service refused, or its answer doesn't verify."""

    TRUST_BROKEN = "sign.trust-broken"
    """A file given as trusted certificate can't be read as one."""
    TRAINING_BROKEN = "sign.training-broken"
    """The training room's key material can't be made or read."""


class SigningError(Exception):
    """A fault of the world while stamping, signing or verifying.

    `facts` holds what happened as fields (sizes, names of rules, paths are left out): no prose, no personal
    data, never a PIN.
    """

    def __init__(self, fault: SigningFault, **facts: str | int | float) -> None:
        super().__init__(fault.value, facts)
        self.fault = fault
        self.facts: dict[str, str | int | float] = facts

    @property
    def code(self) -> str:
        """The stable code of the fault, such as `sign.pin-wrong`."""
        return self.fault.value

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code
