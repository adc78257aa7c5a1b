"""The API of a running server, asked while a test looks at a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from labelyard.server.application import ENDPOINT
from tests.common.documents import APPEND_MANY_ASSETS, APPEND_MANY_LABELS, ASSETS, COUNT_ASSETS, COUNT_LABELS, LABELS

SIGN_IN = "mutation ($email: String, $password: String) { data: signIn(email: $email, password: $password) { token } }"
SIGNED_URLS = """
query ($projectID: ID!, $filePaths: [String!]) {
  data: createUploadBucketSignedUrls(projectID: $projectID, filePaths: $filePaths)
}"""
ISSUES = """
query ($where: IssueWhere!, $first: PageSize!, $skip: Int!) { data: issues(where: $where, first: $first, skip: $skip) { %s } }"""


class Api:
    """Documents sent in somebody's name."""

    def __init__(self, url: str, authorization: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, headers={"Authorization": authorization}, timeout=60, trust_env=False)

    def answer(self, document: str, headers: Mapping[str, str] | None = None, **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        sent = {"query": document, "variables": variables}
        return dict(self.http.post(ENDPOINT, json=sent, headers=dict(headers or {})).json())

    def data(self, document: str, **variables: Any) -> Any:
        """The value of the only root field of a document that succeeds."""
        answer = self.answer(document, **variables)
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    def refusal(self, document: str, **variables: Any) -> dict[str, Any]:
        """The first error of a document that is refused."""
        answer = self.answer(document, **variables)
        assert answer.get("errors"), answer
        return dict(answer["errors"][0])

    def assets(self, fields: str, *, first: int = 100, **where: Any) -> list[dict[str, Any]]:
        return list(self.data(ASSETS % fields, where=where, first=first, skip=0))

    def labels(self, fields: str, *, first: int = 100, **where: Any) -> list[dict[str, Any]]:
        return list(self.data(LABELS % fields, where=where, first=first, skip=0))

    def issues(self, fields: str, *, first: int = 100, **where: Any) -> list[dict[str, Any]]:
        return list(self.data(ISSUES % fields, where=where, first=first, skip=0))

    def count_assets(self, **where: Any) -> int:
        return int(self.data(COUNT_ASSETS, where=where))

    def count_labels(self, **where: Any) -> int:
        return int(self.data(COUNT_LABELS, where=where))

    def import_assets(self, project_id: str, **arrays: Sequence[Any]) -> list[str]:
        """Import assets by the arrays of the import; answers their ids."""
        made = self.data(APPEND_MANY_ASSETS, data=arrays, where={"id": project_id})
        return [asset["id"] for asset in made]

    def upload(self, project_id: str, content: bytes, *, count: int = 1) -> list[str]:
        """Upload the same bytes so many times; answers the URLs to import."""
        urls = self.data(SIGNED_URLS, projectID=project_id, filePaths=[str(number) for number in range(count)])
        for url in urls:
            named = urlsplit(url.split("&id=")[0])
            sent = self.http.put(f"{named.path}?{named.query}", content=content)
            assert sent.status_code == 200, sent.text
        return list(urls)

    def label(self, asset_id: str, json_response: str, *, label_type: str = "DEFAULT", **more: Any) -> str:
        """Add one label; answers its id."""
        item = {"assetID": asset_id, "jsonResponse": json_response, **more}
        data = {"labelType": label_type, "overwrite": False, "labelsData": [item]}
        return str(self.data(APPEND_MANY_LABELS, data=data, where={"id": asset_id})[0]["id"])


@dataclass
class Person:
    """Somebody with an e-mail address and a password."""

    id: str
    email: str
    password: str
    _apis: dict[str, Api] = field(default_factory=dict)

    def api(self, url: str) -> Api:
        """The API as they see it, by a session of their own."""
        if url not in self._apis:
            said = httpx.post(
                url + ENDPOINT,
                json={"query": SIGN_IN, "variables": {"email": self.email, "password": self.password}},
                timeout=60,
                trust_env=False,
            ).json()
            assert "errors" not in said, said
            self._apis[url] = Api(url, f"Bearer: {said['data']['data']['token']}")
        return self._apis[url]
