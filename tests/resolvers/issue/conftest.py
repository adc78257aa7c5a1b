"""A project whose labels are talked about, with people of every role."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.common.client import Client, Json
from tests.common.world import Organization, Person, Project

CREATE = """
mutation createIssues($issues: [IssueToCreate!]!, $where: AssetWhere!) {
  data: createIssues(issues: $issues, where: $where) { id }
}"""
APPEND = """
mutation($data: AppendToIssuesData!, $where: AssetWhere!) { data: appendToIssues(data: $data, where: $where) { id } }"""
COMMENT = """
mutation($data: AppendToCommentsData!, $where: IssueWhere!) { data: appendToComments(data: $data, where: $where) { id } }"""
UPDATE = """
mutation UpdatePropertiesInIssue($data: IssueData!, $where: IssueWhere!) {
  updatePropertiesInIssue(data: $data, where: $where) { id }
}"""
ISSUES = """
query issues($where: IssueWhere!, $first: PageSize!, $skip: Int!) {
  data: issues(where: $where, first: $first, skip: $skip) { %s }
}"""
COUNT = "query countIssues($where: IssueWhere!) { data: countIssues(where: $where) }"


@dataclass
class Room:
    """Two assets labeled by Ada, one by Bob, and one by nobody."""

    project: Project
    ada: Person
    bob: Person
    rex: Person
    manager: Person
    assets: list[str]
    labels: list[str] = field(default_factory=list)

    @property
    def admin(self) -> Client:
        return self.project.admin

    @property
    def where(self) -> Json:
        return {"project": {"id": self.project.id}}

    def issue(self, label: int = 0, **more: Any) -> Json:
        """An issue about a label, as the newest client sends it."""
        return {
            "labelID": self.labels[label],
            "objectMid": None,
            "type": "ISSUE",
            "assetId": None,
            "text": None,
            **more,
        }

    def question(self, asset: int = 0, **more: Any) -> Json:
        """A question about an asset, as the newest client sends it."""
        return {
            "labelID": None,
            "objectMid": None,
            "type": "QUESTION",
            "assetId": self.assets[asset],
            "text": None,
            **more,
        }

    async def create(self, *issues: Json, by: Person | None = None) -> list[str]:
        """Create issues and answer their ids."""
        client = by.client if by else self.admin
        return [made["id"] for made in await client.data(CREATE, {"issues": list(issues), "where": self.where})]

    async def set_status(self, issue_id: str, status: str, *, by: Person | None = None) -> Any:
        client = by.client if by else self.admin
        return await client.data(UPDATE, {"data": {"status": status}, "where": {"id": issue_id}})

    async def read(self, fields: str, *, by: Person | None = None, **where: Any) -> list[Json]:
        """The issues of a filter within the project, as a person sees them."""
        client = by.client if by else self.admin
        variables = {"where": {**self.where, **where}, "first": 100, "skip": 0}
        found: list[Json] = await client.data(ISSUES % fields, variables)
        assert await client.data(COUNT, {"where": variables["where"]}) == len(found)
        return found

    async def stored(self) -> Json:
        """All that is stored of the project, issues and comments included."""
        async with self.project.organization.database.reader() as connection:
            comments = await connection.fetch(
                "select c.* from issue_comment c join issue i on i.id = c.issue_id where i.project_id = :id order by c.position",
                {"id": self.project.id},
            )
        return {
            **await self.project.everything(),
            "issue": await self.project.rows("issue"),
            "comment": [dict(row) for row in comments],
        }


async def furnish(organization: Organization) -> Room:
    """A new room."""
    project = await organization.project()
    ada, bob = await project.member("LABELER"), await project.member("LABELER", firstname="Bob")
    rex, manager = await project.member("REVIEWER", firstname="Rex"), await project.member("TEAM_MANAGER")
    room = Room(project, ada, bob, rex, manager, await project.assets(4))
    for asset, author in ((0, ada), (1, ada), (2, bob)):
        room.labels.append(await project.label(room.assets[asset], by=author))
    return room


@pytest.fixture
async def room(organization: Organization) -> Room:
    return await furnish(organization)
