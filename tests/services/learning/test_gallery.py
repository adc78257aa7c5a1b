"""Similar images: exact against a plain computation, whatever is added and taken away."""

from __future__ import annotations

import numpy as np
import pytest

from labelyard.services.learning import gallery as galleries
from labelyard.services.learning.gallery import Gallery


@pytest.fixture
def vectors():
    made = np.random.default_rng(7).normal(size=(40, 16)).astype(np.float32)
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16)


@pytest.mark.parametrize("whole", [0, 100], ids=["2 bytes a number", "4 bytes a number"])
def test_the_nearest_and_pairs_are_those_of_a_plain_computation(vectors, monkeypatch, whole):
    monkeypatch.setattr(galleries, "WHOLE_UP_TO", whole)
    monkeypatch.setattr(galleries, "PIECE", 7)
    monkeypatch.setattr(galleries, "ROWS", 3)
    gallery = Gallery(16)
    names = [f"n{number}" for number in range(40)]
    for start in (0, 5, 30):
        gallery.add(names[start : start + 20], memoryview(vectors[start : start + 20].tobytes()))
    gallery.add(names, memoryview(vectors.tobytes()))  # what is there already stays
    assert len(gallery) == 40
    assert gallery.keep([*names[:25], "new"]) == ["new"]
    exact = vectors[:25].astype(np.float32)
    cosines = exact @ exact[3]
    found = gallery.nearest(exact[3], 6, 0.0)
    order = [name for name in sorted(range(25), key=lambda index: -cosines[index]) if cosines[name] >= 0][:6]
    assert [name for name, _ in found] == [names[index] for index in order]
    assert [cosine for _, cosine in found] == pytest.approx([cosines[index] for index in order], abs=1e-5)

    pairs, start = [], 0
    while start is not None:
        more, start = gallery.pairs(start, 1000, 0.2)
        pairs += more
    expected = {(names[a], names[b]) for a in range(25) for b in range(a + 1, 25) if float(exact[a] @ exact[b]) >= 0.2}
    index = {name: number for number, name in enumerate(names)}
    assert {tuple(sorted(pair[:2], key=index.__getitem__)) for pair in pairs} == expected
    assert len(pairs) == len(expected) > 10


def test_of_many_pairs_the_nearest_are_found(vectors, monkeypatch):
    monkeypatch.setattr(galleries, "ROWS", 4)
    gallery = Gallery(16)
    gallery.add([f"n{number}" for number in range(40)], memoryview(vectors.tobytes()))
    exact = vectors.astype(np.float32)
    every = sorted((float(exact[a] @ exact[b]) for a in range(40) for b in range(a + 1, 40)), reverse=True)
    found, start = [], 0
    while start is not None:
        pairs, start = gallery.pairs(start, 5, -1.0)
        assert len(pairs) <= 5
        found += [cosine for _, _, cosine in pairs]
    assert sorted(found, reverse=True)[:5] == pytest.approx(every[:5], abs=1e-5)


def test_an_empty_gallery_finds_nothing():
    gallery = Gallery(4)
    assert gallery.nearest(np.ones(4, np.float32), 5, 0.0) == []
    assert gallery.pairs(0, 5, 0.0) == ([], None)
