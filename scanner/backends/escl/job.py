"""One scan job on an eSCL device: begun, its pages fetched, ended (lượt quét).

Status codes as of the Mopria eSCL Technical Specification, and as devices use them: the end of the paper is
404, 410, or 409 with an empty feeder; a page that isn't ready yet is 503, and 404 with a job under way.
"""

from __future__ import annotations

import http
import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from scanner.backends.escl.line import Answer, Line, refusal_of
from scanner.backends.escl.picture import NotWholeError, Picture, develop, most_bytes
from scanner.backends.escl.settings import Order
from scanner.backends.escl.status import ENDED_JOBS, LOADED, PROCESSING, Status, read_status
from scanner.contract import Source, never
from scanner.errors import ScanError, ScanFault

_log = logging.getLogger(__name__)

SECONDS_FOR_BUSY = 10.0
"""How long a job may be refused with 503 before the clerk is told that the scanner is busy."""

SECONDS_TO_CANCEL = 5.0
TRIES_OF_A_PAGE = 3
TRIES_TOO_EARLY = 20
SECONDS_TOO_EARLY = 0.5
"""A job under way that has no page yet is asked again this often (seen on Brother's feeders)."""

WAITS_FOR_A_PAGE = 5
"""A page may take this many times the patience altogether, as long as something comes."""

_JPEG_KINDS = frozenset({"image/jpeg", "image/jpg", "application/octet-stream", ""})
_BEGUN = frozenset({http.HTTPStatus.OK, http.HTTPStatus.CREATED, http.HTTPStatus.ACCEPTED})
_NO_MORE = frozenset({http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE})


@dataclass(frozen=True)
class Broken:
    """A transfer that broke off, with what had come."""

    received: bytes


