"""What every stage of the clean-up leaves behind (dấu vết của một khâu): what it decided, how sure it was,
from what.

A stage is a file here: a frozen dataclass of parameters, a function from arrays and parameters to a frozen
result with `sure` (0..1), and nothing else. Its input is named by a hash over the source and the decisions of
the stages before it, so that a changed parameter makes stale just what comes after it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class StageRecord:
    """`stage` decided `decided` with the certainty `sure` (0..1), from the input and the parameters of these
    hashes. `doubtful`: estimates disagreed, so the page was left as it is."""

    stage: str
    decided: str
    sure: float
    doubtful: bool
    input_sha256: str
    parameters_sha256: str


def record_stage(
    stage: str, parameters: Any, decided: str, sure: float, *, source: str, before: Sequence[StageRecord] = ()
) -> StageRecord:
    """The record of a stage that had the image `source` (sha256) as the stages `before` left it.

    `parameters` is the stage's own dataclass; a `sure` of 0 means doubt.
    """
    settled = [source, *(f"{one.stage}={one.decided}" for one in before)]
    values = json.dumps(asdict(parameters), sort_keys=True)
    return StageRecord(
        stage,
        decided,
        round(sure, 3),
        sure <= 0.0,
        _sha256("\n".join(settled)),
        _sha256(f"{stage}\n{values}"),
    )


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
