"""The bridge: news from any thread, on the window's thread, together and in order."""

import gc
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal
from pytestqt.qtbot import QtBot

from app.domain.dossier import Component
from app.domain.page import Page
from app.jobs import Job, Progress
from app.ui.background import Background
from app.ui.bridge import Bridge
from app.workflow.happenings import BytesSent, ComponentChanged, PageKept, PageRead


def page(number: int, reading: str | None = None) -> Page:
    return Page(f"P{number}", "D1", number, "o", 300, 2480, 3508, number, 1, "", reading=reading)


def on_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_news_of_one_round_come_once_and_in_order(qtbot: QtBot) -> None:
    bridge = Bridge()
    heard: list[str] = []
    bridge.pages_changed.connect(lambda pages: heard.append(f"pages {[p.number for p in pages]}"))
    bridge.components_changed.connect(lambda found: heard.append(f"components {[c.code for c in found]}"))
    bridge.bytes_sent.connect(lambda sent: heard.append(f"bytes {sent.sent}"))
    bridge.progressed.connect(lambda progress: heard.append(f"progress {progress.done}"))
    bridge.finished.connect(lambda _: heard.append("finished"))
    component = Component("C1", "D1", 1, "k", "n", "TK")

    def work() -> None:
        job: Job[None] = Job("scan")
        bridge.follow(job)

        def steps(running: Job[None]) -> None:
            for number in (3, 1, 2):
                bridge.tell(PageKept(page(number)))
                running.report(number, 3)
            bridge.tell(ComponentChanged(component))
            bridge.tell(ComponentChanged(replace(component, code="X")))
            bridge.tell(BytesSent(1, 9))
            bridge.tell(BytesSent(5, 9))

        job.run(steps)
        bridge.post(lambda: heard.append("posted"))

    with qtbot.waitSignal(bridge.finished, timeout=2000):
        on_thread(work)
    assert heard == ["pages [1, 2, 3]", "components ['X']", "bytes 5", "progress 2", "posted", "finished"]


def test_everything_arrives_on_the_thread_of_the_window(qtbot: QtBot) -> None:
    bridge = Bridge()
    threads: list[QThread] = []
    bridge.pages_changed.connect(lambda _: threads.append(QThread.currentThread()))
    with qtbot.waitSignal(bridge.pages_changed):
        on_thread(lambda: bridge.tell(PageKept(page(1))))
    with qtbot.waitSignal(bridge.pages_changed):
        bridge.tell(PageKept(page(2)))  # also when it is told there
        assert len(threads) == 1  # but not inside the call
    assert set(threads) == {QCoreApplication.instance().thread()}  # type: ignore[union-attr]


def test_a_page_already_read_does_not_become_unread(qtbot: QtBot) -> None:
    bridge = Bridge()
    with qtbot.waitSignal(bridge.pages_changed) as heard:
        bridge.tell(PageRead(page(1, "r")))
        bridge.tell(PageKept(page(1)))
    assert heard.args is not None
    assert heard.args[0][0].is_read


def test_a_job_that_ended_before_anybody_watched_is_told_once(qtbot: QtBot) -> None:
    bridge = Bridge()
    job: Job[int] = Job("send")
    job.run(lambda _: 7)
    ended: list[int] = []
    bridge.finished.connect(lambda done: ended.append(done.result()))
    bridge.follow(job)
    bridge.follow(job)
    qtbot.waitUntil(lambda: bool(ended))
    bridge.tell(PageKept(page(1)))
    with qtbot.waitSignal(bridge.pages_changed):
        pass
    assert ended == [7]


def test_a_closed_bridge_delivers_nothing(qtbot: QtBot) -> None:
    bridge = Bridge()
    bridge.tell(PageKept(page(1)))
    bridge.close()
    with qtbot.assertNotEmitted(bridge.pages_changed, wait=100):
        on_thread(lambda: bridge.tell(PageKept(page(2))))


def test_a_thousand_signals_lose_no_reference(qtbot: QtBot) -> None:
    """PySide6 6.12 on Python 3.11 loses references to True and None at every emit, and then aborts."""

    class Emitter(QObject):
        sent = Signal(object)
        flag = Signal(bool)

    emitter, bridge = Emitter(), Bridge()
    heard: list[int] = []
    emitter.sent.connect(lambda _: None)
    emitter.flag.connect(lambda _: None, Qt.ConnectionType.QueuedConnection)
    bridge.pages_changed.connect(lambda pages: heard.append(len(pages)))
    gc.collect()
    before = (sys.getrefcount(None), sys.getrefcount(True))
    for number in range(1000):
        emitter.sent.emit(None)
        emitter.sent.emit(True)
        emitter.flag.emit(True)
        bridge.tell(PageKept(page(number)))
    qtbot.waitUntil(lambda: sum(heard) == 1000)
    gc.collect()
    after = (sys.getrefcount(None), sys.getrefcount(True))
    assert all(now > then - 200 for now, then in zip(after, before, strict=True))


def test_news_from_many_threads_all_arrive(qtbot: QtBot) -> None:
    bridge = Bridge()
    arrived: set[str] = set()
    rounds: list[int] = []

    def hear(pages: tuple[Page, ...]) -> None:
        arrived.update(p.id for p in pages)
        rounds.append(len(pages))

    bridge.pages_changed.connect(hear)
    with ThreadPoolExecutor(4) as threads:
        for number in range(400):
            threads.submit(bridge.tell, PageKept(page(number)))
        qtbot.waitUntil(lambda: len(arrived) == 400)
    assert len(rounds) < 40  # together, not one by one


def test_answers_and_faults_of_questions_come_back(qtbot: QtBot) -> None:
    bridge = Bridge()
    background = Background(bridge)
    answers: list[object] = []
    background.ask(lambda: threading.current_thread().name, answers.append, pytest.fail)
    background.ask(lambda: 1 // 0, pytest.fail, answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2)
    assert str(answers[0]).startswith("ask")
    assert isinstance(answers[1], ZeroDivisionError)
    background.close()


def test_progress_is_the_latest(qtbot: QtBot) -> None:
    bridge = Bridge()
    job: Job[None] = Job("read")
    bridge.follow(job)
    seen: list[Progress] = []
    bridge.progressed.connect(seen.append)
    job.step("read", 50)
    for done in range(51):
        job.report(done, 50)
    qtbot.waitUntil(lambda: bool(seen))
    assert (seen[-1].done, seen[-1].total, len(seen)) == (50, 50, 1)