class ScanJob:
    """A job under way. `end` it whatever happens; until then the device is ours."""

    def __init__(self, line: Line, order: Order) -> None:
        self._line = line
        self._order = order
        self._path: str | None = None
        self._images = 0
        self._again = False
        self.counted: int | None = None
        """Images that the device says it made, once the job has come to its own end."""

    def begin(self) -> None:
        """Has the device take the job.

        Raises ScanError `scan.busy` after ten seconds of it, `scan.no-documents`, `scan.jammed` and the like
        where its feeder says so, `scan.unsupported` where it doesn't take the order.
        """
        until = time.monotonic() + min(SECONDS_FOR_BUSY, self._line.patience_s)
        while True:
            # What the device may have done before it hung up can't be known: a job isn't asked for twice.
            self._line.close()
            # After a stop its answer is still waited for: only it tells which job to take back.
            answer = self._line.ask(
                "POST",
                f"{self._line.address.root}/ScanJobs",
                self._order.document,
                silence_s=self._patience(),
                overall_s=self._patience(),
                grace_s=SECONDS_TO_CANCEL,
            )
            if answer.status in _BEGUN:
                self._path = self._line.address.job_path(answer.location)
                return
            self._refused(answer)
            if time.monotonic() + answer.retry_after_s > until:
                raise ScanError(ScanFault.BUSY, status=answer.status)
            self._line.watch.pause(answer.retry_after_s)

    def next_page(self) -> Picture | None:
        """The next page, or None after the last.

        A broken transfer is asked for again; where another page comes instead, the broken one is lost, which
        is `scan.truncated`. Raises ScanError for the faults of the feeder, `scan.bad-answer`, `scan.busy`.
        """
        broken: Broken | None = None
        for _ in range(TRIES_OF_A_PAGE):
            answer = self._document(broken)
            if answer is None:
                return None
            found = self._developed(answer)
            if isinstance(found, Picture):
                if broken is not None and not _same_page(broken.received, answer.body):
                    raise ScanError(ScanFault.TRUNCATED, page=self._images + 1)
                self._images += 1
                return found
            broken = found if broken is None or len(found.received) > len(broken.received) else broken
            self._again = True
            self._line.close()
        raise ScanError(
            ScanFault.TRUNCATED if broken and broken.received else ScanFault.IO, page=self._images + 1
        )

    def end(self) -> None:
        """Takes the job back where it hasn't ended by itself; the answer to that matters no more."""
        path, self._path = self._path, None
        if path is None:
            return
        self._line.close()
        with suppress(ScanError), Line(self._line.address, self._line.pins, SECONDS_TO_CANCEL, never) as line:
            answer = line.ask("DELETE", path)
            _log.debug("eSCL job taken back: %s", answer.status)

    def _document(self, broken: Broken | None) -> Answer | None:
        """A 200, or None after the last page; waits as long as the device isn't ready."""
        until = time.monotonic() + self._line.patience_s
        too_early = 0
        while True:
            answer = self._asked()
            if answer is None or answer.status == http.HTTPStatus.OK:
                return answer or _NOTHING
            if answer.status in _NO_MORE:
                status = self._status()
                if too_early < TRIES_TOO_EARLY and self._is_under_way(status):
                    too_early += 1
                    self._line.watch.pause(SECONDS_TOO_EARLY)
                    continue
                self._ended(status, broken)
                return None
            if answer.status == http.HTTPStatus.CONFLICT and self._has_run_out(broken):
                return None
            self._refused(answer)
            if time.monotonic() + answer.retry_after_s > until:
                raise ScanError(ScanFault.BUSY, status=answer.status)
            self._line.watch.pause(answer.retry_after_s)

    def _asked(self) -> Answer | None:
        """One question for the next page; None where the connection broke before an answer."""
        try:
            return self._line.ask(
                "GET",
                f"{self._path}/NextDocument",
                most_bytes=most_bytes(self._order),
                silence_s=self._patience(),
                overall_s=self._patience() * WAITS_FOR_A_PAGE,
            )
        except ScanError as error:
            if error.fault is ScanFault.IO:
                return None
            raise

    def _developed(self, answer: Answer) -> Picture | Broken:
        if answer.kind not in _JPEG_KINDS:
            raise ScanError(ScanFault.BAD_ANSWER, what="kind", kind=answer.kind[:60])
        if not answer.whole:
            return Broken(answer.body)
        try:
            return develop(answer.body, self._order)
        except NotWholeError:
            return Broken(answer.body)

    def _refused(self, answer: Answer) -> None:
        """Raises what a refusal means; returns where it only means to wait."""
        if answer.status not in _TELLING:
            raise refusal_of(answer.status, "ScanJobs")
        status = self._status()
        fault = status.fault if status and self._feeds else None
        if fault is not None:
            raise ScanError(fault, page=self._images + 1)
        if answer.status == http.HTTPStatus.SERVICE_UNAVAILABLE:
            return
        if answer.status == http.HTTPStatus.CONFLICT and status and self._feeds and status.loaded is False:
            raise ScanError(ScanFault.NO_DOCUMENTS)
        if answer.status in {http.HTTPStatus.BAD_REQUEST, http.HTTPStatus.CONFLICT}:
            raise ScanError(ScanFault.UNSUPPORTED, field="job", status=answer.status)
        raise ScanError(ScanFault.UNKNOWN, status=answer.status)

    def _has_run_out(self, broken: Broken | None) -> bool:
        """Some devices say 409 for the end of the paper. Their job is over then."""
        status = self._status()
        if not self._feeds or status is None or status.fault or status.loaded is not False:
            return False
        self._ended(status, broken)
        return True

    def _ended(self, status: Status | None, broken: Broken | None) -> None:
        """The device has no more pages. Raises ScanError where that is no good end."""
        path, self._path = self._path, None
        fault = status.fault if status and self._feeds else None
        if fault is not None:
            raise ScanError(fault, page=self._images + 1)
        job = status.job(path) if status and path else None
        if broken is not None or (self._again and job and job.images and job.images > self._images):
            raise ScanError(ScanFault.TRUNCATED, page=self._images + 1)
        if job is not None and job.state in {"canceled", "cancelled"}:
            raise ScanError(ScanFault.CANCELLED, by="device")
        if job is not None and job.state == "aborted":
            raise ScanError(ScanFault.UNKNOWN, job=job.state)
        if not self._images:
            raise ScanError(ScanFault.NO_DOCUMENTS if self._feeds else ScanFault.UNKNOWN)
        # A page that was sent twice may have been counted twice, and some devices never count.
        self.counted = job.images or None if job is not None and not self._again else None

    def _is_under_way(self, status: Status | None) -> bool:
        """Whether more pages are to come although the device had none just now."""
        if status is None or status.fault is not None or not self._feeds or self._path is None:
            return False
        job = status.job(self._path)
        if job is not None and job.state in ENDED_JOBS:
            return False
        return status.state == PROCESSING and (
            status.feeder in {LOADED, PROCESSING} if job is None else job.state == PROCESSING
        )

    def _status(self) -> Status | None:
        """What the device says of itself; None where it says nothing of use."""
        try:
            return read_status(self._line.document("ScannerStatus"))
        except ScanError as error:
            if error.fault in {ScanFault.CANCELLED, ScanFault.CERTIFICATE_CHANGED}:
                raise
            return None

    @property
    def _feeds(self) -> bool:
        return self._order.source is not Source.FLATBED

    def _patience(self) -> float:
        return self._line.patience_s


_NOTHING = Answer(http.HTTPStatus.OK, "", "", 0.0, b"", whole=False)
"""Stands for a page of which not a byte came."""

_TELLING = frozenset(
    {
        http.HTTPStatus.BAD_REQUEST,
        http.HTTPStatus.CONFLICT,
        http.HTTPStatus.INTERNAL_SERVER_ERROR,
        http.HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Refusals whose reason stands in the status of the device."""


def _same_page(received: bytes, whole: bytes) -> bool:
    """Whether `whole` is the page of which `received` was the beginning."""
    return whole.startswith(received)
