"""The net inside a `.traineddata` file of Tesseract (tệp mô hình): layers, weights, letters.

Written after the layout that Tesseract's own readers expect (`TessdataManager`, `Network::CreateFromFile`,
`WeightMatrix::DeSerialize`, `UnicharCompress`). Only what the nets for lines of Vietnamese print are made of.
"""

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

_LSTM, _UNICHARSET, _RECODER = 17, 21, 22
_LETTERS_FROM = 3
"""The first three characters of a set stand for the blank space, for joined and for broken ones."""

_PLUMBING = {"Series", "Parallel", "RTLReversed", "TTBReversed", "XYTranspose"}
_LAYERS_WITH_OWN_RATES = 64
_INTEGERS, _DOUBLES = 1, 128
_GATES = 4


@dataclass
class Layer:
    """A layer of `kind` with its parts; `weights` are float64, outputs × (inputs + 1), the bias last; an LSTM
    has four: candidate, input, forget, output."""

    kind: str
    inputs: int
    outputs: int
    parts: list["Layer"] = field(default_factory=list)
    weights: list["np.ndarray"] = field(default_factory=list)


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def values(self, form: str) -> tuple[int | float, ...]:
        found = struct.unpack_from(f"<{form}", self.data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return found

    def whole(self, form: str = "i") -> int:
        return int(self.values(form)[0])

    def text(self) -> str:
        size = self.whole("I")
        self.at += size
        return self.data[self.at - size : self.at].decode()

    def array(self, kind: str, rows: int, columns: int = 1) -> "np.ndarray":
        found = np.frombuffer(self.data, kind, rows * columns, self.at)
        self.at += found.nbytes
        return found.reshape(rows, columns)


def components(file: Path) -> dict[int, bytes]:
    """The parts of a `.traineddata` file by Tesseract's numbers."""
    data = file.read_bytes()
    (count,) = struct.unpack_from("<i", data)
    starts = struct.unpack_from(f"<{count}q", data, 4)
    ends = sorted({start for start in starts if start >= 0} | {len(data)})
    return {
        number: data[start : next(end for end in ends if end > start)]
        for number, start in enumerate(starts)
        if start >= 0
    }


def network(file: Path) -> Layer:
    """The net for lines. Raises ValueError for a layer of another kind."""
    return _layer(_Bytes(components(file)[_LSTM]))


def letters(file: Path) -> tuple[str, ...]:
    """What each output of the net stands for; "" for the blank between letters."""
    parts = components(file)
    names = [line.split(" ")[0] for line in parts[_UNICHARSET].decode().splitlines()[1:]]
    codes = _Bytes(parts[_RECODER])
    meant: dict[int, str] = {}
    for number in range(codes.whole("I")):
        codes.whole("b")
        of_letter = [codes.whole() for _ in range(codes.whole())]
        if len(of_letter) != 1:
            raise ValueError("a letter of several codes")
        name = " " if number == 0 else names[number] if number >= _LETTERS_FROM else ""
        meant.setdefault(of_letter[0], name)
    return tuple(meant.get(code, "") for code in range(max(meant) + 1))


def _layer(data: _Bytes) -> Layer:
    if data.whole("b") != 0:
        raise ValueError("a layer without the name of its kind")
    kind = data.text()
    data.values("bb")
    flags, inputs, outputs, _ = (int(value) for value in data.values("iiii"))
    data.text()
    layer = Layer(kind, inputs, outputs)
    if kind in _PLUMBING:
        layer.parts = [_layer(data) for _ in range(data.whole("I"))]
        if flags & _LAYERS_WITH_OWN_RATES:
            data.array("<f4", data.whole("I"))
    elif kind == "Input":
        data.values("iiiii")
    elif kind in {"Convolve", "Maxpool"}:
        data.values("ii")
    elif kind in {"LSTM", "SummLSTM"}:
        data.whole()
        layer.weights = [_weights(data) for _ in range(_GATES)]
    elif kind in {"Tanh", "Softmax"}:
        layer.weights = [_weights(data)]
    else:
        raise ValueError(f"a layer of the kind {kind}")
    return layer


def _weights(data: _Bytes) -> "np.ndarray":
    mode = data.whole("B")
    if not mode & _DOUBLES:
        raise ValueError("weights of an old file")
    rows, columns = (int(value) for value in data.values("II"))
    if not mode & _INTEGERS:
        data.values("d")
        return data.array("<f8", rows, columns)
    data.values("b")
    whole = data.array("i1", rows, columns)
    scales = data.array("<f8", data.whole("I"))
    return whole.astype(np.float64) * scales[:rows]
