"""The process in which SANE runs: `python -m scanner.backends.sane.worker`.

A driver that crashes or hangs costs this process and nothing else. Requests come in on standard input as
frames of `wire`, answers and pages go out on what was standard output. Four verbs: `devices`,
`capabilities`, `sensors`, `scan`; besides them `taken` and `cancel`, which another thread obeys while the
first is in the driver, and `leave`. When standard input ends, the program that started us is gone: pages that
have left the feeder are put where they belong, the scan is cancelled and this process ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import resource
import signal
import sys
import threading

from scanner.backends.sane import wire
from scanner.backends.sane.session import Session

ADDRESS_SPACE_BYTES = 4 * 1024**3
"""A driver that asks for more is refused by the system, not by the machine running dry."""

SECONDS_TO_LEAVE = 3.0
SECONDS_TO_RESCUE = 10.0
"""How long a driver may take to come to rest where the pages of a killed program are to be kept."""
SECONDS_HELD_OPEN = 5.0
"""How long a device stays open after its sensors were read: whoever waits for paper asks again soon."""


def _fill_from(fd: int, buffer: memoryview) -> None:
    while buffer:
        count = os.readv(fd, [buffer])
        if not count:
            raise EOFError
        buffer = buffer[count:]


def _listen(fd: int, session: Session, requests: queue.SimpleQueue[wire.Message | None]) -> None:
    """Takes requests off standard input; starts a thread for `cancel`, the driver's own being busy then."""
    dismissed = False
    with contextlib.suppress(EOFError, OSError, wire.BrokenWireError):
        while not dismissed:
            _, length = wire.read_header(lambda buffer: _fill_from(fd, buffer))
            message = wire.read_message(length, lambda buffer: _fill_from(fd, buffer))
            match message["verb"]:
                case "cancel":
                    number = int(message["number"])
                    threading.Thread(target=session.cancel, args=(number,), daemon=True).start()
                case "taken":
                    session.untaken.taken(int(message["count"]))
                case "leave":
                    dismissed = True
                case _:
                    requests.put(message)
    rescues = not dismissed and session.untaken.claim()
    requests.put(None)
    # The driver may never come back; it gets a moment to let the paper go, then the process ends.
    deadline = threading.Timer(SECONDS_TO_RESCUE if rescues else SECONDS_TO_LEAVE, _give_up, (session,))
    deadline.daemon = True
    deadline.start()
    if not rescues:
        session.cancel_all()


def _give_up(session: Session) -> None:
    """Keeps what there is, unless the disk hangs as well."""
    at_last = threading.Timer(SECONDS_TO_LEAVE, os._exit, (1,))
    at_last.daemon = True
    at_last.start()
    session.untaken.save()
    os._exit(1)


def _next(requests: queue.SimpleQueue[wire.Message | None], session: Session) -> wire.Message | None:
    """The next request; a device that is held open is put away where none comes for a while."""
    with contextlib.suppress(queue.Empty):
        return requests.get(timeout=SECONDS_HELD_OPEN if session.holds_a_device else None)
    session.put_away()
    return requests.get()


def _load() -> None:
    """What the first page needs, loaded while the driver looks for its device."""
    import cv2
    import filelock  # noqa: F401

    cv2.setNumThreads(1)


def main() -> None:
    """Serves requests until told to leave or left alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # SANE's library for reader threads sets SIGPIPE back to what kills: a pipe that ends must not.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = os.dup(sys.stdout.fileno())
    # Drivers print; their chatter must not reach the pipe that carries the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(OSError):
        fcntl.fcntl(out, fcntl.F_SETPIPE_SZ, wire.PIPE_BYTES)
    session = Session(out)
    requests: queue.SimpleQueue[wire.Message | None] = queue.SimpleQueue()
    threading.Thread(
        target=_listen, args=(sys.stdin.fileno(), session, requests), daemon=True, name="listen"
    ).start()
    threading.Thread(target=_load, daemon=True, name="load").start()
    with contextlib.suppress(BrokenPipeError):
        while (request := _next(requests, session)) is not None:
            session.answer(request)
        session.leave()
    session.untaken.save()
    # Threads that a driver left behind must not keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
