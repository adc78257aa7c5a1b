"""Demonstration projects, anonymization and new organizations, through the calls that a release has for them."""

import inspect

from _support import CLASSIFICATION_INTERFACE, connect, download, refusal_of, report


def main():
    kili = connect()
    seen = {}
    if "from_demo_project" in inspect.signature(kili.create_project).parameters:
        for name in ("DEMO_PLASTIC", "DEMO_REVIEWS", "DEMO_NER"):
            project_id = kili.create_project(title=name, from_demo_project=name)["id"]
            (project,) = kili.projects(project_id=project_id, fields=["inputType", "jsonInterface"], disable_tqdm=True)
            assets = kili.assets(project_id, fields=["externalId", "content"], disable_tqdm=True)
            seen[name] = [
                project["inputType"],
                sorted(project["jsonInterface"]["jobs"]),
                [asset["externalId"] for asset in assets],
                all(download(asset["content"]) for asset in assets),
            ]
        refused = refusal_of(kili.create_project, title="x", from_demo_project="DEMO_LLM")
        seen["refused"] = "noSuchDemo" in str(refused)
    if hasattr(kili, "update_project_anonymization"):
        project_id = kili.create_project(title="Names", input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE)[
            "id"
        ]
        seen["anonymized"] = [
            kili.update_project_anonymization(project_id=project_id, should_anonymize=should)["id"] == project_id
            for should in (True, False)
        ]
    owner = kili if hasattr(kili, "create_organization") else kili.internal
    named = dict.fromkeys(("address", "zip_code", "city", "country"), "x")
    wanted = inspect.signature(owner.create_organization).parameters
    made = owner.create_organization(name="New", **{key: value for key, value in named.items() if key in wanted})
    seen["organization"] = [sorted(made), len(made["id"]) > 10]
    return seen


if __name__ == "__main__":
    report(main())
