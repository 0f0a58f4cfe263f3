"""Jobs: progress, cancel, result; one pool a resource."""

import threading

import pytest

from app.jobs import Cancelled, Job, Jobs, Progress, Resource


def test_progress_tells_rate_and_time_left() -> None:
    half = Progress("read", 5, 10, 2.5)
    assert half.rate == 2.0
    assert half.seconds_left == 2.5
    assert Progress("read", 0, 10, 1.0).seconds_left is None
    assert Progress("read", 5, 0, 1.0).seconds_left is None
    assert Progress("read", 0, 0, 0.0).rate == 0.0


def test_a_job_tells_its_steps_and_keeps_its_result() -> None:
    ticks = iter(range(100))
    job: Job[str] = Job("demo", clock=lambda: float(next(ticks)))
    seen: list[tuple[str, int, int, bool]] = []
    job.watch(lambda j: seen.append((j.progress.step, j.progress.done, j.progress.total, j.done)))

    def work(job: Job[str]) -> str:
        job.step("scan", 3)
        job.report(1, 3)
        return "receipt"

    job.run(work)
    assert job.result() == "receipt"
    assert seen == [("scan", 0, 3, False), ("scan", 1, 3, False), ("scan", 1, 3, True)]
    assert job.progress.elapsed_s > 0


def test_an_error_is_kept_for_whoever_asks() -> None:
    job: Job[None] = Job("demo")

    def work(_: Job[None]) -> None:
        raise LookupError("jam")

    job.run(work)
    assert isinstance(job.error(), LookupError)
    with pytest.raises(LookupError):
        job.result()


def test_a_job_cancelled_before_it_began_never_runs() -> None:
    job: Job[None] = Job("demo")
    job.cancel()
    ran = []
    job.run(lambda _: ran.append(1))
    assert ran == []
    assert isinstance(job.error(), Cancelled)
    with pytest.raises(Cancelled):
        job.result()


def test_a_running_job_stops_at_its_next_safe_point() -> None:
    jobs = Jobs(processors=1)
    began = threading.Event()
    go_on = threading.Event()

    def work(job: Job[None]) -> None:
        began.set()
        go_on.wait(10)
        job.check()

    job = jobs.start(Resource.SCANNER, "scan", work)
    assert began.wait(10)
    job.cancel()
    go_on.set()
    with pytest.raises(Cancelled):
        job.result(10)
    jobs.close()


def test_a_resource_serves_one_job_at_a_time_and_close_stops_the_rest() -> None:
    jobs = Jobs(processors=1)
    began, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def first(job: Job[None]) -> None:
        began.set()
        go_on.wait(10)
        order.append("first")

    a = jobs.start(Resource.TOKEN, "a", first)
    b: Job[None] = jobs.start(Resource.TOKEN, "b", lambda _: order.append("second"))
    assert began.wait(10)
    assert order == []
    go_on.set()
    a.result(10)
    b.result(10)
    assert order == ["first", "second"]
    jobs.close()


def test_other_resources_do_not_wait() -> None:
    jobs = Jobs(processors=1)
    release = threading.Event()
    slow: Job[bool] = jobs.start(Resource.LINE, "send", lambda _: release.wait(10))
    assert jobs.start(Resource.SCANNER, "scan", lambda _: 7).result(10) == 7
    release.set()
    assert slow.result(10)
    jobs.close()
