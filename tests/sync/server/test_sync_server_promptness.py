"""Small answers on a kept connection go out at once."""

import asyncio
import socket
from pathlib import Path

import pytest

from sync import IntakeClient
from sync.server import IntakeThread
from sync.server.bounded_protocol import BoundedHttpProtocol


def test_no_answer_waits_for_the_acknowledgement_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Head and body of an answer are two writes: with Nagle's algorithm the second waits some 40 ms."""
    seen: list[int] = []
    made = BoundedHttpProtocol.connection_made

    def watched(protocol: BoundedHttpProtocol, transport: asyncio.Transport) -> None:
        connection = transport.get_extra_info("socket")
        seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(protocol, transport)

    monkeypatch.setattr(BoundedHttpProtocol, "connection_made", watched)
    with IntakeThread(tmp_path / "intake") as running, IntakeClient(running.url) as client:
        client.hello()
    assert seen
    assert all(seen)
