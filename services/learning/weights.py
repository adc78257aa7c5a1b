"""Reading the trained weights of a network from their file, without the library that wrote it.

The file is a sequence of pickles: a magic number, a version, facts about the machine, a dictionary of records of tensors, and the
list of the storages that they lie in; the numbers of each storage follow. A pickle may call anything it can name, so this reader
knows the few names that tensors need and refuses every other.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

MAGIC: Final = 0x1950A86A20F9469CFC6C
VERSION: Final = 1001
KINDS: Final[Mapping[str, str]] = {"FloatStorage": "<f4", "LongStorage": "<i8"}
MAX_STORAGE_BYTES: Final = 64 << 20


class UnreadableWeights(Exception):
    """The file is not one of tensors alone."""


@dataclass(frozen=True, slots=True)
class _Storage:
    """The numbers that tensors lie in: the key under which they follow, their kind and how many there are."""

    key: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class _Record:
    """A tensor: where it begins in its storage, and how far apart its numbers are, by axis and counted in numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Reader(pickle.Unpickler):
    """Reads records of tensors and plain values."""

    def find_class(self, module: str, name: str) -> Any:
        """The few things that a pickle of tensors names."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _record
        if module == "torch" and name in KINDS:
            return KINDS[name]
        raise UnreadableWeights(f"the weights name {module}.{name}, which tensors do not need")

    def persistent_load(self, pid: Any) -> _Storage:
        """A storage, as its first mention describes it."""
        match pid:
            case ("storage", str(kind), str(key), str(), int(size), None):
                return _Storage(key, kind, size)
        raise UnreadableWeights("the weights refer to something that is no storage")


def _record(storage: Any, offset: Any, shape: Any, strides: Any, *_rest: Any) -> _Record:
    if not isinstance(storage, _Storage):
        raise UnreadableWeights("a tensor of the weights has no storage")
    return _Record(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a file by their names; `UnreadableWeights` for a file that holds anything else."""
    with path.open("rb") as file:
        try:
            head = [_Reader(file).load() for _ in range(3)]
            records = _Reader(file).load()
            keys = _Reader(file).load()
        except (pickle.UnpicklingError, EOFError, TypeError, ValueError) as error:
            raise UnreadableWeights(f"the weights cannot be read: {error}") from error
        if head[:2] != [MAGIC, VERSION] or not isinstance(records, OrderedDict):
            raise UnreadableWeights("the file does not begin as weights do")
        found = {record.storage.key: record.storage for record in records.values() if isinstance(record, _Record)}
        storages = {key: _numbers(file, found[key]) for key in keys if key in found}
    return {
        name: _tensor(record, storages[record.storage.key])
        for name, record in records.items()
        if isinstance(record, _Record)
    }


def _numbers(file: IO[bytes], storage: _Storage) -> np.ndarray:
    """The numbers of the next storage of the file, behind their count."""
    kind = np.dtype(storage.kind)
    size = int.from_bytes(file.read(8), "little")
    if size != storage.size or size * kind.itemsize > MAX_STORAGE_BYTES:
        raise UnreadableWeights(f"a storage of the weights has {size:,} numbers, not {storage.size:,}")
    data = file.read(size * kind.itemsize)
    if len(data) != size * kind.itemsize:
        raise UnreadableWeights("the weights end early")
    return np.frombuffer(data, kind)


def _tensor(record: _Record, numbers: np.ndarray) -> np.ndarray:
    """The tensor of a record; strides tell how it lies, which is not always row after row."""
    last = record.offset + sum(
        (length - 1) * stride for length, stride in zip(record.shape, record.strides, strict=True)
    )
    if len(record.shape) != len(record.strides) or min(record.strides, default=0) < 0 or not 0 <= last < numbers.size:
        raise UnreadableWeights("a tensor of the weights lies outside its storage")
    width = numbers.itemsize
    strides = [stride * width for stride in record.strides]
    return np.array(np.lib.stride_tricks.as_strided(numbers[record.offset :], record.shape, strides))
