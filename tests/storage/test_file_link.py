from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.blob import new_blob_id
from storage.file_link import FileGrant, FileLinks

ID = "0123456789abcdef0123456789abcdef"
ORGANIZATION, PERSON = "organization-1", "person-1"
NOW = 1_700_000_000
LINKS = FileLinks("https://label.example/", b"s" * 32, 3600, 5 << 30)


def parts_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def test_an_upload_url_is_whole_without_its_id() -> None:
    url = LINKS.upload_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW)
    assert url.startswith("https://label.example/api/label/v2/files/upload?")
    cut, rest = url.split("&id=", maxsplit=1)
    assert rest == ID
    assert "?" in cut
    grant = FileGrant(ID, ORGANIZATION, PERSON, 5 << 30)
    assert LINKS.upload_grant(parts_of(cut), now=NOW) == grant
    assert LINKS.upload_grant(parts_of(url), now=NOW) == grant


def test_a_download_url_grants_one_file() -> None:
    url = LINKS.download_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW)
    assert url.startswith("https://label.example/api/label/v2/files?")
    assert url.endswith(f"&id={ID}")
    assert LINKS.download_grant(parts_of(url), now=NOW) == FileGrant(ID, ORGANIZATION, PERSON, 0)


ALTERED = {
    "blob": ["f" * 32, "", "../x", ID + "0"],
    "id": ["f" * 32, "", "../x", ID + "0"],
    "organization": ["organization-2", "", "organization-1 "],
    "user": ["person-2", "", "person-1 "],
    "expires": [str(NOW + 3601), str(NOW), "0", "", "-1", "1e9", f"0{NOW + 3600}", f"+{NOW + 3600}", "٣", "9" * 40],
    "limit": [str((5 << 30) + 1), "0", "", "-1", "00", "9" * 40],
    "signature": ["", "a" * 43, "é"],
}


@pytest.mark.parametrize(("part", "value"), [(part, value) for part in ALTERED for value in ALTERED[part]])
def test_an_altered_url_grants_nothing(part: str, value: str) -> None:
    upload = parts_of(LINKS.upload_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    download = parts_of(LINKS.download_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    assert LINKS.upload_grant({**upload, part: value}, now=NOW) is None
    if part in download:
        assert LINKS.download_grant({**download, part: value}, now=NOW) is None


@pytest.mark.parametrize("part", ["blob", "organization", "user", "expires", "limit", "signature"])
def test_a_part_that_is_missing_grants_nothing(part: str) -> None:
    upload = parts_of(LINKS.upload_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    del upload[part]
    assert LINKS.upload_grant(upload, now=NOW) is None


def test_one_kind_of_url_is_not_the_other() -> None:
    upload = parts_of(LINKS.upload_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    download = parts_of(LINKS.download_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    assert LINKS.download_grant(upload, now=NOW) is None
    assert LINKS.upload_grant(download, now=NOW) is None
    assert LINKS.download_grant({**download, "signature": upload["signature"]}, now=NOW) is None
    assert LINKS.upload_grant({**download, "blob": ID, "limit": "0"}, now=NOW) is None


@pytest.mark.parametrize(("later", "is_granted"), [(0, True), (3599, True), (3600, False), (10**6, False)])
def test_urls_expire(later: int, is_granted: bool) -> None:
    upload = parts_of(LINKS.upload_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    download = parts_of(LINKS.download_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW))
    assert (LINKS.upload_grant(upload, now=NOW + later) is not None) == is_granted
    assert (LINKS.download_grant(download, now=NOW + later) is not None) == is_granted


def test_another_server_secret_grants_nothing() -> None:
    other = FileLinks("https://label.example", b"t" * 32, 3600, 5 << 30)
    assert (
        other.upload_grant(
            parts_of(LINKS.upload_url(blob_id=ID, organization_id="o", user_id=PERSON, now=NOW)), now=NOW
        )
        is None
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["label.example", "127.0.0.1:8000", "elsewhere.example"])
def test_our_urls_are_known_again_whatever_their_scheme_and_host(scheme: str, host: str) -> None:
    upload = LINKS.upload_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW)
    download = LINKS.download_url(blob_id=ID, organization_id=ORGANIZATION, user_id=PERSON, now=NOW)
    for url in (upload, download, f"https://label.example/api/label/v2/files?id={ID}"):
        assert LINKS.blob_id_of(url.replace("https://label.example", f"{scheme}://{host}")) == ID
    assert LINKS.blob_id_of(upload.split("&id=", maxsplit=1)[0]) is None


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40), st.integers(0, 2**40))
def test_any_organization_and_person_come_back_from_their_urls(organization_id: str, user_id: str, now: int) -> None:
    blob_id = new_blob_id()
    upload = LINKS.upload_url(blob_id=blob_id, organization_id=organization_id, user_id=user_id, now=now)
    download = LINKS.download_url(blob_id=blob_id, organization_id=organization_id, user_id=user_id, now=now)
    assert LINKS.upload_grant(parts_of(upload.split("&id=")[0]), now=now) == FileGrant(
        blob_id, organization_id, user_id, 5 << 30
    )
    assert LINKS.download_grant(parts_of(download), now=now) == FileGrant(blob_id, organization_id, user_id, 0)
    assert LINKS.blob_id_of(upload) == LINKS.blob_id_of(download) == blob_id


def test_the_secret_is_not_shown() -> None:
    assert "ssss" not in repr(LINKS)
