"""A pool of threads for each resource that only so much work can share (nhóm tài nguyên)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any, TypeVar

from app.jobs.job import Job

T = TypeVar("T")


class Resource(StrEnum):
    """What a job needs for itself while it runs."""

    SCANNER = "scanner"  # máy quét: one job at a time
    PROCESSOR = "processor"  # bộ xử lý: one a core
    TOKEN = "token"  # noqa: S105 - thiết bị ký: one at a time
    LINE = "line"  # đường truyền: one at a time
    DRIVE = "drive"  # ổ USB: one at a time


class Jobs:
    """Starts jobs, each on its resource's pool; close() asks all of them to stop and waits."""

    def __init__(self, processors: int | None = None) -> None:
        cores = processors or os.cpu_count() or 1
        self._pools = {
            resource: ThreadPoolExecutor(
                cores if resource is Resource.PROCESSOR else 1, thread_name_prefix=resource.value
            )
            for resource in Resource
        }
        self._running: set[Job[Any]] = set()

    def start(self, resource: Resource, title: str, work: Callable[[Job[T]], T]) -> Job[T]:
        """Queues `work` on the resource and returns its job at once."""
        job: Job[T] = Job(title)
        self._running.add(job)

        def forget(finished: Job[T]) -> None:
            if finished.done:
                self._running.discard(finished)

        job.watch(forget)
        self._pools[resource].submit(job.run, work)
        return job

    def close(self) -> None:
        """Asks every job to stop and waits until all have."""
        for job in tuple(self._running):
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True)
