"""Receipts: checked without a line, and never with a doubt."""

import base64
import json
from dataclasses import fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from sync import Fault, Receipt, SyncError, UploadState, verify_receipt
from sync.receipt import key_id_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

_TEXT = st.text(max_size=40)


def _signed(unsigned: Receipt) -> Receipt:
    signature = base64.b64encode(KEY.sign(unsigned.signed_part())).decode()
    return replace(unsigned, signature=signature)


RECEIPT = _signed(
    Receipt(
        submission_id="01JQ7ZK3V9D2M4N6P8R0S2T4W6",
        package_sha256="ab" * 32,
        package_bytes=123456,
        received_at="2026-03-02T08:30:00.000+07:00",
        receipt_id="01JQ7ZK3V9D2M4N6P8R0S2T4W7",
        server="sohoa-intake",
        key_id=key_id_of(KEY.public_key()),
        signature="",
        audit_head="cd" * 32,
        intake_head="0" * 64,
    )
)


def _forged(receipt: Receipt, pem: bytes = PEM) -> str:
    with pytest.raises(SyncError) as caught:
        verify_receipt(receipt, pem)
    assert caught.value.fault is Fault.RECEIPT_FORGED
    return str(caught.value.facts["reason"])


def test_a_true_receipt_is_believed() -> None:
    verify_receipt(RECEIPT, PEM)
    verify_receipt(Receipt.from_json(RECEIPT.to_json()), PEM)


def test_the_signed_part_is_written_in_one_way_for_ever() -> None:
    assert RECEIPT.signed_part() == (
        b'{"audit_head":"' + b"cd" * 32 + b'","intake_head":"' + b"0" * 64 + b'","key_id":"'
        + RECEIPT.key_id.encode()
        + b'","package_bytes":123456,"package_sha256":"' + b"ab" * 32
        + b'","receipt_id":"01JQ7ZK3V9D2M4N6P8R0S2T4W7","received_at":"2026-03-02T08:30:00.000+07:00",'
        b'"server":"sohoa-intake","submission_id":"01JQ7ZK3V9D2M4N6P8R0S2T4W6"}'
    )  # fmt: skip


def test_a_code_that_the_intake_issued_is_signed_too() -> None:
    coded = _signed(replace(RECEIPT, dossier_code="H18.19-260302-0001"))
    assert b'"dossier_code":"H18.19-260302-0001"' in coded.signed_part()
    verify_receipt(Receipt.from_json(coded.to_json()), PEM)
    _forged(replace(coded, dossier_code="H18.19-260302-0002"))
    _forged(replace(coded, dossier_code=""))
    assert "dossier_code" not in RECEIPT.to_json()


@pytest.mark.parametrize("name", [field.name for field in fields(Receipt)])
def test_no_field_can_be_changed(name: str) -> None:
    value = getattr(RECEIPT, name)
    changed = value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1:] != "0" else "1")
    _forged(replace(RECEIPT, **{name: changed}))


def test_another_key_is_not_the_servers() -> None:
    other = Ed25519PrivateKey.generate().public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    assert _forged(RECEIPT, pem) == "other-key"
    assert _forged(replace(RECEIPT, key_id=key_id_of(other)), pem) == "signature"
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert _forged(RECEIPT, curve.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)) == "key"
    assert _forged(RECEIPT, b"no key") == "key"


@pytest.mark.parametrize("signature", ["", "AAAA", "not base64 !", "é"])
def test_a_signature_that_is_none(signature: str) -> None:
    assert _forged(replace(RECEIPT, signature=signature)) == "signature"


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values.pop("server"),
        lambda values: values.update(extra="x"),
        lambda values: values.update(package_bytes="123456"),
        lambda values: values.update(package_bytes=True),
        lambda values: values.update(server=None),
    ],
)
def test_json_of_another_shape_is_no_receipt(change: object) -> None:
    values = json.loads(RECEIPT.to_json())
    change(values)  # type: ignore[operator]
    for text in (json.dumps(values), "[]", "not json", "[" * 100_000):
        with pytest.raises(SyncError):
            Receipt.from_json(text)


@given(
    texts=st.lists(_TEXT, min_size=10, max_size=10),
    size=st.integers(min_value=0, max_value=2**53),
)
def test_receipts_round_trip_and_verify(texts: list[str], size: int) -> None:
    names = [field.name for field in fields(Receipt) if field.name != "package_bytes"]
    values = {**dict(zip(names, texts, strict=True)), "key_id": RECEIPT.key_id}
    receipt = _signed(Receipt(package_bytes=size, **values))
    again = Receipt.from_json(receipt.to_json())
    verify_receipt(again, PEM)
    assert again.to_json() == receipt.to_json()
    assert again.package_bytes == size


@given(
    url=_TEXT,
    offset=st.integers(0, 2**60),
    submission_id=_TEXT,
    package_sha256=_TEXT,
    chunk_bytes=st.integers(1, 2**30),
)
def test_upload_states_round_trip(**values: object) -> None:
    state = UploadState(**values)  # type: ignore[arg-type]
    assert UploadState.from_json(state.to_json()) == state


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 1, "offset": 0}', '{"url": "x", "offset": "0"}'])
def test_what_is_no_upload_state(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        UploadState.from_json(text)
