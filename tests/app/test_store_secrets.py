"""Tokens and passwords: under the keyring's key where there is one, under a file's where there is none."""

import stat
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from app.domain.errors import StationError, StationFault
from app.store import Secrets


class Memory(keyring.backend.KeyringBackend):
    """A keyring that lasts as long as the test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.forgetful = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked
        if not self.forgetful:
            self.kept[service, username] = password


@pytest.fixture
def memory() -> Iterator[Memory]:
    """A keyring of this test's own."""
    before = keyring.get_keyring()
    mine = Memory()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_a_secret_comes_back_and_lies_nowhere_in_the_clear(memory: Memory, tmp_path: Path) -> None:
    secrets = Secrets(tmp_path)
    assert secrets.get("token") is None
    secrets.put("token", "mã-truy-cập-5417")
    secrets.put("client-secret", "x" * 5000)  # longer than a keyring of Windows takes
    assert Secrets(tmp_path).get("token") == "mã-truy-cập-5417"
    assert Secrets(tmp_path).get("client-secret") == "x" * 5000
    assert secrets.in_keyring
    assert secrets.known() == ["client-secret", "token"]
    (key,) = memory.kept.values()
    assert len(key) <= 1280
    for path in tmp_path.rglob("*"):
        assert b"5417" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secrets.forget("token")
    assert Secrets(tmp_path).get("token") is None


@pytest.mark.parametrize("how", ["locked", "forgetful"])
def test_without_a_keyring_a_file_only_we_can_read_keeps_the_key(
    memory: Memory, tmp_path: Path, how: str
) -> None:
    setattr(memory, how, True)
    Secrets(tmp_path).put("token", "5417")
    key = tmp_path / "secrets.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not Secrets(tmp_path).in_keyring
    assert Secrets(tmp_path).get("token") == "5417"
    key.chmod(0o644)
    assert Secrets(tmp_path).get("token") == "5417"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600  # opened by somebody, closed again


def test_a_keyring_that_is_locked_or_new_is_told(memory: Memory, tmp_path: Path) -> None:
    Secrets(tmp_path).put("token", "5417")
    memory.locked = True
    with pytest.raises(StationError) as locked:
        Secrets(tmp_path).get("token")
    assert locked.value.fault is StationFault.SECRETS_LOCKED
    memory.locked = False
    memory.kept.clear()
    with pytest.raises(StationError):
        Secrets(tmp_path).get("token")
    memory.kept.clear()
    Secrets(tmp_path).put("token", "new")
    assert Secrets(tmp_path).get("token") == "new"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"token": "AAAA"}', '{"token": "!"}'])
def test_a_harmed_file_is_told(memory: Memory, tmp_path: Path, text: str) -> None:
    Secrets(tmp_path).put("token", "5417")
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(StationError) as caught:
        Secrets(tmp_path).get("token")
    assert caught.value.fault is StationFault.SECRETS_LOCKED


def test_only_the_known_names_are_kept(memory: Memory, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Secrets(tmp_path).put("pin", "123456")
    assert list(tmp_path.iterdir()) == []
