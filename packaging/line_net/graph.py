"""The net of a `.traineddata` file as an ONNX graph (chuyển sang ONNX) that reads several lines at once.

Recurrent layers keep weights of seven bits, each output with its own scale: where a processor has no
instructions for products of bytes, sums of two full ones don't fit into sixteen bits.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from traineddata import Layer, letters, network

ROWS, POOL = 36, 3
_LARGEST = 63
_OPSET, _FORMAT = 14, 8


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: "np.ndarray") -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], outputs: list[str], **settings: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, outputs, **settings))
        return outputs[-1]

    def recurrent(self, name: str, layer: Layer, given: str, *, whole: bool, reverse: bool = False) -> str:
        """An LSTM over the first axis of `given`; `whole`: its last state only, of lines of one length."""
        candidate, enter, forget, leave = layer.weights
        weights = np.concatenate([enter, leave, forget, candidate]).astype(np.float32)
        states, bias = layer.outputs, weights[:, -1]
        own, back = weights[:, : layer.inputs], weights[:, layer.inputs : -1]
        both = self.constant(f"{name}_bias", np.concatenate([bias, np.zeros_like(bias)])[None])
        settings = {"hidden_size": states, "direction": "reverse" if reverse else "forward"}
        if whole:
            parts = [self.constant(f"{name}_own", own[None]), self.constant(f"{name}_back", back[None])]
            return self.node("LSTM", [given, *parts, both, ""], ["", f"{name}_last"], **settings)
        (own_b, own_s), (back_b, back_s) = _bytes(own), _bytes(back)
        nought = self.constant(f"{name}_nought", np.zeros((1, len(bias)), np.int8))
        inputs = [
            given,
            self.constant(f"{name}_own", own_b),
            self.constant(f"{name}_back", back_b),
            both,
            "lengths",
        ]
        scales = [
            self.constant(f"{name}_own_scale", own_s),
            nought,
            self.constant(f"{name}_back_scale", back_s),
            nought,
        ]
        made = self.node(
            "DynamicQuantizeLSTM",
            [*inputs, "", "", "", *scales],
            [f"{name}_all"],
            domain="com.microsoft",
            **settings,
        )
        return self.node("Squeeze", [made, "axis_of_directions"], [f"{name}_out"])


def _bytes(weights: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
    scale = (np.abs(weights).max(axis=1) / _LARGEST + 1e-12).astype(np.float32)
    return np.round(weights / scale[:, None]).astype(np.int8).T[None], scale[None]


def build(source: Path) -> onnx.ModelProto:
    """From `image` (lines × 1 × 36 × px, float32) and `lengths` (steps of each line, int32) to `likely`
    (steps × lines × letters). Raises ValueError for a net of another shape."""
    parts = network(source).parts
    kinds = [part.kind for part in parts]
    if kinds != ["Input", "Series", "Maxpool", "XYTranspose", "LSTM", "RTLReversed", "LSTM", "Softmax"]:
        raise ValueError(f"a net of {kinds}")
    graph = _Graph()
    graph.constant("axis_of_directions", np.array([1], np.int64))
    _columns(graph, parts[1].parts[1], parts[3].parts[0])
    first = graph.recurrent("onward", parts[4], "columns", whole=False)
    back = graph.recurrent("backward", parts[5].parts[0], first, whole=False, reverse=True)
    last = graph.recurrent("reading", parts[6], back, whole=False)
    weights = parts[7].weights[0].astype(np.float32)
    product = graph.node("MatMul", [last, graph.constant("letters_weights", weights[:, :-1].T)], ["product"])
    scores = graph.node("Add", [product, graph.constant("letters_bias", weights[:, -1])], ["scores"])
    graph.node("Softmax", [scores], ["likely"], axis=-1)
    names = letters(source)
    given = [
        helper.make_tensor_value_info("image", TensorProto.FLOAT, ["lines", 1, ROWS, "px"]),
        helper.make_tensor_value_info("lengths", TensorProto.INT32, ["lines"]),
    ]
    made = [helper.make_tensor_value_info("likely", TensorProto.FLOAT, ["steps", "lines", len(names)])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, source.stem, given, made, graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)],
        ir_version=_FORMAT,
        producer_name="",
    )
    helper.set_model_props(model, {"letters": json.dumps(names, ensure_ascii=False)})
    return model


def _columns(graph: _Graph, strokes: Layer, down: Layer) -> None:
    """Strokes of 3 × 3 px, the strongest of 3 × 3 of them, and each column summed up from top to bottom."""
    weights = strokes.weights[0].astype(np.float32)
    # Tesseract puts the neighbours of a point one column after the other.
    kernel = weights[:, :-1].reshape(-1, 3, 3).transpose(0, 2, 1)[:, None]
    made = graph.node(
        "Conv",
        ["image", graph.constant("strokes", kernel), graph.constant("strokes_bias", weights[:, -1])],
        ["strokes_seen"],
        pads=[1, 1, 1, 1],
    )
    # The tangent rises everywhere: it may as well be taken of a ninth of the points.
    pooled = graph.node("MaxPool", [made], ["pooled"], kernel_shape=[POOL, POOL], strides=[POOL, POOL])
    bent = graph.node("Tanh", [pooled], ["bent"])
    turned = graph.node("Transpose", [bent], ["turned"], perm=[2, 0, 3, 1])
    shape = graph.node("Shape", [turned], ["shape"])
    ends = [graph.constant("one", np.array([1], np.int64)), graph.constant("three", np.array([3], np.int64))]
    places = graph.node("Slice", [shape, *ends], ["places"])
    flat = graph.constant("flat", np.array([ROWS // POOL, -1, strokes.outputs], np.int64))
    rows = graph.node("Reshape", [turned, flat], ["rows"])
    last = graph.recurrent("down", down, rows, whole=True)
    wide = graph.node(
        "Concat", [places, graph.constant("states", np.array([down.outputs], np.int64))], ["wide"], axis=0
    )
    placed = graph.node("Reshape", [last, wide], ["placed"])
    graph.node("Transpose", [placed], ["columns"], perm=[1, 0, 2])
