"""`createProject`."""

CREATE = """mutation ($data: CreateProjectData!) { data: createProject(data: $data) { id title } }"""


async def test_a_project_is_created_from_data(organization):
    answer = await organization.admin.client.data(CREATE, {"data": {"title": "Pets", "inputType": "IMAGE"}})

    assert answer["title"] == "Pets"
