"""Running the intake: in the foreground, as a child process, or in a thread beside a test."""

import logging
import signal
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType

import uvicorn

from sync.errors import Fault, SyncError
from sync.server.application import create_app
from sync.server.bounded_protocol import BoundedHttpProtocol
from sync.server.intake import Choices, Intake
from sync.server.settings import DEFAULT_MAX_BYTES, Limits

logger = logging.getLogger(__name__)

_GRACE_S = 5
_KEEP_ALIVE_S = 75
_BACKLOG = 1024


def serve(
    data_dir: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    max_bytes: int = DEFAULT_MAX_BYTES,
    tokens: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    choices: Choices | None = None,
) -> None:
    """Serve until `stop` is set, or SIGTERM or SIGINT comes; then finish what is under way and return.

    `port` 0 takes a free one; `ready` gets the address once connections are taken. The other parameters are
    those of `create_app`. Raises SyncError: sync.intake-address-taken, and those of `create_app`.
    """
    with _listening(host, port) as listener:
        app = create_app(data_dir, max_bytes=max_bytes, tokens=tokens, limits=limits, choices=choices)
        intake: Intake = app.state.intake
        config = uvicorn.Config(
            app,
            http=BoundedHttpProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
            limit_concurrency=intake.limits.most_connections,
            backlog=_BACKLOG,
        )
        server = _Server(config, ready=lambda: ready and ready(_address(listener)), stop=stop)
        try:
            server.run(sockets=[listener])
        finally:
            intake.close()


class _Server(uvicorn.Server):
    """uvicorn that tells when it is ready, stops on an event, and returns from a signal in good order."""

    def __init__(
        self, config: uvicorn.Config, *, ready: Callable[[], None], stop: threading.Event | None
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take connections, and say so."""
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Look ten times a second whether to stop."""
        if self._stop is not None and self._stop.is_set():
            self.should_exit = True
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take the signals of a terminal and of a service, without raising them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {kind: signal.signal(kind, self._asked_to_end) for kind in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for kind, handler in before.items():
                signal.signal(kind, handler)

    def _asked_to_end(self, _kind: int, _frame: FrameType | None) -> None:
        self.should_exit = True


class IntakeThread:
    """An intake in a thread of this process: `with IntakeThread(folder) as intake: … intake.url`.

    Raises what `serve` raises, when the block is entered.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        max_bytes: int = DEFAULT_MAX_BYTES,
        tokens: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        choices: Choices | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._port = port
        self._max_bytes = max_bytes
        self._tokens = tokens
        self._limits = limits
        self._choices = choices
        self._stop = threading.Event()
        self._settled = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="sync-intake", daemon=True)
        self.url = ""

    def __enter__(self) -> "IntakeThread":
        self._thread.start()
        self._settled.wait()
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            serve(
                self._data_dir,
                port=self._port,
                ready=self._is_ready,
                stop=self._stop,
                max_bytes=self._max_bytes,
                tokens=self._tokens,
                limits=self._limits,
                choices=self._choices,
            )
        except BaseException as failure:
            self._failure = failure
        finally:
            self._settled.set()

    def _is_ready(self, url: str) -> None:
        self.url = url
        self._settled.set()


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket, None, None]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms for every second small answer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise SyncError(Fault.INTAKE_ADDRESS_TAKEN, port=port) from error
        yield listener
    finally:
        listener.close()


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
