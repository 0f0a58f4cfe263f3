"""The worker process seen from this side: started, watched, asked, ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import scanner
from scanner.backends.sane import wire
from scanner.backends.sane.detour import Detour
from scanner.errors import ScanError, ScanFault

_SECONDS_TO_LEAVE = 2.0
_KEEP_THE_HEAP = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(256 * 1024 * 1024)}
"""Every page needs the memory of the one before. Giving it back to the system in between and getting it
cleared anew, as glibc does with 26 MB, takes more of the processor than the driver itself."""

_PYTHON_PATH = Path(scanner.__file__).resolve().parent.parent


class Worker:
    """One process of `scanner.backends.sane.worker`. Not for two threads at once.

    `is_free` is False from a request until the worker says that the driver has put everything away.
    """

    def __init__(self, config_dir: Path | None, *, beside_system: bool = False) -> None:
        self._number = 0
        self.is_free = True
        try:
            self._configuration = Detour(config_dir) if config_dir is not None else None
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "scanner.backends.sane.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(
                    self._configuration.path if self._configuration else None, beside_system=beside_system
                ),
                # A group of its own: what a driver forks is ended with it, and Ctrl-C is ours to handle.
                start_new_session=True,
            )
        except OSError as error:
            raise ScanError(ScanFault.WORKER_DIED, errno=error.errno or 0) from error
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self._poll = select.poll()
        self._poll.register(self._stdout.fileno(), select.POLLIN)

    @property
    def pid(self) -> int:
        """The process id of the worker."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, verb: str, **fields: object) -> int:
        """Sends a request and returns its number."""
        self._number += 1
        self.is_free = False
        self._send({"verb": verb, "number": self._number, **fields})
        return self._number

    def read_some(self, buffer: memoryview, wait_s: float) -> int:
        """Reads what there is into `buffer`; 0 where nothing came within `wait_s`.

        Raises ScanError `scan.worker-died` at the end of the stream.
        """
        if not self.has_something(wait_s):
            return 0
        try:
            count = os.readv(self._stdout.fileno(), [buffer])
        except (OSError, ValueError):  # another thread has just closed it
            raise self.died() from None
        if not count:
            raise self.died()
        return count

    def has_something(self, wait_s: float) -> bool:
        """Whether something to read, or the end of the stream, comes within so many seconds."""
        return bool(self._poll.poll(max(wait_s, 0.0) * 1000))

    def cancel(self, number: int) -> None:
        """Asks the worker to stop what it does for request `number`."""
        self._send({"verb": "cancel", "number": number})

    def taken(self, number: int, count: int) -> None:
        """Tells that the first `count` pages of request `number` are kept."""
        self._send({"verb": "taken", "number": number, "count": count})

    def died(self, **facts: str | int) -> ScanError:
        """Makes sure that the process is gone; the error to raise for it."""
        return ScanError(ScanFault.WORKER_DIED, status=self.kill(), **facts)

    def leave(self) -> None:
        """Lets the process end in order; kills it where it takes too long."""
        if self.is_alive():
            with contextlib.suppress(ScanError):
                self._send({"verb": "leave", "number": 0})
            with contextlib.suppress(OSError):
                self._stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_LEAVE)
        self.kill()

    def kill(self) -> int:
        """Ends the process and everything it forked; returns its exit status."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        status = self._process.wait()
        for pipe in (self._stdin, self._stdout):
            # Bytes that can't be flushed to a dead process are of no use to anyone.
            with contextlib.suppress(OSError):
                pipe.close()
        if self._configuration is not None:
            self._configuration.close()
        return status

    def _send(self, message: wire.Message) -> None:
        try:
            wire.write_all(self._stdin.fileno(), wire.pack_message(message))
        except (OSError, ValueError):
            raise self.died() from None


def _environment(config_dir: Path | None, *, beside_system: bool = False) -> dict[str, str]:
    """Ours, without what would steer Python or SANE, and with the private configuration.

    SANE looks into its usual folders as well where the list ends with its separator.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "SANE_DEBUG")) and name != "LD_PRELOAD"
    }
    if config_dir is not None:
        inherited["SANE_CONFIG_DIR"] = f"{config_dir}{os.pathsep if beside_system else ''}"
    return {**inherited, **_KEEP_THE_HEAP, "PYTHONPATH": str(_PYTHON_PATH)}
