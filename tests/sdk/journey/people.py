"""Members of a project, people of the organization, and a start without warnings."""

from _support import CLASSIFICATION_INTERFACE, connect_listening, release, report

EMAIL = "Newcomer-{}@Example.com"
FIELDS = ["id", "role", "user.id", "user.email"]


def main():
    kili, warned = connect_listening()
    seen = {"warned": warned}
    project_id = kili.create_project(input_type="TEXT", json_interface=CLASSIFICATION_INTERFACE, title="People")["id"]
    email = EMAIL.format(project_id)
    creator = kili.project_users(project_id=project_id, fields=FIELDS)
    seen["creator"] = [[member["role"]] for member in creator]

    invited = kili.append_to_roles(project_id=project_id, user_email=email, role="LABELER")
    seen["invited"] = [invited["user"]["email"] == email.lower(), invited["role"]]

    # A person who has not come yet has another status than those asked for by default.
    def members():
        return kili.project_users(project_id=project_id, fields=FIELDS, status_in=None)

    def role():
        return [member["role"] for member in members() if member["user"]["email"] == email.lower()]

    seen["roles"] = [role()]
    (newcomer,) = (member for member in members() if member["user"]["email"] == email.lower())
    updated = kili.update_properties_in_role(
        role_id=newcomer["id"], project_id=project_id, user_id=newcomer["user"]["id"], role="REVIEWER"
    )
    # Some releases of 25 and 26 sent this mutation without an alias and answered null.
    seen["updated"] = updated and updated["role"]
    seen["roles"].append(role())
    kili.append_to_roles(project_id=project_id, user_email=email, role="TEAM_MANAGER")
    seen["roles"].append(role())
    if release() >= (26, 0, 0):
        answer = kili.update_properties_in_project_user(project_id=project_id, user_email=email, role="LABELER")
        seen["updated by email"] = [answer["role"], answer["user"]["email"] == email.lower()]
        seen["roles"].append(role())
    seen["counted"] = kili.count_project_users(project_id=project_id, status_in=None)
    seen["removed"] = kili.delete_from_roles(role_id=newcomer["id"])["id"] == project_id
    seen["roles"].append(role())
    seen["members left"] = [member["id"] for member in members()] == [member["id"] for member in creator]

    if release() >= (26, 0, 0):
        administrator = f"admin-{project_id}@example.com"
        kili.create_user(email=administrator, password="a long password, 26", organization_role="ADMIN")

        def counted():
            by_default = kili.count_project_users(project_id=project_id)
            return [
                by_default,
                kili.count_project_users(project_id=project_id, status_in=["ACTIVATED"]),
                len(members()),
            ]

        seen["counted beside an administrator who is no member"] = counted()
        kili.append_to_roles(project_id=project_id, user_email=administrator, role="LABELER")
        seen["counted with the administrator"] = counted()

    (organization,) = kili.organizations(fields=["id", "name", "license.uploadLocalData", "license.api"])
    seen["organization"] = {"license": organization["license"], "by default fields": kili.organizations()[0]}
    seen["organization named"] = organization["name"] == seen["organization"].pop("by default fields")["name"]
    users = kili.users(organization_id=organization["id"], fields=["id", "email", "firstname", "lastname"])
    seen["counted users"] = kili.count_users(organization_id=organization["id"]) == len(users)
    seen["newcomer stays"] = [user["id"] for user in users if user["email"] == email.lower()] == [
        newcomer["user"]["id"]
    ]
    seen["names are text"] = all(isinstance(user["firstname"], str) for user in users)
    seen["found by email"] = [user["id"] for user in kili.users(email=email.lower())] == [newcomer["user"]["id"]]
    kili.delete_project(project_id=project_id)
    return seen


if __name__ == "__main__":
    report(main())
