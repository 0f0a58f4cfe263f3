"""What comes back later: codes, results, rejections, their mending; copies that go, and those that stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import sync
from app.domain.codes import is_dossier_code
from app.domain.errors import StationError, StationFault
from app.domain.outbox import OutboxEntry
from app.domain.states import Business, Digitisation, Synchronisation
from app.workflow import capture, erase, verdicts
from app.workflow.happenings import tell_nobody
from app.workflow.mend import mend, reasons
from app.workflow.queue import Sender
from app.workflow.station import Desk

from .conftest import NOW, Clock, Province

Queued = Callable[..., OutboxEntry]
DeskOf = Callable[..., Desk]


def never() -> bool:
    return False


def send(desk: Desk) -> None:
    for outcome in Sender(desk, stopped=never, tell=tell_nobody).round():
        assert outcome.error is None, outcome


def ask(desk: Desk) -> list[OutboxEntry]:
    return verdicts.ask_verdicts(desk, stopped=never, tell=tell_nobody, everything=True)


def test_the_servers_code_takes_the_place_of_the_temporary_one(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    (desk.store.folder / "results" / "TMP-QUAY1-1").mkdir(parents=True)
    before = desk.store.blobs.read(entry.package)
    send(desk)
    (changed,) = ask(desk)
    code = desk.store.dossiers.get("D1").code
    assert is_dossier_code(code)
    assert code.startswith("H18.19-")
    assert changed.dossier_code == code
    assert (desk.store.folder / "results" / code).is_dir()
    assert not (desk.store.folder / "results" / "TMP-QUAY1-1").exists()
    # What was signed and sealed says what it said.
    assert desk.store.blobs.read(entry.package) == before
    assert [row.action for row in desk.store.audit.rows("D1")][-2:] == ["renamed", "verdict-accepted"]
    assert ask(desk) == []  # the same word twice is no news


def test_a_result_closes_the_business(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    send(desk)
    province.solve(dossier_code="H18.19-260520-0042")
    ask(desk)
    dossier = desk.store.dossiers.get("D1")
    assert (dossier.business, dossier.code) == (Business.SOLVED, "H18.19-260520-0042")
    answered = desk.store.outbox.get(entry.submission_id)
    verdict = verdicts.verdict_of(answered)
    assert verdict is not None
    assert verdict.result == {"so": "12/GKS"}
    assert answered.ask_at is None
    clock.passes(days=30)
    assert desk.store.outbox.to_ask(clock.at, 10) == []


def test_a_rejection_is_mended_and_goes_as_a_new_version(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    first = queued(desk, 1, papers=3)
    send(desk)
    province.reject((2, "page-missing", "Thiếu trang 2"))
    (sent_back,) = ask(desk)
    assert sent_back.state is Synchronisation.REJECTED
    dossier = desk.store.dossiers.get("D1")
    assert (dossier.synchronisation, dossier.business) == (Synchronisation.REJECTED, Business.SUPPLEMENT)
    assert [(r.component, r.code, r.text) for r in reasons(desk, "D1")] == [
        (2, "page-missing", "Thiếu trang 2")
    ]
    assert [d.id for d in desk.store.dossiers.unfinished()] == ["D1"]

    (again,) = mend(desk, "D1")
    assert (again.ordinal, again.code, again.signed) == (2, "H18.19_TK_000012_V2", None)
    one, _, three = desk.store.dossiers.components("D1")
    assert one.signed is not None
    assert three.signed is not None
    dossier = desk.store.dossiers.get("D1")
    assert (dossier.digitisation, dossier.synchronisation) == (
        Digitisation.CAPTURING,
        Synchronisation.NONE,
    )
    assert dossier.submission_id is None
    capture.open_for_pages(desk, "D1")  # type: ignore[arg-type]
    assert desk.store.dossiers.components("D1")[0].signed == one.signed

    # The clerk scans, builds, signs; what is sealed then has an id of its own beside the first one.
    station_signs(desk, again.id)
    second = resealed(desk, first)
    send(desk)
    states = {e.submission_id: e.state for e in desk.store.outbox.of_dossier("D1")}
    assert states == {
        first.submission_id: Synchronisation.REJECTED,
        second.submission_id: Synchronisation.DELIVERED,
    }
    code = province.solve()
    assert code == second.submission_id
    ask(desk)
    assert desk.store.dossiers.get("D1").business is Business.SOLVED


def station_signs(desk: Desk, component_id: str) -> None:
    components = desk.store.dossiers.components("D1")
    signed = desk.store.blobs.put(b"%PDF-1.7\nnew version")
    with desk.store.transaction():
        for component in components:
            if component.id == component_id:
                desk.store.dossiers.save_component(
                    replace(component, built=signed, coded=signed, signed=signed)
                )
        dossier = desk.store.dossiers.get("D1")
        for step in (Digitisation.CAPTURED, Digitisation.READ, Digitisation.BUILT, Digitisation.SIGNED):
            dossier = dossier.digitised(step)
        desk.store.dossiers.save(dossier)


def resealed(desk: Desk, first: OutboxEntry) -> OutboxEntry:
    submission_id = sync.new_submission_id()
    components = desk.store.dossiers.components("D1")
    package = sync.seal_package(
        desk.store.folder / "second.zip",
        submission_id=submission_id,
        files=[
            sync.PackageFile(desk.store.blobs.path(c.signed or ""), f"data/{c.code}.pdf", c.signed or "")
            for c in components
        ],
        metadata={"dossier": {"id": "D1"}, "replaces": first.submission_id},
        events=[],
        sealed_at=NOW,
    )
    entry = replace(
        first,
        submission_id=submission_id,
        package=desk.store.blobs.adopt(package.path, package.sha256),
        package_bytes=package.bytes,
        state=Synchronisation.QUEUED,
    )
    with desk.store.transaction():
        dossier = desk.store.dossiers.get("D1").digitised(Digitisation.SEALED)
        queued_up = replace(dossier.synchronised(Synchronisation.QUEUED), submission_id=submission_id)
        desk.store.dossiers.save(queued_up)
        desk.store.outbox.add(entry)
    return entry


def test_only_what_was_sent_back_is_mended(province: Province, desk_of: DeskOf, queued: Queued) -> None:
    desk = desk_of(province.url)
    queued(desk, 1)
    send(desk)
    with pytest.raises(StationError) as refused:
        mend(desk, "D1")
    assert refused.value.fault is StationFault.NOT_REJECTED
    with pytest.raises(StationError) as sealed:
        capture.open_for_pages(desk, "D1")  # type: ignore[arg-type]
    assert sealed.value.fault is StationFault.SIGNED_ALREADY


def test_a_reason_for_the_whole_dossier_concerns_every_paper(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    queued(desk, 1, papers=2)
    send(desk)
    province.reject((0, "wrong-procedure", "Sai thủ tục"))
    ask(desk)
    assert [c.ordinal for c in mend(desk, "D1")] == [1, 2]


@pytest.mark.parametrize(
    "code", ["", "TMP-QUAY1-9", "H18.19-261399-0001", "../../etc", "H18.19-260520-0007", "x" * 500]
)
def test_a_code_that_is_none_or_taken_changes_nothing(
    province: Province, desk_of: DeskOf, queued: Queued, code: str
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    queued(desk, 2)
    send(desk)
    issued = desk.store.dossiers.get("D1").code
    assert issued.startswith("H18.19-")  # it came with the receipt
    desk.store.dossiers.save(replace(desk.store.dossiers.get("D2"), code="H18.19-260520-0007"))
    verdict = sync.Verdict(entry.submission_id, sync.VerdictState.ACCEPTED, dossier_code=code)
    verdicts.keep_verdict(desk, desk.store.outbox.get(entry.submission_id), verdict)
    assert desk.store.dossiers.get("D1").code == issued


def test_the_code_that_comes_with_the_receipt_is_the_dossiers_from_then_on(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    send(desk)
    kept = desk.store.outbox.get(entry.submission_id)
    receipt = sync.Receipt.from_json(kept.receipt or "")
    assert desk.store.dossiers.get("D1").code == receipt.dossier_code == kept.dossier_code
    actions = [row.action for row in desk.store.audit.rows("D1")]
    assert actions[-2:] == ["delivered", "renamed"]
    ask(desk)
    assert [row.action for row in desk.store.audit.rows("D1")].count("renamed") == 1


def test_a_verdict_on_other_bytes_is_not_believed(
    province: Province, desk_of: DeskOf, queued: Queued
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    send(desk)
    verdict = sync.Verdict(entry.submission_id, sync.VerdictState.REJECTED, package_sha256="0" * 64)
    assert not verdicts.keep_verdict(desk, desk.store.outbox.get(entry.submission_id), verdict)
    assert desk.store.outbox.get(entry.submission_id).state is Synchronisation.DELIVERED


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"submission_id": "x", "state": "eaten"},
        {"submission_id": 7, "state": "done"},
        {"submission_id": "x", "state": "rejected", "reasons": [{"component": "2"}]},
        {"submission_id": "x", "state": "rejected", "reasons": "none"},
        {"submission_id": "x", "state": "done", "result": ["a"]},
        {"submission_id": "x", "state": "done", "dossier_code": "y" * 5000},
    ],
)
def test_words_that_are_no_verdict(value: dict[str, Any]) -> None:
    with pytest.raises(sync.SyncError) as caught:
        sync.Verdict.from_plain(value)
    assert caught.value.fault is sync.Fault.SERVER_FAULT


def test_the_older_the_submission_the_rarer_the_question(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    send(desk)
    waits = []
    for _ in range(4):
        verdicts.ask_verdicts(desk, stopped=never, tell=tell_nobody)
        ask_at = desk.store.outbox.get(entry.submission_id).ask_at
        assert ask_at is not None
        waits.append(ask_at - clock.at)
        clock.at = ask_at + timedelta(hours=12)
    assert waits == sorted(waits)
    assert max(waits) <= timedelta(hours=6)


DAYS = 30


def old_enough(desk: Desk, entry: OutboxEntry, **age: float) -> None:
    """Put the receipt so far back, as the server's clock would have it."""
    kept = desk.store.outbox.get(entry.submission_id)
    desk.store.outbox.save(replace(kept, delivered_at=desk.clock() - timedelta(**age)))


