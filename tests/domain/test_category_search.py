import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.category_search import And, Count, Operator, Or, matches, parse_category_search
from labelyard.domain.error import BadUserInput


def count(name, operator, number):
    job, category = name.split(".")
    return Count(job, category, Operator(operator), number)


CAR, BUS, NIGHT = count("JOB_0.CAR", ">", 1), count("JOB_0.BUS", "==", 0), count("SCENE.NIGHT", ">=", 1)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("JOB_0.CAR.count > 1", CAR),
        ("JOB_0.CAR.count>1", CAR),
        ("  JOB_0 . CAR . count\n>\t1 ", CAR),
        ("((JOB_0.CAR.count > 1))", CAR),
        ("JOB_0.CAR.count > 1 AND JOB_0.BUS.count == 0", And((CAR, BUS))),
        (
            "JOB_0.CAR.count > 1 OR JOB_0.BUS.count == 0 AND SCENE.NIGHT.count >= 1",
            Or((CAR, And((BUS, NIGHT)))),
        ),
        (
            "JOB_0.CAR.count > 1 AND JOB_0.BUS.count == 0 OR SCENE.NIGHT.count >= 1",
            Or((And((CAR, BUS)), NIGHT)),
        ),
        (
            "JOB_0.CAR.count > 1 AND (JOB_0.BUS.count == 0 OR SCENE.NIGHT.count >= 1)",
            And((CAR, Or((BUS, NIGHT)))),
        ),
        ("A.B.count <= 2.5", count("A.B", "<=", 2.5)),
        ("A.B.count < -1e2", count("A.B", "<", -100)),
        ("A*.*".replace(".*", ".B*") + ".count < 3", count("A*.B*", "<", 3)),
        ("ANDREA.OR-1.count > 1", count("ANDREA.OR-1", ">", 1)),
        ("count.count.count > 1", count("count.count", ">", 1)),
    ],
)
def test_an_expression_is_read(text, tree):
    assert parse_category_search(text) == tree


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("   ", 4),
        ("JOB_0.CAR.count", 16),
        ("JOB_0.CAR.count > ", 19),
        ("JOB_0.CAR > 1", 11),
        ("JOB_0.CAR.number > 1", 11),
        ("JOB_0.CAR.count = 1", 17),
        ("JOB_0.CAR.count => 1", 17),
        ("JOB_0.CAR.count != 1", 17),
        ("JOB_0.CAR.count > x", 19),
        ("JOB_0.CAR.count > 1e999", 19),
        ("0JOB.CAR.count > 1", 1),
        ("JOB_0.ÉTÉ.count > 1", 7),
        ("*.CAR.count > 1", 1),
        ("A.B.count > 1 and A.B.count > 1", 15),
        ("A.B.count > 1 AND", 18),
        ("(A.B.count > 1", 15),
        ("A.B.count > 1)", 14),
        ("A.B.count > 1 A.B.count > 1", 15),
        ("A.B.count > 1; DROP TABLE label", 14),
        ("(" * 51 + "A.B.count > 1" + ")" * 51, 51),
        ("A" * 10_001, 10_001),
    ],
)
def test_what_is_no_expression_is_refused_at_its_character(text, position):
    with pytest.raises(BadUserInput) as caught:
        parse_category_search(text)
    assert caught.value.context["position"] == position
    assert caught.value.message.startswith("Invalid category search query: ")


COUNTS = {"JOB_0.CAR": 2, "JOB_0.CARAVAN": 3, "JOB_1.CAR": 4, "SCENE.NIGHT": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("JOB_0.CAR.count == 2", True),
        ("JOB_0.CAR.count > 2", False),
        ("JOB_0.CAR.count >= 2", True),
        ("JOB_0.CAR.count < 2", False),
        ("JOB_0.CAR.count <= 2", True),
        ("NO.SUCH.count == 0", True),
        ("NO.SUCH.count < 1", True),
        ("JOB_0.CAR*.count == 5", True),
        ("JOB_*.CAR.count == 6", True),
        ("J*.C*A*.count == 9", True),
        ("JOB_0.CAR*CAR.count == 0", True),
        ("JOB_0.C*.count == 5 AND SCENE.NIGHT.count == 0 OR JOB_1.CAR.count == 4", True),
        ("JOB_0.C*.count == 5 AND (SCENE.NIGHT.count == 0 OR JOB_1.CAR.count == 5)", False),
    ],
)
def test_an_expression_is_tested_on_the_counts_of_one_label(text, expected):
    assert matches(parse_category_search(text), COUNTS) is expected


conditions = st.builds(
    Count,
    st.sampled_from(["A", "JOB_0", "A*"]),
    st.sampled_from(["B", "C-1", "B*"]),
    st.sampled_from(Operator),
    st.integers(-3, 3).map(float),
)
trees = st.recursive(
    conditions,
    lambda inner: (
        st.builds(And, st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(Or, st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=10,
)


def written(tree):
    if isinstance(tree, Count):
        return f"{tree.job}.{tree.category}.count {tree.operator} {tree.number}"
    sign = " AND " if isinstance(tree, And) else " OR "
    return sign.join(f"({written(term)})" for term in tree.terms)


@given(trees)
def test_a_written_tree_is_read_back(tree):
    assert parse_category_search(written(tree)) == tree


@given(st.text(alphabet="AB.count ><=01()ORND*", max_size=40))
def test_no_text_breaks_the_parser(text):
    position = 1
    try:
        parse_category_search(text)
    except BadUserInput as refusal:
        position = refusal.context["position"]
    assert 1 <= position <= len(text) + 1
