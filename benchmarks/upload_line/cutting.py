"""A line that is cut after so many bytes sent: counts what the sender put on it, and resets it there."""

import contextlib
import socket
import struct
import threading


class CuttingLine:
    """A TCP proxy before `upstream`; at each of the `cuts` (bytes sent so far, rising) the line is reset."""

    def __init__(self, upstream: tuple[str, int], cuts: list[int], host: str = "127.0.0.1") -> None:
        self._upstream = upstream
        self._cuts = list(cuts)
        self._lock = threading.Lock()
        self.sent = 0
        self._listener = socket.create_server((host, 0), backlog=32)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    @property
    def cuts_left(self) -> int:
        """How many cuts are still to come."""
        return len(self._cuts)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._pass_on, args=(line,), daemon=True).start()

    def _pass_on(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), socket.create_connection(self._upstream) as onward, line:
            for one in (line, onward):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._answers, args=(onward, line), daemon=True).start()
            while piece := line.recv(16384):
                with self._lock:
                    self.sent += len(piece)
                    cut = bool(self._cuts) and self.sent >= self._cuts[0]
                    if cut:
                        self._cuts.pop(0)
                if cut:
                    reset = struct.pack("ii", 1, 0)
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                    return
                onward.sendall(piece)

    @staticmethod
    def _answers(onward: socket.socket, line: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := onward.recv(65536):
                line.sendall(piece)
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
