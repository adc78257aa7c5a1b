"""A model as one graph: what describes a picture, and the head behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from labelyard.services.learning.graph import IR_VERSION, OPSET
from labelyard.services.learning.head import SHARPNESS, Head


def whole_graph(graph: str | None, head: Head, *, is_multi: bool) -> bytes:
    """The graph from `image` (or, without a network, from `features`) to `scores`, of 0 to 1."""
    labels = len(head.bias)
    nodes, numbers, inputs = [], [], []
    if graph is not None:
        network = onnx.load_model_from_string(Path(graph).read_bytes()).graph
        nodes += [node for node in network.node if node.output[0] != "logits"]
        numbers += [number for number in network.initializer if not number.name.startswith("_fc.")]
        inputs += network.input
    else:
        size = head.weights.shape[0]
        inputs.append(helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, size]))
    numbers += [
        numpy_helper.from_array(np.ascontiguousarray(SHARPNESS * head.weights, np.float32), "head_weights"),
        numpy_helper.from_array(np.ascontiguousarray(head.bias, np.float32), "head_bias"),
    ]
    nodes += [
        helper.make_node("LpNormalization", ["features"], ["direction"], axis=1, p=2),
        helper.make_node("Gemm", ["direction", "head_weights", "head_bias"], ["values"]),
        helper.make_node("Sigmoid", ["values"], ["scores"])
        if is_multi
        else helper.make_node("Softmax", ["values"], ["scores"], axis=1),
    ]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "labelyard-model",
            inputs,
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, labels])],
            numbers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="labelyard",
    )
    made: bytes = model.SerializeToString()
    return made
