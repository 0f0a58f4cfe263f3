"""The queue of documents that are owed a time stamp, against a service as bad as the real one."""

import random
import threading
from pathlib import Path
from typing import Any

import pytest

import signing
from signing import Assurance, FakeToken, Level, SigningError, SigningFault, StampQueue, TimestampService
from signing.training import TrainingPki


class SlowService:
    """Real stamps behind a line like the Government's: 2–131 s on a clock of its own, calls that fail."""

    def __init__(self, real: TimestampService, *, failing: float = 0.2, seed: int = 1) -> None:
        self._real, self._failing, self._chance = real, failing, random.Random(seed)
        self._door = threading.Lock()
        self.now = 1_800_000_000.0
        self.calls = self.failures = self.at_once = self.most_at_once = 0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def stamp(self, digest: bytes, algorithm: str = "sha256") -> Any:
        with self._door:
            self.calls += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            fails = self._chance.random() < self._failing
            self.now += self._chance.uniform(2, 131)
        try:
            if fails:
                self.failures += 1
                raise SigningError(SigningFault.TSA_AWAY, reason="fault on purpose")
            return self._real.stamp(digest, algorithm)
        finally:
            with self._door:
                self.at_once -= 1


def signed(count: int, folder: Path, plain: Path, token: FakeToken) -> list[Path]:
    files = [folder / f"{number}.pdf" for number in range(count)]
    with token.open("1") as opened:
        for file in files:
            signing.sign_pdf(plain, file, opened, appearance=None, timestamp=None)
    return files


@pytest.fixture
def token(pki: TrainingPki) -> FakeToken:
    from cryptography.hazmat.primitives.asymmetric import ec

    from signing.tokens.fake import digest_of_pin

    key = ec.generate_private_key(ec.SECP256R1())
    return FakeToken(pki.issue(key.public_key(), "A"), key, digest_of_pin("1"), (pki.issuing_certificate,))


def stamps_in(file: Path, pki: TrainingPki) -> list[str]:
    return [one.kind for one in signing.verify_pdf(file, trust=[pki.trust]) if one.sound]


def test_every_document_gets_its_stamp_over_a_bad_line(
    token: FakeToken, plain: Path, tmp_path: Path, pki: TrainingPki, stamps: TimestampService
) -> None:
    line = SlowService(stamps, failing=0.4)
    files = signed(10, tmp_path, plain, token)
    queue = StampQueue(tmp_path / "queue", line, Assurance(), clock=line.clock, pause=line.pause)
    for file in files:
        queue.owe(file, Level.B_T)
    assert len(queue.owed()) == 10
    reported: list[Path] = []
    assert queue.run(until_done=True, report=lambda result: reported.append(result.path)) == 10
    assert queue.owed() == ()
    assert sorted(reported) == sorted(files)
    assert line.failures > 0
    assert line.calls == 10 + line.failures
    assert 1 < line.most_at_once <= 4
    for file in files:
        assert stamps_in(file, pki) == ["signature", "timestamp"]
        assert signing.standing_level(file) is Level.B_T


def test_nothing_is_called_stamped_while_the_line_is_down(
    token: FakeToken, plain: Path, tmp_path: Path, pki: TrainingPki, stamps: TimestampService
) -> None:
    line = SlowService(stamps, failing=1.0)
    (file,) = signed(1, tmp_path, plain, token)
    before = file.read_bytes()
    queue = StampQueue(tmp_path / "queue", line, Assurance(), clock=line.clock, pause=line.pause)
    queue.owe(file, Level.B_T)
    waits = []
    for tries in range(1, 12):
        assert queue.run() == 0
        (entry,) = StampQueue(tmp_path / "queue", line, Assurance()).owed()
        assert (entry.tries, entry.fault, entry.stuck) == (tries, "sign.tsa-away", False)
        waits.append(entry.due - line.now)
        assert queue.run() == 0, "not before its time"
        assert line.calls == tries
        line.now = entry.due
    assert all(5 <= wait <= 900 for wait in waits)
    assert waits[-1] > waits[0]
    assert file.read_bytes() == before
    assert signing.standing_level(file) is Level.B_B
    assert stamps_in(file, pki) == ["signature"]


def test_what_no_try_can_help_is_set_aside(
    token: FakeToken, plain: Path, tmp_path: Path, stamps: TimestampService
) -> None:
    gone, whole = signed(2, tmp_path, plain, token)
    queue = StampQueue(tmp_path / "queue", stamps, Assurance())
    queue.owe(gone, Level.B_T)
    queue.owe(whole, Level.B_T)
    queue.owe(plain, Level.B_T)
    gone.unlink()
    (tmp_path / "queue" / "broken.json").write_bytes(b"{")
    assert queue.run(until_done=True) == 1
    told = {Path(entry.pdf).name: (entry.stuck, entry.fault) for entry in queue.owed()}
    assert told == {"0.pdf": (True, "sign.pdf-missing"), "plain.pdf": (True, "sign.not-signed")}


def test_one_program_at_a_time_and_a_stop(
    token: FakeToken, plain: Path, tmp_path: Path, stamps: TimestampService
) -> None:
    queue = StampQueue(tmp_path / "queue", stamps, Assurance())
    for file in signed(2, tmp_path, plain, token):
        queue.owe(file, Level.B_T)
    with queue._alone() as alone:
        assert alone
        assert StampQueue(tmp_path / "queue", stamps, Assurance()).run() == 0
    assert queue.run(stopped=lambda: True) == 0
    assert len(queue.owed()) == 2
    assert queue.run() == 2


def test_what_another_program_added_meanwhile_is_not_lost(
    token: FakeToken, plain: Path, tmp_path: Path, pki: TrainingPki, stamps: TimestampService
) -> None:
    (file,) = signed(1, tmp_path, plain, token)
    second = tmp_path / "second.pdf"
    with token.open("1") as opened:
        signing.sign_pdf(file, second, opened, appearance=None, timestamp=None)

    class Meddling:
        def stamp(self, digest: bytes, algorithm: str = "sha256") -> Any:
            if second.exists():
                second.replace(file)
            return stamps.stamp(digest, algorithm)

    queue = StampQueue(tmp_path / "queue", Meddling(), Assurance(), clock=lambda: 0.0)
    queue.owe(file, Level.B_T)
    assert queue.run() == 0
    (entry,) = queue.owed()
    assert (entry.fault, entry.stuck) == ("sign.file-changed", False)
    assert stamps_in(file, pki) == ["signature", "signature"]
    queue.owe(file, Level.B_T)
    assert queue.run() == 1
    assert stamps_in(file, pki) == ["signature", "signature", "timestamp"]
