"""The net that reads lines (mạng nhận dạng dòng), run by ONNX Runtime several lines at a time."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocr.engines.lines.picture import HEIGHT
from ocr.errors import OcrError, OcrFault
from resources import path as resource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEP_PX = 3
"""Columns of the picture that one step of the net looks at."""

_BATCH_STEPS = 1000
"""Steps, over all lines, that are computed at once: more need memory and are slower."""

_LIKE = 0.8
"""A line goes with a wider one when it has this share of its width: the rest is computed for nothing."""


def line_net() -> Path:
    """The net that comes with the program."""
    return resource("models") / "vie_best.onnx"


class LineNet:
    """A loaded net; threads may share it."""

    def __init__(self, file: Path) -> None:
        """Raises OcrError ocr.no-engine without ONNX Runtime, ocr.no-model for what is no net."""
        try:
            import onnxruntime
        except ImportError as error:
            raise OcrError(OcrFault.NO_ENGINE) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(file), options, providers=["CPUExecutionProvider"]
            )
            known = self._session.get_modelmeta().custom_metadata_map
            self.letters: tuple[str, ...] = tuple(json.loads(known["letters"]))
        except Exception as error:  # ONNX Runtime has no common class for its errors
            raise OcrError(OcrFault.NO_MODEL, model=file.stem) from error
        mark = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        self.name = f"onnxruntime {onnxruntime.__version__} / {file.stem}:{mark}"
        """Version of the runtime and fingerprint of the net."""

    def read(self, pictures: Sequence["NDArray[np.float32]"]) -> "list[NDArray[np.float32]]":
        """For every picture (36 × width, see `line_picture`) the probabilities, steps × letters.

        The last letter is the blank between letters.
        """
        found: dict[int, NDArray[np.float32]] = {}
        for batch in batches([picture.shape[1] for picture in pictures]):
            found.update(zip(batch, self._run([pictures[index] for index in batch]), strict=True))
        return [found[index] for index in range(len(pictures))]

    def _run(self, pictures: Sequence["NDArray[np.float32]"]) -> "list[NDArray[np.float32]]":
        import numpy as np

        widest = max(picture.shape[1] for picture in pictures)
        images = np.zeros((len(pictures), 1, HEIGHT, widest), np.float32)
        for image, picture in zip(images, pictures, strict=True):
            image[0, :, : picture.shape[1]] = picture
        steps = np.array([max(1, picture.shape[1] // STEP_PX) for picture in pictures], np.int32)
        (likely,) = self._session.run(None, {"image": images, "lengths": steps})
        return [likely[:count, index] for index, count in enumerate(steps)]


def batches(widths: Sequence[int]) -> list[list[int]]:
    """Indices of lines of like width, so that little is computed for nothing."""
    found: list[list[int]] = []
    room = widest = 0
    for index in sorted(range(len(widths)), key=lambda index: -widths[index]):
        if room <= 0 or widths[index] < _LIKE * widest:
            found.append([])
            widest = widths[index]
            room = max(1, _BATCH_STEPS // max(1, widest // STEP_PX))
        found[-1].append(index)
        room -= 1
    return found
