"""What a user of the SDK reads when labels do not fit the interface."""

CASES = {
    "unknown category": ("UNKNOWN_CATEGORY", "WEATHER.categories[0].name", "street-2"),
    "two answers on a radio": ("TOO_MANY_CATEGORIES", "WEATHER.categories", "street-2"),
    "unknown job": ("UNKNOWN_JOB", "WHEATHER", "street-2"),
    "box of three corners": (
        "VERTEX_COUNT",
        "THING.annotations[0].boundingPoly[0].normalizedVertices",
        "street-2",
    ),
    "broken JSON": ("NOT_JSON", "$", "street-2"),
}


def test_a_label_that_does_not_fit_is_refused_with_its_place_and_nothing_is_stored(run):
    seen = run("26.2.4", "refusal")

    for name, (code, path, asset) in CASES.items():
        refusal = seen[name]
        assert refusal["kind"] == "GraphQLError", name
        assert refusal["text"].startswith('GraphQL error: "[invalidJsonResponse] [jsonResponseMalformed] '), name
        assert f"asset {asset}: {path}: " in refusal["text"], name
        assert refusal["errors"] == [[code, path]], name
        assert refusal["labels"] == 1, name
    assert seen["status"] == [["street-1", "LABELED"], ["street-2", "TODO"]]
    assert seen["nobody"]["kind"] == "NotFound"
