"""One window for each data folder: a second start brings the first to the front (một cửa sổ)."""

import getpass
import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MS = 1000  # an older window that is busy this long is not waited for
_CALL = b"show\n"


class SingleInstance(QObject):
    """The first program of a folder listens; a later one calls it and leaves."""

    called = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = _name(folder)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)

    def claim(self) -> bool:
        """True when this program is the first; False when another one was there and has been called."""
        if self._call_other():
            return False
        if not self._server.listen(self._name):
            QLocalServer.removeServer(self._name)  # left behind by a crash
            self._server.listen(self._name)
        return True

    def release(self) -> None:
        """Stops listening, so that a new start doesn't call a window that is closing."""
        self._server.close()

    def _call_other(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_PATIENCE_MS):
            return False
        socket.write(_CALL)
        socket.waitForBytesWritten(_PATIENCE_MS)
        socket.disconnectFromServer()
        return True

    def _answer(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.called.emit()


def _name(folder: Path) -> str:
    """A name for the socket: the same for the same person and folder, and without either in it."""
    whose = f"{getpass.getuser()}\n{folder.resolve()}"
    return f"sohoa-{hashlib.sha256(whose.encode()).hexdigest()[:24]}"
