"""Many areas are matched by arrays: the pairs and their numbers are those of comparing each with each."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from labelyard.domain.agreement.answer import Drawn
from labelyard.domain.agreement.areas import areas_of, best_pairs
from labelyard.domain.agreement.matching import Match, matched_items
from labelyard.domain.agreement.shape import IMAGE_PAGE, Area, Marker, area, hull, similarity, surface

# A coarse grid: equal shapes, shapes that only touch and equal similarities are frequent.
places = st.integers(0, 6).map(lambda place: place / 6)
points = st.tuples(places, places)
boxes = st.tuples(points, points).map(
    lambda corners: area({IMAGE_PAGE: [hull([(x, y) for x, _ in corners for _, y in corners])]})
)
polygons = st.lists(points, min_size=3, max_size=6, unique=True).map(lambda ring: area({IMAGE_PAGE: [surface(ring)]}))
rings = st.just(
    area({IMAGE_PAGE: [surface([(0, 0), (1, 0), (1, 1), (0, 1)], [[(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]])]})
)
drawn = st.builds(
    lambda shape, category: Drawn("m", frozenset([category]), shape, {}),
    boxes | boxes | polygons | rings,
    st.sampled_from("AB"),
)


def naive(left: list[Drawn], right: list[Drawn]) -> list[Match]:
    """All pairs of one category, the most similar first, each annotation once."""
    pairs = [
        Match(i, j, similarity(one.shape, other.shape))
        for i, one in enumerate(left)
        for j, other in enumerate(right)
        if one.categories == other.categories
    ]
    taken: list[Match] = []
    for pair in sorted(pairs, key=lambda pair: (-pair.similarity, pair.left, pair.right)):
        if pair.similarity > 0 and all(pair.left != other.left and pair.right != other.right for other in taken):
            taken.append(pair)
    return taken


@settings(max_examples=150, deadline=None)
@given(left=st.lists(drawn, min_size=9, max_size=24), right=st.lists(drawn, min_size=9, max_size=24))
@pytest.mark.parametrize("block", [1, 7, 8_192])
def test_many_areas_match_as_comparing_each_with_each_says(monkeypatch_block, left, right, block):
    monkeypatch_block(block)

    matching = matched_items(left, right, scale=1.0)

    assert list(matching.pairs) == naive(left, right)
    assert matching.weight == len(left) + len(right) - len(matching.pairs)


@pytest.fixture(scope="module")
def monkeypatch_block():
    with pytest.MonkeyPatch.context() as patch:
        yield lambda block: patch.setattr("labelyard.domain.agreement.areas._BLOCK", block)


@pytest.mark.parametrize(
    "shape",
    [
        Marker((0.5, 0.5)),
        area({0: [shapely.box(0, 0, 1, 1)], 1: [shapely.box(0, 0, 1, 1)]}),
        area({1: [shapely.box(0, 0, 1, 1)]}),
        Area({IMAGE_PAGE: shapely.Polygon()}, 0.0),
    ],
    ids=["a point", "two pages", "another page", "nothing"],
)
def test_other_shapes_are_left_to_others(shape):
    assert areas_of([area({IMAGE_PAGE: [shapely.box(0, 0, 1, 1)]}), shape]) is None


def test_a_shape_is_taken_once():
    areas = areas_of([area({IMAGE_PAGE: [shapely.box(0, 0, 1, 1)]})] * 3)
    assert areas is not None
    assert list(best_pairs(areas, areas, [0, 0, 0], [0, 0, 0])) == [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0)]
