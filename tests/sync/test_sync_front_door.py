"""The front door: light to open, complete, and true about what passes and what does not."""

import subprocess
import sys

import pytest

import sync
import sync.server
from sync import Fault, SyncError, full_jitter, is_submission_id, new_submission_id


@pytest.mark.parametrize("door", ["sync", "sync.server"])
def test_opening_the_door_loads_nothing_heavy(door: str) -> None:
    heavy = "requests,truststore,urllib3,cryptography,starlette,uvicorn,anyio,ulid,zipfile,sqlite3,sqlalchemy"
    program = f"import {door}, sys; print([m for m in {heavy.split(',')!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("door", [sync, sync.server])
def test_every_promised_name_is_there(door: object) -> None:
    names = door.__all__  # type: ignore[attr-defined]
    assert len(names) == len([getattr(door, name) for name in names])


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = sync.no_such_thing  # type: ignore[attr-defined]


def test_codes_are_unique_and_speak_of_this_engine() -> None:
    values = [fault.value for fault in Fault]
    assert len(set(values)) == len(values)
    assert all(value.startswith("sync.") for value in values)


def test_time_heals_a_line_but_not_a_refusal() -> None:
    assert SyncError(Fault.OFFLINE).passing
    assert SyncError(Fault.CAPTIVE_PORTAL).passing
    permanent = [Fault.UNAUTHORISED, Fault.REJECTED, Fault.TOO_LARGE, Fault.CONFLICT, Fault.RECEIPT_FORGED]
    assert not any(SyncError(fault).passing for fault in permanent)


def test_an_error_carries_its_facts() -> None:
    error = SyncError(Fault.SERVER_BUSY, retry_after_s=7.0, status=503)
    assert (error.code, error.facts, error.retry_after_s) == ("sync.server-busy", {"status": 503}, 7.0)


def test_full_jitter_doubles_up_to_its_cap_and_never_goes_below_zero() -> None:
    ceilings = [full_jitter(attempt, random=lambda: 1.0) for attempt in range(1, 12)]
    assert ceilings[:4] == [2.0, 4.0, 8.0, 16.0]
    assert ceilings[-1] == 900.0
    assert full_jitter(10_000, random=lambda: 1.0) == 900.0
    assert full_jitter(5, random=lambda: 0.0) == 0.0
    assert full_jitter(0, random=lambda: 1.0) == 0.0


def test_submission_ids_are_ulids_in_their_one_spelling() -> None:
    minted = new_submission_id()
    assert is_submission_id(minted)
    for wrong in (minted.lower(), minted[:-1], minted + "0", "8" + minted[1:], "I" * 26, "../" + minted[3:]):
        assert not is_submission_id(wrong)
