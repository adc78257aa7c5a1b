"""One request to a door, as its handler sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from labelyard.domain.error import BadUserInput
from labelyard.domain.permission import Action, Actor
from labelyard.resolvers.call import RequestContext, is_unchecked, refuse_unchecked
from labelyard.resolvers.kept_id import as_chosen_text
from labelyard.resolvers.reading import count_selection, read_selection, read_selection_by_ids
from labelyard.server.door.rest.body import Body, Upload
from labelyard.server.door.rest.long_string import LONG_BYTES
from labelyard.server.door.rest.long_text import LongText
from labelyard.server.door.rest.query import Query, refused
from labelyard.services.app_services import AppServices
from labelyard.services.guard import authorize, renewed
from labelyard.storage.database import Database, Reader, Writer
from labelyard.storage.door import shown_label_ids
from labelyard.storage.filter.condition import Filter
from labelyard.storage.plan.budget import ReadBudget

Fields = TypeVar("Fields", bound=BaseModel)
MOST_LISTED = 50
MOST_KEYS = 1_000


class Call:
    """The person, what they sent, and what to answer with.

    `path` has the decoded texts of the path, `query` the parameters, `headers` the headers by lower-case names. `database` and
    `services` are for functions of `services/`; when the request has an `Idempotency-Key`, everything they do is one transaction
    with the answer.
    """

    def __init__(
        self,
        context: RequestContext,
        *,
        action: Action,
        name: str,
        path: Mapping[str, str],
        query: Query,
        headers: Mapping[str, str],
        body: Body,
    ) -> None:
        self.context = context
        self.action = action
        self.name = name
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body

    @property
    def actor(self) -> Actor:
        """The person of the key."""
        return self.context.require_actor

    @property
    def database(self) -> Database:
        """The database, or the one transaction of a request that can be repeated."""
        return self.context.database

    @property
    def services(self) -> AppServices:
        """Settings and tools; its links begin with the address by which the server was asked."""
        return self.context.services

    # What was sent.

    @property
    def json(self) -> Any:
        """The JSON value of the body; None where nothing was sent."""
        return self.body.json

    @property
    def object(self) -> dict[str, Any]:
        """The JSON object of the body."""
        if not isinstance(self.body.json, dict):
            raise BadUserInput(
                "The body must be a JSON object." if self.body.is_json else "The body is empty; send a JSON object."
            )
        return self.body.json

    @property
    def upload(self) -> Upload:
        """The file of the body."""
        if self.body.upload is None:
            raise refused("file", "is missing: send it as the body, or as the part `file` of a form")
        return self.body.upload

    def read(self, model: type[Fields]) -> Fields:
        """The JSON object of the body by a pydantic model; a refusal names every field that is wrong.

        Fields that may be long (files, texts) are declared `str | LongText`.
        """
        return fields_of(model, self.object)

    # Rights.

    async def authorize(self, project_id: str, action: Action | None = None, *, in_archive: bool = False) -> None:
        """Refuse unless the person may do the action of the route, or another one, in a project."""
        await authorize(self.database, self.actor, action or self.action, project_id, in_archive=in_archive)

    @property
    def is_unchecked(self) -> bool:
        """Whether the route needs rights in a project, and none have been asked for yet."""
        return is_unchecked(self.action)

    def has_made(self, project_id: str) -> None:
        """Remember, for the rest of the request, that the person administers a project which they have just made."""
        self.context.actor = self.actor.administering(project_id)

    def keeps_ids(self) -> None:
        """Remember, for the rest of the request, that it has stored an asset under an id in another form."""
        self.context.actor = replace(self.actor, has_kept_ids=True)

    # Reading and writing.

    def renew_budget(self) -> None:
        """Read the next piece of a streamed answer: what was read for those before it is no longer held."""
        self.context.budget = ReadBudget(self.context.budget.max_answer_bytes)

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        """A connection for reading."""
        return self.database.reader()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Writer]:
        """A transaction, committed when the block ends and rolled back when it raises, or when no rights were asked for.

        Rights are looked at again first: a large body, or a picture that is fetched, may have taken minutes.
        """
        async with self.database.transaction() as writer:
            self.context.actor = await renewed(writer, self.actor, self.action)
            yield writer
            refuse_unchecked(writer, self.action, self.name)

    async def select(
        self, type_name: str, selection: str, filters: Filter, *, first: int = 100, skip: int = 0
    ) -> list[dict[str, Any]]:
        """A page of the objects of a GraphQL type that a filter leaves and the person may see, in the order of their creation.

        `selection` is written as in GraphQL (`{ id externalId content }`), `filters` comes from `storage.filter`.
        """
        return await read_selection(
            self.database,
            self.services,
            self.actor,
            type_name,
            selection,
            filters,
            first=first,
            skip=skip,
            budget=self.context.budget,
        )

    async def select_by_ids(self, type_name: str, selection: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Objects that the person is known to see, in the order of their ids."""
        return await read_selection_by_ids(
            self.database, self.services, self.actor, type_name, selection, ids, budget=self.context.budget
        )

    async def by_id(self, type_name: str, selection: str, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The same by their ids; what has gone meanwhile is left out. `id` is selected whether or not it is asked for."""
        if not ids:
            return {}
        objects = await self.select_by_ids(type_name, f"{{ id {selection.strip()[1:]}", ids)
        # Clients are shown some ids in another form (`resolvers.kept_id`).
        stored = {as_chosen_text(one, self.actor): one for one in ids} if self.actor.has_kept_ids else {}
        return {stored.get(found["id"], found["id"]): found for found in objects}

    async def shown_labels(
        self, asset_ids: Sequence[str], selection: str, *, with_predictions: bool = False
    ) -> dict[str, dict[str, Any]]:
        """The label that stands for each asset, by the id of the asset, as a selection on `Label` asks for it.

        That is the latest REVIEW, else the latest DEFAULT, else, if asked for, the latest PREDICTION, of those that the person sees;
        skipped ones, AUTOSAVE and INFERENCE never. `jsonResponse` is JSON text. Two statements, however many assets there are.
        """
        async with self.reader() as connection:
            shown = await shown_label_ids(connection, self.actor, asset_ids, with_predictions=with_predictions)
        labels = await self.by_id("Label", selection, list(shown.values()))
        return {asset_id: labels[label_id] for asset_id, label_id in shown.items() if label_id in labels}

    async def count(self, table: str, filters: Filter) -> int:
        """How many rows of a table a filter leaves."""
        return await count_selection(self.database, self.services, self.actor, table, filters)


def fields_of(model: type[Fields], given: Mapping[str, Any]) -> Fields:
    """What is given, as a pydantic model checks it; `BadUserInput` names every field that is wrong."""
    if len(given) > MOST_KEYS:  # each may become an error of its own
        raise BadUserInput(f"The object has {len(given):,} fields; at most {MOST_KEYS:,} are taken.", limit=MOST_KEYS)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> BadUserInput:
    fields: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_context=False)[:MOST_LISTED]:
        location = [str(part) for part in problem["loc"] if not str(part).startswith(("is-instance", "function-"))]
        if location and location[-1] in ("str", "LongText"):
            location.pop()
        name = ".".join(location) or "body"
        message = problem["msg"].removeprefix("Value error, ")
        if isinstance(problem.get("input"), LongText):
            message = f"is longer than {LONG_BYTES:,} bytes"
        fields.setdefault(name, message)
    name, message = next(iter(fields.items()))
    more = f" (and {len(fields) - 1} more)" if len(fields) > 1 else ""
    return BadUserInput(f"{name}: {message}{more}.", field=name, fields=fields)
