"""The network that describes images, as an ONNX graph made of its trained weights.

EfficientNet-Lite0: its batch norms are folded into the convolutions before them. Made once, by a child process, and kept in the data
directory; whoever changes what is made here counts on in `backbone.GRAPH_VERSION`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE: Final = 224
FEATURES: Final = 1280
NORM_EPSILON: Final = 1e-3
# Repeats, kernel, first stride, expansion, channels in and out.
BLOCKS: Final = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
OPSET: Final = 17
IR_VERSION: Final = 8


@dataclass(slots=True)
class _Graph:
    """Nodes and numbers of a graph under construction."""

    weights: Mapping[str, np.ndarray]
    nodes: list[Any] = field(default_factory=list)
    numbers: list[Any] = field(default_factory=list)

    def constant(self, name: str, values: np.ndarray) -> str:
        self.numbers.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def node(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def convolution(
        self, source: str, name: str, norm: str, *, stride: int = 1, groups: int = 1, is_clipped: bool = True
    ) -> str:
        """A convolution with its batch norm in it, clipped to 0–6 unless it ends a block."""
        kernel = self.weights[f"{name}.weight"].astype(np.float64)
        gain = self.weights[f"{norm}.weight"] / np.sqrt(self.weights[f"{norm}.running_var"] + NORM_EPSILON)
        shift = self.weights[f"{norm}.bias"] - self.weights[f"{norm}.running_mean"] * gain
        size = kernel.shape[2]
        made = self.node(
            "Conv",
            [
                source,
                self.constant(f"{name}.weight", kernel * gain[:, None, None, None]),
                self.constant(f"{name}.bias", shift),
            ],
            kernel_shape=[size, size],
            strides=[stride, stride],
            group=groups,
            auto_pad="SAME_UPPER",
        )
        return self.node("Clip", [made, "zero", "six"]) if is_clipped else made

    def block(self, source: str, name: str, *, stride: int, expansion: int, inner: int) -> str:
        """Expand, look at each channel by itself, project."""
        made = source
        if expansion > 1:
            made = self.convolution(made, f"{name}._expand_conv", f"{name}._bn0")
        made = self.convolution(
            made, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride, groups=inner * expansion
        )
        return self.convolution(made, f"{name}._project_conv", f"{name}._bn2", is_clipped=False)


def build_graph(weights: Mapping[str, np.ndarray]) -> onnx.ModelProto:
    """The graph: `image` of 1 × 3 × 224 × 224 in, `features` of 1 × 1280 out, and `logits` of 1 × 1000, by which it is checked."""
    graph = _Graph(weights)
    graph.constant("zero", np.array(0.0))
    graph.constant("six", np.array(6.0))
    made = graph.convolution("image", "_conv_stem", "_bn0", stride=2)
    number = 0
    for repeats, _kernel, first_stride, expansion, channels_in, channels_out in BLOCKS:
        for repeat in range(repeats):
            source, inner, stride = (
                made,
                channels_in if repeat == 0 else channels_out,
                first_stride if repeat == 0 else 1,
            )
            made = graph.block(source, f"_blocks.{number}", stride=stride, expansion=expansion, inner=inner)
            if stride == 1 and inner == channels_out:
                made = graph.node("Add", [made, source])
            number += 1
    made = graph.convolution(made, "_conv_head", "_bn1")
    pooled = graph.node("GlobalAveragePool", [made])
    graph.nodes.append(helper.make_node("Flatten", [pooled], ["features"]))
    head = [graph.constant("_fc.weight", weights["_fc.weight"]), graph.constant("_fc.bias", weights["_fc.bias"])]
    graph.nodes.append(helper.make_node("Gemm", ["features", *head], ["logits"], transB=1))
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "efficientnet-lite0",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
            [
                helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, FEATURES]),
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1000]),
            ],
            graph.numbers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="labelyard",
    )
