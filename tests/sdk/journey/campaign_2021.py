"""The same campaign with a release of 2021: one label a call, and what only the labeling screen could do, as it asked for it.

That release knows no send-back and no honeypot setting; its client executes any document. Arguments as in `campaign`.
"""

import json
import sys

from _support import connect, report
from campaign import (
    ASSET_FIELDS,
    HONEYPOTS,
    LABEL_FIELDS,
    MEMBER_FIELDS,
    MOST_REFUSALS,
    NEXT,
    PROJECT_FIELDS,
    Worker,
    answer,
    begin,
    number_of,
    run,
    settled,
)
from kili import types

SEND_BACK = "mutation ($id: ID!) { data: sendBackAssetsToQueue(where: {id: $id}) { id } }"
USE_HONEYPOTS = """
mutation ($id: ID!) { data: updatePropertiesInProject(where: {id: $id}, data: {useHoneyPot: true}) { id } }"""
CONSENSUS_BY_HAND = {"street-3": True, "street-4": True, "street-5": False, "street-6": False}


def execute(kili, document, **variables):
    """The data of a document that only the labeling screen sends."""
    answered = kili.auth.client.execute(document, variables)
    if "errors" in answered:
        raise RuntimeError(f"refused: {answered['errors']}")
    return answered["data"]


class WorkerOf2021(Worker):
    """A member of the project whose client is of 2021."""

    def next_asset(self, *, in_review):
        return execute(self.kili, NEXT, id=self.project_id, inReview=in_review)["next"]

    def send_back(self, asset):
        execute(self.kili, SEND_BACK, id=asset["id"])

    def submit(self, asset, said, label_type="DEFAULT"):
        try:
            self.kili.append_to_labels(
                json_response=said,
                label_asset_id=asset["id"],
                label_type=label_type,
                seconds_to_label=1 + number_of(asset["externalId"]) % 7,
            )
        except Exception as refused:  # that release raises plain exceptions
            self.refused.append([self.name, asset["externalId"], str(refused)])
            if len(self.refused) > MOST_REFUSALS:
                raise


def set_up(kili, count, people):
    project_id, names = begin(kili, "Campaign of 2021", count, people)
    execute(kili, USE_HONEYPOTS, id=project_id)
    ids = {
        asset["externalId"]: asset["id"] for asset in kili.assets(project_id=project_id, fields=["id", "externalId"])
    }
    kili.update_properties_in_assets(
        asset_ids=[ids[name] for name in CONSENSUS_BY_HAND],
        is_used_for_consensus_array=list(CONSENSUS_BY_HAND.values()),
        status_array=["REVIEWED"] * len(CONSENSUS_BY_HAND),  # follows from labels, whatever is said
    )
    for number in HONEYPOTS:
        name = names[number]
        kili.create_honeypot(json_response=answer("gold", name, 0), asset_id=ids[name])
    return project_id


def selection(fields):
    """Fields with dots as GraphQL."""
    return " ".join(f"{field.replace('.', ' { ')}{' }' * field.count('.')}" for field in fields)


def read(kili, kind, fields, where):
    """Objects with the fields that the release knows, read by the SDK, and with the others, read as the screen does."""
    call, root, type_name, filter_name = KINDS[kind]
    known = [field for field in fields if hasattr(getattr(types, type_name), field.partition(".")[0])]
    found = getattr(kili, call)(**where, fields=known)
    while kind == "label" and len(found) % 100 == 0:  # that release gives labels by the hundred
        if not (more := kili.labels(**where, fields=known, first=100, skip=len(found))):
            break
        found.extend(more)
    others = [field for field in fields if field not in known]
    document = f"""query ($where: {filter_name}!, $skip: Int!) {{
      data: {root}(where: $where, first: 100, skip: $skip) {{ {selection(others)} __typename }} }}"""
    filtered = {"id": where["project_id"]} if kind == "project" else {"project": {"id": where["project_id"]}}
    rest = []
    while page := kili.auth.client.execute(document, {"where": filtered, "skip": len(rest)})["data"]["data"]:
        rest.extend(page)
    if len(rest) != len(found):
        raise RuntimeError(f"{len(found)} of {kind} by the SDK, {len(rest)} by the screen")
    return [{**one, **other} for one, other in zip(found, rest, strict=True)]


KINDS = {
    "project": ("projects", "projects", "Project", "ProjectWhere"),
    "asset": ("assets", "assets", "Asset", "AssetWhere"),
    "label": ("labels", "labels", "Label", "LabelWhere"),
    "member": ("project_users", "projectUsers", "ProjectUser", "ProjectUserWhere"),
}


def state(kili, project_id):
    where = {"project_id": project_id}
    return {
        "labels": settled(lambda: read(kili, "label", LABEL_FIELDS, where)),
        "project": read(kili, "project", PROJECT_FIELDS, where)[0],
        "assets": read(kili, "asset", ASSET_FIELDS, where),
        "members": read(kili, "member", MEMBER_FIELDS, where),
        "consensus by hand": CONSENSUS_BY_HAND,
    }


def main(count, people):
    kili = connect()
    project_id = set_up(kili, count, people)
    return {**run(people, project_id, WorkerOf2021), **state(kili, project_id)}


if __name__ == "__main__":
    report(main(int(sys.argv[1]), json.loads(sys.argv[2])))
