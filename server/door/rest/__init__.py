"""Front doors: REST routes that turn another product's requests into calls of the services, and stored objects back into its shapes.

A door enters the pipeline that every request takes (`server.edge.pipeline`): its key, the limits on load, the time limit, the
refusals by the one table of errors and the line in the access log are those of GraphQL. What a door declares is its base path, where
the key stands, the body of an error, and its routes:

    from labelyard.server.door.rest import Call, Door, Sent, bearer, created, no_content, not_offered

    DOOR = Door(
        name="tiny",                                          # in LABELYARD_DOORS
        title="Tiny",                                         # in the greeting of the server
        base="/tiny/v1",
        key_of=bearer,                                        # or `bare_or_bearer`, or `header("x-auth-token")`
        error=lambda error, status: {"message": error.message, "statusCode": status},
        statuses={ErrorCode.BAD_USER_INPUT: 422},             # where the status differs from that of files
    )

    @DOOR.get("/projects/{project}")                          # HEAD too; Action.READ by default
    async def read_project(call: Call) -> object:
        async with call.reader() as connection:
            project = await find_project(connection, "tiny", call.actor, call.path["project"])
        return {"id": project["number"], "title": project["title"]}

    @DOOR.post("/tasks", Action.CHANGE_ASSETS, sent=Sent.FILES)
    async def create_task(call: Call) -> object:
        task = call.read(NewTask)                             # a pydantic model; `str | LongText` where a text may be long
        await call.authorize(task.project)                    # the action of the route, in this project
        checked = await check_door_assets(call.database, call.services, call.actor, task.project, [...])
        async with call.transaction() as writer:
            ids = await import_assets(writer, checked)
            await put_asset_records(writer, "tiny", task.project, {ids[0]: {"word": "new"}})
        return created({"id": ids[0]})

An answer is a plain value (200, JSON), `created(…)`, `no_content()`, `file(bytes or stream, media type)`, or an `Answer`. A refusal
is raised as everywhere: `BadUserInput`, `NotFound`, `Conflict`, `Forbidden` (`refused(field, what)` names a field), or
`not_offered(sentence)` for 501. A door is opened by its line in `server.door.opening`.

What there is for handlers:

* `call.path`, `call.query` (`text`, `required`, `number`, `decimal`, `one_of`, `flag`, `all`), `call.headers`, `call.json`,
  `call.object`, `call.read(Model)`, `call.upload`; `text_of`, `file_of` and `text_file_of` for values that are `str | LongText`;
* `call.actor`, `call.authorize(project_id)`, `call.database`, `call.services`, `call.transaction()`, `call.reader()`;
* `call.select("Asset", "{ id externalId content }", asset_filter(where, call.actor), first=…, skip=…)`: what a GraphQL client would
  read, with the same visibility and signed links, in one statement and one more for each list; `call.select_by_ids`, `call.count`;
* `call.shown_labels(asset_ids, "{ id jsonResponse author { email } }")`: the label that stands for each asset;
* `services.door.project`, `services.door.asset`, `services.door.label`, `services.door.link`, `storage.door`: projects by number or
  id, door records, assets from files, writing labels, fetching a linked picture.

A write that is repeated with the same `Idempotency-Key` is done once and answered twice. Nothing here is for GraphQL.
"""

from labelyard.server.door.rest.answer import Answer, created, file, no_content, not_offered
from labelyard.server.door.rest.body import Body, Sent, Upload
from labelyard.server.door.rest.call import Call
from labelyard.server.door.rest.door import Door, bare_or_bearer, bearer, header
from labelyard.server.door.rest.long_text import LongText, file_of, text_file_of, text_of
from labelyard.server.door.rest.query import Query, refused

__all__ = [
    "Answer",
    "Body",
    "Call",
    "Door",
    "LongText",
    "Query",
    "Sent",
    "Upload",
    "bare_or_bearer",
    "bearer",
    "created",
    "file",
    "file_of",
    "header",
    "no_content",
    "not_offered",
    "refused",
    "text_file_of",
    "text_of",
]
