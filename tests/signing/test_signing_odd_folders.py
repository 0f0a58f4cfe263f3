"""A training token lives wherever a folder can lie."""

import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import signing
from signing import find_module
from signing.training import TRAINING_PIN, TrainingPki, TrainingToken
from signing.training.reachable import can_be_told, link_to

ODD = (
    "a#b",
    "a:b",
    "a=b",
    " a b ",
    'it\'s "a"',
    "50%s\\",
    "Hồ sơ tập huấn",
    "a\nb",
    "\udcff",
    "/".join("n" * 230 for _ in range(4)),
)


@pytest.mark.parametrize("odd", ODD)
def test_a_token_is_made_found_again_and_opened(odd: str, pki: TrainingPki, tmp_path: Path) -> None:
    if find_module() is None:
        pytest.skip("no SoftHSM on this machine")
    folder = tmp_path / odd / "token"
    made = TrainingToken.prepare(folder, pki, holder="A", pin=TRAINING_PIN)
    made.open(TRAINING_PIN).close()
    again = TrainingToken.prepare(folder, pki, holder="A", pin=TRAINING_PIN)
    assert again.certificate == made.certificate
    # One configuration a folder: the driver isn't restarted for the second.
    assert again.configuration == made.configuration
    assert list((folder / "tokens").glob("*/*.object"))
    assert not (folder / "building").exists()


IN_A_PROCESS = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from signing.training import TRAINING_PIN, TrainingPki, TrainingToken
    folder = Path(sys.argv[1])
    made = TrainingPki.create(folder / "pki")
    token = TrainingToken.prepare(folder / "token", made, holder="A", pin=TRAINING_PIN)
    print(token.certificate.hex(), len(list(Path(sys.argv[2]).iterdir())))
    """
)


def test_the_link_goes_with_the_process_and_the_token_stays(tmp_path: Path) -> None:
    if find_module() is None:
        pytest.skip("no SoftHSM on this machine")
    folder, temporary = tmp_path / "a#b", tmp_path / "tmp"
    temporary.mkdir()
    told = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", IN_A_PROCESS, str(folder), str(temporary)],
            cwd=Path(signing.__file__).parent.parent,
            env={**os.environ, "TMPDIR": str(temporary)},
            capture_output=True,
            check=True,
            text=True,
        )
        told.append(done.stdout.split())
        assert list(temporary.iterdir()) == []
    assert told[0] == told[1]
    assert told[0][1] == "1"


def test_a_link_is_private_and_made_again_when_it_was_cleared_away(tmp_path: Path) -> None:
    link = link_to(tmp_path)
    assert stat.S_IMODE(link.parent.stat().st_mode) == 0o700
    assert link.resolve() == tmp_path
    assert link_to(tmp_path) == link
    link.unlink()
    assert link_to(tmp_path).resolve() == tmp_path


def test_only_where_it_must_be(tmp_path: Path) -> None:
    assert can_be_told(tmp_path / "Hồ sơ : 50% 'a'")
    assert not can_be_told(tmp_path / "a#b")
