"""The fields of a paper between the window and the store: asked for, confirmed, brought (trường dữ liệu)."""

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.background import Background

if TYPE_CHECKING:
    from app.ui.screens.counter.work import CounterWork

logger = logging.getLogger(__name__)


class FieldsWork(QObject):
    """Asks off the window's thread; `known` brings what the store says."""

    known = Signal(str, object)  # component id, tuple[ShownField, ...]
    failed = Signal(object)  # an error of confirming

    def __init__(self, work: "CounterWork", background: Background) -> None:
        super().__init__(work)
        self._work = work
        self._background = background

    def ask(self, component_id: str) -> None:
        """Asks what was read from a component's paper."""
        counter = self._work.counter
        if counter is not None:
            self._background.ask(
                lambda: counter.fields(component_id),
                lambda fields: self.known.emit(component_id, fields),
                _not_now,
            )

    def confirm(self, component_id: str, name: str, value: str) -> None:
        """Takes the clerk's word for a field."""
        counter, dossier = self._work.counter, self._work.dossier
        if counter is None or dossier is None:
            return

        def confirm() -> object:
            counter.confirm_field(dossier.id, component_id, name, value)
            return counter.fields(component_id)

        self._background.ask(confirm, lambda fields: self.known.emit(component_id, fields), self.failed.emit)


def _not_now(error: BaseException) -> None:
    """A store that can't be read now is asked again with the next page."""
    logger.info("the fields could not be read: %s", type(error).__name__)
