"""Questions to the counter, answered off the window's thread (hỏi ở nền).

The store may be in the middle of a commit that waits for a slow disk; the window never waits with it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.ui.bridge import Bridge

T = TypeVar("T")


class Background:
    """One thread that asks in the order of asking and hands the answers to the window's thread."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ask")

    def ask(
        self,
        question: Callable[[], T],
        answered: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Runs `question` in the background, then `answered` or `failed` on the window's thread.

        Nothing is asked any more after `close`.
        """
        if self._closed:
            return

        def work() -> None:
            try:
                answer = question()
            except BaseException as error:
                fault = error  # the name `error` ends with this block
                self._hand_over(lambda: failed(fault))
            else:
                self._hand_over(lambda: answered(answer))

        self._thread.submit(work)

    def _hand_over(self, outcome: Callable[[], None]) -> None:
        self._bridge.post(lambda: None if self._closed else outcome())

    def close(self) -> None:
        """Takes no more questions; the one being asked ends by itself, and nobody hears its answer."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
