"""The one contradiction between client generations, read from both sides."""

import pytest
from graphql import parse, print_ast

from labelyard.domain.error import ErrorCode
from labelyard.resolvers.compatibility import adapted

# Releases 1.7.0 to 2.19.0.
AS_TEXT = """
mutation($email: String! $name: String $organizationId: String $organizationRole: String $activated: Boolean) {
  data: updatePropertiesInUser(
    where: {email: $email}
    data: { name: $name email: $email organizationId: $organizationId organizationRole: $organizationRole activated: $activated }
  ) { id organizationRole }
}"""
# Release 1.3.2.
AS_LITERAL = """
mutation {{
  data: updatePropertiesInUser(where: {{email: "{email}"}}, data: {{ organizationRole: {role} }}) {{ id organizationRole }}
}}"""


@pytest.mark.parametrize("declared", ["String", "OrganizationRole"])
async def test_a_role_is_sent_as_a_text_or_as_the_enumeration(organization, declared):
    ada = await organization.person()
    document = AS_TEXT.replace("$organizationRole: String", f"$organizationRole: {declared}")

    answer = await organization.admin.client.data(document, {"email": ada.email, "organizationRole": "ADMIN"})

    assert answer == {"id": ada.id, "organizationRole": "ADMIN"}


@pytest.mark.parametrize(("role", "becomes"), [('"ADMIN"', "ADMIN"), ("ADMIN", "ADMIN"), ("null", "USER")])
async def test_a_role_is_written_in_quotes_or_without(organization, role, becomes):
    ada = await organization.person()

    answer = await organization.admin.client.data(AS_LITERAL.format(email=ada.email, role=role))

    assert answer == {"id": ada.id, "organizationRole": becomes}


async def test_what_is_no_role_is_still_refused(organization):
    ada = await organization.person()

    refused = await organization.admin.client.refused(
        AS_TEXT, {"email": ada.email, "organizationRole": "BOSS"}, status=400
    )
    quoted = await organization.admin.client.refused(AS_LITERAL.format(email=ada.email, role='"BOSS"'), status=400)

    assert (refused.code, quoted.code) == (ErrorCode.BAD_USER_INPUT, ErrorCode.GRAPHQL_VALIDATION_FAILED)


@pytest.mark.parametrize(
    "source",
    [
        "{ viewer { id } }",
        "mutation ($r: String) { createUser(email: $r, organizationRole: USER) { id } }",
        "mutation ($r: OrganizationRole) { updatePropertiesInUser(data: {organizationRole: $r}, where: {id: 1}) { id } }",
        "mutation ($d: UserData!) { updatePropertiesInUser(data: $d, where: {id: 1}) { id } }",
        'fragment F on Mutation { updatePropertiesInUser(data: {organizationRole: "USER"}, where: {}) { id } } '
        "mutation { ...F }",
    ],
)
def test_every_other_document_stays_the_very_same(source):
    document = parse(source)

    assert adapted(document) is document


def test_nothing_else_of_a_document_changes():
    written = print_ast(adapted(parse(AS_TEXT)))

    assert written == print_ast(parse(AS_TEXT)).replace(
        "$organizationRole: String", "$organizationRole: OrganizationRole"
    )
