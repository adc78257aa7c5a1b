"""Uploads that come as a form: the part `file` is the file, and what is no such form is refused."""

import httpx
import pytest

from tests.common.world import Project

URLS = """query ($id: ID!, $paths: [String!]!) {
  data: createUploadBucketSignedUrls(projectID: $id, filePaths: $paths) }"""
CONTENT = bytes(range(256)) * 2_000


async def link(project: Project) -> str:
    (url,) = await project.admin.data(URLS, {"id": project.id, "paths": ["a.bin"]})
    return str(url)


async def test_the_file_of_a_form_is_kept_without_its_frame(client, project):
    url = await link(project)
    http: httpx.AsyncClient = client.http
    sent = await http.put(url, files={"file": ("a.bin", CONTENT)}, data={"more": "x"})
    assert sent.status_code == 200, sent.text
    asset = await project.asset(contentArray=url)
    found = await project.read_asset(asset, "content")
    assert (await http.get(found["content"])).content == CONTENT
    again = await http.put(url, files={"file": ("a.bin", CONTENT)})
    assert again.status_code == 200


BAD = {
    "no end": (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc', "b"),
    "no file": (b'--b\r\nContent-Disposition: form-data; name="other"\r\n\r\nabc\r\n--b--\r\n', "b"),
    "two files": (b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\na\r\n' * 2 + b"--b--\r\n", "b"),
    "another boundary": (b"--c\r\n\r\nabc\r\n--c--\r\n", "b"),
    "nothing": (b"", "b"),
}


@pytest.mark.parametrize(("body", "boundary"), BAD.values(), ids=BAD)
async def test_what_is_no_form_with_one_file_is_refused(client, project, body, boundary):
    url = await link(project)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    refused = await client.http.put(url, content=body, headers=headers)
    assert refused.status_code == 400
    # The link can be used all the same.
    assert (await client.http.put(url, content=CONTENT)).status_code == 200