def real_now(clock: Clock) -> None:
    """The station's clock goes as the server's does."""
    from app.workflow.station import vietnam_now

    clock.at = vietnam_now()


def test_copies_go_days_after_a_verified_receipt(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    real_now(clock)
    desk = desk_of(province.url, erase_after_days=DAYS)
    entries = [queued(desk, number) for number in (1, 2)]
    send(desk)
    assert erase.erase_delivered(desk, stopped=never) == []
    old_enough(desk, entries[0], days=DAYS, minutes=1)
    old_enough(desk, entries[1], days=DAYS - 1)
    (gone,) = erase.erase_delivered(desk, stopped=never)
    assert gone.dossier_id == "D1"
    assert not desk.store.blobs.has(entries[0].package)
    assert desk.store.blobs.has(entries[1].package)
    assert desk.store.outbox.get(entries[0].submission_id).receipt is not None
    assert "D1" not in {dossier for _, dossier in desk.store.referenced_blobs()}
    assert erase.erase_delivered(desk, stopped=never) == []


def test_without_a_policy_nothing_goes(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    real_now(clock)
    desk = desk_of(province.url)
    entry = queued(desk, 1)
    send(desk)
    old_enough(desk, entry, days=4000)
    assert erase.erase_delivered(desk, stopped=never) == []


def test_a_clock_that_runs_ahead_erases_nothing(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    real_now(clock)
    desk = desk_of(province.url, erase_after_days=DAYS)
    entry = queued(desk, 1)
    send(desk)
    real_now(clock)
    delivered = desk.store.outbox.get(entry.submission_id).delivered_at
    assert delivered is not None
    clock.passes(days=10 * 365)
    greeting = desk.intake().greet()
    # The greeting compares with this process's clock, which is right; what it finds is what counts.
    ahead = replace(greeting, clock_skew_s=-10 * 365 * 86400.0)
    late = replace(desk, intake=lambda: Told(desk.intake(), ahead))
    assert erase.erase_delivered(late, stopped=never) == []
    assert desk.store.blobs.has(entry.package)


class Told:
    """A connector whose greeting is as it is told."""

    def __init__(self, real: sync.Connector, greeting: sync.Greeting) -> None:
        self._real = real
        self._greeting = greeting

    def greet(self, **_: object) -> sync.Greeting:
        return self._greeting

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


@pytest.mark.parametrize("harm", ["receipt", "hash", "rejected", "mending", "no-line", "stuck"])
def test_copies_stay_whenever_anything_is_in_doubt(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock, harm: str
) -> None:
    real_now(clock)
    desk = desk_of(province.url, erase_after_days=DAYS)
    entry = queued(desk, 1)
    send(desk)
    if harm in ("rejected", "mending"):
        province.reject((1, "blurred", "Mờ"))
        ask(desk)
    if harm == "mending":
        mend(desk, "D1")
    old_enough(desk, entry, days=DAYS, hours=1)
    kept = desk.store.outbox.get(entry.submission_id)
    if harm == "receipt":
        text = (kept.receipt or "").replace('"package_bytes":', '"package_bytes":1')
        desk.store.outbox.save(replace(kept, receipt=text))
    if harm == "hash":
        other = desk.store.blobs.put(b"other bytes")
        desk.store._database.write("UPDATE outbox SET package = ?", (other,))
    if harm == "stuck":
        desk.store._database.write("UPDATE outbox SET state = 'stuck'")
    if harm == "no-line":
        away = replace(desk, intake=lambda: sync.IntakeConnector(sync.IntakeClient("http://127.0.0.1:9")))
        with pytest.raises(sync.SyncError):
            erase.erase_delivered(away, stopped=never)
    else:
        assert erase.erase_delivered(desk, stopped=never) == []
    assert desk.store.blobs.has(entry.package)


def test_a_file_that_another_dossier_needs_stays(
    province: Province, desk_of: DeskOf, queued: Queued, clock: Clock
) -> None:
    real_now(clock)
    desk = desk_of(province.url, erase_after_days=DAYS)
    entry = queued(desk, 1)
    queued(desk, 2)
    shared = desk.store.dossiers.components("D1")[0].signed or ""
    other = desk.store.dossiers.components("D2")[0]
    desk.store.dossiers.save_component(replace(other, built=shared))
    send(desk)
    old_enough(desk, entry, days=DAYS, hours=1)
    (gone,) = erase.erase_delivered(desk, stopped=never)
    assert gone.dossier_id == "D1"
    assert desk.store.blobs.has(shared)
    assert not desk.store.blobs.has(entry.package)
