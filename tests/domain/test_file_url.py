import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelyard.domain.file_url import BlobIdScanner, blob_id_of, is_blob_id, replace_file_urls

ID = "0123456789abcdef0123456789abcdef"
ids = st.text("0123456789abcdef", min_size=32, max_size=32)


@pytest.mark.parametrize(
    "url",
    [
        f"http://localhost:8000/api/label/v2/files?id={ID}",
        f"https://elsewhere.example/api/label/v2/files?id={ID}",
        f"HTTPS://elsewhere.example/api/label/v2/files?id={ID}",
        f"//elsewhere.example/api/label/v2/files?id={ID}",
        f"http://[::1]:8000/api/label/v1/files?id={ID}",
        f"http://localhost/api/label/files?id={ID}",
        f"http://localhost/behind/a/proxy/api/label/v2/files?id={ID}",
        f"http://localhost/api/label/v2/files?organization=o&expires=1&signature=s&id={ID}",
        f"http://localhost/api/label/v2/files/upload?blob={ID}&limit=1&id={ID}",
    ],
)
def test_our_urls_are_recognised(url: str) -> None:
    assert blob_id_of(url) == ID


@pytest.mark.parametrize(
    "url",
    [
        "",
        ID,
        f"/api/label/v2/files?id={ID}",
        f"ftp://localhost/api/label/v2/files?id={ID}",
        f"http://localhost/api/label/v2/graphql?id={ID}",
        f"http://localhost/files?id={ID}",
        f"http://localhost/api/label/v2/files/other?id={ID}",
        f"http://localhost/api/label/v2/files?uid={ID}",
        f"http://localhost/api/label/v2/files?id={ID}&id={ID}",
        f"http://localhost/api/label/v2/files?id={ID.upper()}",
        f"http://localhost/?u=/api/label/v2/files?id={ID}",
        f"http://localhost/#/api/label/v2/files?id={ID}",
        "http://localhost/api/label/v2/files?id=../../etc/passwd",
        "http://localhost/api/label/v2/files?id=",
        "http://localhost/api/label/v2/files",
        f"http://localhost/{'a' * 3000}/api/label/v2/files?id={ID}",
        f" http://localhost/api/label/v2/files?id={ID}",
        f"http://localhost/api/label/v2/files?id={ID}\n",
    ],
)
def test_other_urls_are_not(url: str) -> None:
    assert blob_id_of(url) is None


@given(st.text(max_size=60))
def test_any_text_is_an_id_without_dots_and_slashes_or_none(text: str) -> None:
    if is_blob_id(text):
        assert set(text) <= set("0123456789abcdefghijklmnopqrstuvwxyz-")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (f'{{"0": "http://x/api/label/v2/files?id={ID}"}}', '{"0": "NEW"}'),
        (f'["http:\\/\\/x\\/api\\/label\\/v2\\/files?id={ID}"]', '["NEW"]'),
        (f'["http://x/api/label/v2/files?a=1\\u0026id={ID}"]', '["NEW"]'),
        (f'["see http://x/api/label/v2/files?id={ID}"]', None),
        (f'["\\"http://x/api/label/v2/files?id={ID}\\""]', None),
        (f'["http://x/api/label/v2/files?id={"f" * 32}"]', None),
        ('{"0": "https://elsewhere.example/frame.png", "n": 1e400, "n": 1.0}', None),
        (f'["say \\"http://x/api/label/v2/files?id={ID}"]', None),
    ],
    ids=[
        "plain",
        "escaped slashes",
        "escaped ampersand",
        "inside a text",
        "quoted in a text",
        "unknown",
        "foreign",
        "half quoted",
    ],
)
def test_urls_in_a_document_are_replaced_and_nothing_else(document: str, expected: str | None) -> None:
    changed = replace_file_urls(document.encode(), {ID: "NEW"}.get)
    assert changed.decode() == (document if expected is None else expected)


@given(st.lists(ids, max_size=20), st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_a_scanner_finds_every_url_however_the_document_is_cut(named: list[str], cuts: list[int]) -> None:
    document = json.dumps({str(at): f"http://x/api/label/v2/files?id={name}" for at, name in enumerate(named)}).encode()
    scanner, found, at, turn = BlobIdScanner(), [], 0, 0
    while at < len(document):
        step = cuts[turn % len(cuts)]
        found += scanner.feed(document[at : at + step])
        at, turn = at + step, turn + 1
    assert found == named


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | ids.map(lambda i: f"http://x/api/label/v2/files?id={i}"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_a_document_stays_json_with_only_its_urls_changed(value: object) -> None:
    def renewed(part: object) -> object:
        if isinstance(part, str):
            blob_id = blob_id_of(part)
            return part if blob_id is None else f"https://new/{blob_id}"
        if isinstance(part, list):
            return [renewed(inner) for inner in part]
        if isinstance(part, dict):
            return {key: renewed(inner) for key, inner in part.items()}
        return part

    changed = replace_file_urls(json.dumps(value).encode(), lambda blob_id: f"https://new/{blob_id}")
    assert json.loads(changed) == renewed(value)
