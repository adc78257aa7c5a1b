"""An administrator makes a user, who then works with a key of their own, changes the password and is let go. For every release."""

import os
import uuid

from _support import CLASSIFICATION_INTERFACE, connect, refusal_of, release, report

PASSWORD, BETTER = "correct horse battery", "a much better one"
HAS_FIRST_NAMES = release() >= (2, 107, 0)
HAS_KEYS = (2, 96, 0) <= release() < (2, 126, 3)
HAS_ONE_KEY = release() < (2, 96, 0)


def refusal(call, **named):
    """What a user of the SDK reads when a call is refused."""
    return str(refusal_of(call, **named))


def connect_with(key):
    os.environ["KILI_API_KEY"] = key
    return connect()


def main():
    kili = connect()
    email = f"ada-{uuid.uuid4().hex}@example.com"
    names = {"firstname": "Ada", "lastname": "King"} if HAS_FIRST_NAMES else {"name": "Ada King"}
    account = {"email": email, "password": PASSWORD, "organization_role": "USER", **names}
    made = kili.create_user(**account)
    fields = ["id", "organizationRole", "activated", *names]

    def user():
        (found,) = kili.users(email=email, fields=fields)
        return {**found, "id": found["id"] == made["id"]}

    seen = {"made": user(), "made twice": refusal(kili.create_user, **account)}
    kili.update_properties_in_user(email=email, organization_role="ADMIN")
    seen["changed"] = user()
    kili.update_properties_in_user(email=email, organization_role="USER")
    seen["back"] = user()["organizationRole"]
    seen["old password of somebody else"] = refusal(
        kili.update_password, email=email, old_password=PASSWORD, new_password_1=BETTER, new_password_2=BETTER
    )
    reset = kili.internal.reset_password if hasattr(kili, "internal") else kili.reset_password
    seen["reset"] = refusal(reset, email=email)

    project_id = kili.create_project(
        title="Accounts", description="", input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE
    )["id"]
    kili.append_to_roles(project_id=project_id, user_email=email, role="TEAM_MANAGER")
    key = str(uuid.uuid4())
    if HAS_ONE_KEY:
        seen["key"] = kili.update_api_key(email=email, new_api_key=key)["id"] == made["id"]
        ada = connect_with(key)
        seen["sees"] = [project["title"] for project in ada.projects(fields=["title"])]
        invited = f"bob-{uuid.uuid4().hex}@example.com"
        project = ada.append_to_roles(project_id=project_id, user_email=invited, role="LABELER")
        seen["roles"] = sorted(role["role"] for role in project["roles"])
        (bob,) = (role for role in ada.project_users(project_id=project_id, email=invited, fields=["id", "user.id"]))
        changed = ada.update_properties_in_role(
            role_id=bob["id"], project_id=project_id, user_id=bob["user"]["id"], role="REVIEWER"
        )
        seen["role"] = changed["role"]
        seen["too much"] = refusal(ada.append_to_roles, project_id=project_id, user_email=invited, role="ADMIN")
        seen["removed"] = ada.delete_from_roles(role_id=bob["id"])["id"] == project_id
        seen["password"] = (
            ada.update_password(email=email, old_password=PASSWORD, new_password_1=BETTER, new_password_2=BETTER)["id"]
            == made["id"]
        )
    elif HAS_KEYS:
        seen["key"] = kili.append_to_api_keys(api_key=key, name="laptop")["name"]
        again = connect_with(key)
        seen["sees"] = [project["title"] for project in again.projects(project_id=project_id, fields=["title"])]
    kili.update_properties_in_user(email=email, activated=False)
    seen["let go"] = user()["activated"]
    if HAS_ONE_KEY:
        seen["shut out"] = refusal_of(ada.projects) is not None
    return seen


if __name__ == "__main__":
    report(main())
