"""A thin line between two network namespaces: 1 Mbit/s each way (tbf), and a delay of its own.

Two TUN devices, one in each namespace, and a process that carries packets from one to the other after half
the round trip. No TCP ends on the way, so both sides see the line as it is. Needs root; a kernel without
netem will do.
"""

import fcntl
import os
import select
import struct
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

STATION, SERVER = "10.71.97.1", "10.71.97.2"
_TUNSETIFF = 0x400454CA
_IFF_TUN_NO_PI = 0x0001 | 0x1000
_MTU = 1500
_BURST, _QUEUE_MS = "16kb", "400ms"


@contextmanager
def thin_line(*, rate: str, round_trip_s: float) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the command prefixes that run a program at the station and at the server.

    `rate` is as tc writes it (bits a second each way), `round_trip_s` the delay there and back.
    """
    names = [f"sohoa-bench-{os.getpid()}-{end}" for end in ("station", "server")]
    devices = [_tun(f"sohoab{number}") for number in range(2)]
    stop = threading.Event()
    try:
        for number, (name, address, peer) in enumerate(
            ((names[0], STATION, SERVER), (names[1], SERVER, STATION))
        ):
            device = f"sohoab{number}"
            _run("ip", "netns", "add", name)
            _run("ip", "link", "set", device, "netns", name)
            inside = ("ip", "netns", "exec", name)
            _run(*inside, "ip", "link", "set", "lo", "up")
            _run(*inside, "ip", "addr", "add", address, "peer", peer, "dev", device)
            _run(*inside, "ip", "link", "set", device, "mtu", str(_MTU), "up")
            _run(
                *inside, "tc", "qdisc", "add", "dev", device, "root", "tbf",
                "rate", rate, "burst", _BURST, "latency", _QUEUE_MS,
            )  # fmt: skip
        carrier = threading.Thread(target=_carry, args=(devices, round_trip_s / 2, stop), daemon=True)
        carrier.start()
        yield ["ip", "netns", "exec", names[0]], ["ip", "netns", "exec", names[1]]
    finally:
        stop.set()
        for device in devices:
            os.close(device)
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _tun(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22s", name.encode(), _IFF_TUN_NO_PI, b""))
    return device


def _carry(devices: list[int], delay_s: float, stop: threading.Event) -> None:
    waiting: list[deque[tuple[float, bytes]]] = [deque(), deque()]
    while not stop.is_set():
        due = min((queue[0][0] for queue in waiting if queue), default=time.monotonic() + 0.2)
        try:
            readable, _, _ = select.select(devices, [], [], max(0.0, due - time.monotonic()))
            for number, device in enumerate(devices):
                if device in readable:
                    waiting[1 - number].append((time.monotonic() + delay_s, os.read(device, _MTU + 64)))
            for device, queue in zip(devices, waiting, strict=True):
                while queue and queue[0][0] <= time.monotonic():
                    os.write(device, queue.popleft()[1])
        except (OSError, ValueError):
            if stop.is_set():
                return


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
