"""Random rows under random selections: compiled plans answer what the naive reading answers, in the same order of keys.

`test_differential.py` asks for much of a few rows that operations made; here the rows themselves are random, with every column
that may be null, and so are fragments on interfaces, the order of directives, and who asks.
"""

import asyncio
import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from graphql import get_named_type, is_abstract_type, is_leaf_type
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from labelyard.domain.secret import digest_of
from labelyard.resolvers.schema import core_schema
from labelyard.server.edge.authentication import Authenticator
from labelyard.storage.filter.asset import asset_filter
from labelyard.storage.filter.label import label_filter
from labelyard.storage.filter.project import project_filter
from labelyard.storage.filter.project_user import project_user_filter
from labelyard.storage.filter.user import user_filter
from labelyard.storage.plan.source import registry
from labelyard.storage.scope import viewer_values
from tests.common.naive import Naive, Object
from tests.common.world import WEATHER, answer, new_organization

EXAMPLES = 15
ROOTS = {
    "projects": ("Project", lambda actor: project_filter({})),
    "assets": ("Asset", lambda actor: asset_filter({}, actor)),
    "labels": ("Label", lambda actor: label_filter({}, actor)),
    "projectUsers": ("ProjectUser", lambda actor: project_user_filter({})),
    "users": ("User", lambda actor: user_filter({})),
}

# Rows

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
marks = st.none() | st.floats(0, 1, allow_subnormal=False)
moments = st.integers(0, 10**9).map(lambda ms: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
objects = st.dictionaries(words, words | st.integers(-1000, 1000) | st.none(), max_size=3).map(
    lambda value: orjson.dumps(value).decode()
)
marks_by_category = st.dictionaries(
    words, st.dictionaries(words, st.floats(0, 1, allow_subnormal=False), max_size=2), max_size=2
).map(lambda value: orjson.dumps(value).decode())
sizes = st.none() | st.sampled_from(['{"width":7,"height":5.5}', '{"height":1,"width":2,"other":3}'])
STEP_STATUSES = ["TO_DO", "IN_PROGRESS", "PARTIALLY_DONE", "REWORK", "DONE", "SKIPPED"]

assets = st.fixed_dictionaries(
    {
        "content": words,
        "json_content": st.sampled_from(["", "https://example.com/x", '{"b": 1, "a": [null]}', "[1]"]),
        "json_metadata": objects,
        "status": st.sampled_from(["TODO", "ONGOING", "LABELED", "TO_REVIEW", "REVIEWED"]),
        "skipped": st.booleans(),
        "step": st.none() | st.sampled_from([0, 1]),
        "step_status": st.none() | st.sampled_from(STEP_STATUSES),
        "is_to_review": st.booleans(),
        "priority": st.integers(-5, 5),
        "is_honeypot": st.booleans(),
        "is_used_for_consensus": st.booleans(),
        "consensus_mark": marks,
        "honeypot_mark": marks,
        "inference_mark": marks,
        "consensus_mark_per_category": st.none() | marks_by_category,
        "resolution": sizes,
        "page_resolutions": st.none()
        | st.sampled_from(["[]", '[{"pageNumber":1,"width":7,"height":5},{"pageNumber":2,"rotation":90}]']),
        "duration": st.none() | st.integers(0, 1000),
        "filename": st.none() | words,
        "instructions": st.none() | words,
        "is_instructions": st.booleans(),
        "created_at": moments,
        "updated_at": moments,
        "assignees": st.sets(st.integers(0, 3)),
    }
)
labels = st.fixed_dictionaries(
    {
        "asset": st.integers(0, 3),
        "author": st.integers(0, 3),
        "label_type": st.sampled_from(["DEFAULT", "DEFAULT", "REVIEW", "PREDICTION", "INFERENCE", "AUTOSAVE"]),
        "model_name": st.none() | words,
        "json_response": st.sampled_from(["{}", answer("RAIN", cars=1), ' {"WEATHER": {"categories": []}} ']),
        "search": st.sampled_from(["{}", '{"WEATHER.RAIN": 1}']),
        "number_of_annotations": st.integers(0, 5),
        "seconds_to_label": st.none() | st.floats(0, 1000, allow_subnormal=False),
        "client_version": st.none() | st.integers(0, 5),
        "version": st.integers(1, 5),
        "skipped": st.booleans(),
        "step": st.none() | st.sampled_from([0, 1]),
        "referenced": st.none() | st.integers(0, 5),
        "is_honeypot": st.booleans(),
        "is_sent_back_to_queue": st.booleans(),
        "is_latest_label_for_user": st.booleans(),
        "is_latest_default_label_for_user": st.booleans(),
        "is_latest_review_label_for_user": st.booleans(),
        "is_latest_prediction_label_for_user": st.booleans(),
        "is_last_for_step": st.booleans(),
        "consensus_mark": marks,
        "honeypot_mark": marks,
        "inference_mark": marks,
        "review_score": marks,
        "created_at": moments,
        "updated_at": moments,
    }
)
worlds = st.tuples(st.lists(assets, max_size=3), st.lists(labels, max_size=6))

# Selections


@dataclass
class Drawing:
    """A document being drawn: its fragments, and how much more it may hold."""

    draw: Any
    fields_left: int = 30
    aliases_left: int = 12
    directives_left: int = 8

    def __post_init__(self):
        self.fragments: list[str] = []
        self.names = itertools.count()

    def one_of(self, *choices):
        return self.draw(st.sampled_from(choices))

    def document(self):
        roots = self.draw(st.lists(st.sampled_from(sorted(ROOTS)), min_size=1, max_size=2))
        parts = []
        for index, name in enumerate(roots):
            parts.append(f"r{index}: {name}(where: {{}}, first: 20, skip: 0) {self.selection(ROOTS[name][0], 2)}")
        text = (
            f"query ($yes: Boolean!, $no: Boolean!) {{ {self.include('__typename')} {' '.join(parts)} ...Variables }}"
        )
        variables = "fragment Variables on Query { __typename @include(if: $yes) @skip(if: $no) }"
        return "\n".join([text, variables, *self.fragments])

    def selection(self, type_name, depth):
        """A selection set on an object or an abstract type."""
        kind = core_schema().type_map[type_name]
        parts = [self.part(kind, depth) for _ in range(self.draw(st.integers(1, 6)))]
        return "{ " + " ".join(parts) + " }"

    def part(self, kind, depth):
        shape = self.draw(st.integers(0, 11))
        if shape == 0:
            return self.include("__typename")
        if shape == 1 and depth:
            return f"... {self.directive()} {self.selection(kind.name, depth - 1)}"
        if shape == 2 and depth:
            return f"... on {self.condition(kind)} {self.directive()} {self.selection(self.last_condition, depth - 1)}"
        if shape == 3 and depth and len(self.fragments) < 6:
            name = f"F{next(self.names)}"
            condition = self.condition(kind)
            self.fragments.append(f"fragment {name} on {condition} {self.selection(condition, depth - 1)}")
            return f"...{name} {self.directive()}"
        if is_abstract_type(kind) and self.draw(st.booleans()) and depth:
            return f"... on {self.condition(kind)} {self.selection(self.last_condition, depth - 1)}"
        return self.field(kind, depth)

    def condition(self, kind):
        """A type that a fragment on a type may be for; the last one drawn is remembered."""
        possible = [item.name for item in core_schema().get_possible_types(kind)] if is_abstract_type(kind) else []
        self.last_condition = self.one_of(kind.name, *possible)
        return self.last_condition

    def field(self, kind, depth):
        names = self.fields_of(kind, leaves_only=not depth or self.fields_left <= 0)
        if not names:
            return "__typename"
        name = self.one_of(*names)
        self.fields_left -= 1
        child = get_named_type(kind.fields[name].type)
        text = name
        # A field of another type under the same key would conflict, so each alias is used once.
        if self.aliases_left > 0 and self.draw(st.integers(0, 4)) == 0:
            self.aliases_left -= 1
            text = f"a{next(self.names)}: {name}"
        text = self.include(text)
        return text if is_leaf_type(child) else f"{text} {self.selection(child.name, depth - 1)}"

    def fields_of(self, kind, *, leaves_only):
        declared = registry[kind.name].fields if kind.name in registry else kind.fields
        return sorted(
            name
            for name in kind.fields
            if name in declared and (not leaves_only or is_leaf_type(get_named_type(kind.fields[name].type)))
        )

    def include(self, text):
        return f"{text} {self.directive()}"

    def directive(self):
        if self.directives_left <= 0 or self.draw(st.integers(0, 7)):
            return ""
        self.directives_left -= 1
        return self.one_of(
            "@include(if: $yes)",
            "@include(if: $no)",
            "@skip(if: $yes)",
            "@skip(if: $no)",
            "@include(if: true)",
            "@skip(if: true)",
            "@skip(if: false) @include(if: $yes)",
        )


documents = st.composite(lambda draw: Drawing(draw).document())()


# Writing the rows


async def write(organization, people, world):
    """Put random rows into a project of their own."""
    project = await organization.project(WEATHER, title="Random", description="é")
    database = organization.database
    steps = [row["id"] for row in await project.rows("project_step")]
    roles = ["ADMIN", "TEAM_MANAGER", "REVIEWER", "LABELER"]
    for person, role in zip(people, roles, strict=True):
        await project.join(person, role)
    asset_rows, label_rows = world
    asset_ids = []
    async with database.transaction() as connection:
        for index, drawn in enumerate(asset_rows):
            columns = {key: value for key, value in drawn.items() if key not in ("step", "assignees")}
            columns |= {"id": f"{project.id}-a{index}", "project_id": project.id, "external_id": f"e{index}"}
            columns |= {"current_step_id": None if drawn["step"] is None else steps[drawn["step"]]}
            columns["metadata_search"] = columns["json_metadata"]
            asset_ids.append(columns["id"])
            await insert(connection, "asset", columns, {"metadata_search": "jsonb"})
            for person in drawn["assignees"]:
                await insert(
                    connection, "asset_assignee", {"asset_id": columns["id"], "user_id": people[person].id}, {}
                )
        for index, drawn in enumerate(label_rows if asset_ids else ()):
            columns = {
                key: value for key, value in drawn.items() if key not in ("asset", "author", "step", "referenced")
            }
            columns |= {"id": f"{project.id}-l{index}", "project_id": project.id}
            columns |= {"asset_id": asset_ids[drawn["asset"] % len(asset_ids)], "author_id": people[drawn["author"]].id}
            columns |= {"step_id": None if drawn["step"] is None else steps[drawn["step"]]}
            columns["referenced_label_id"] = None
            if drawn["referenced"] is not None:
                columns["referenced_label_id"] = f"{project.id}-l{drawn['referenced']}"
            await insert(connection, "label", columns, {"search": "jsonb"})
    return project


async def insert(connection, table, columns, casts):
    names = ", ".join(columns)
    values = ", ".join(f":{name}{'::' + casts[name] if name in casts else ''}" for name in columns)
    await connection.fetch(f"insert into {table} ({names}) values ({values})", columns)


async def visible(naive, root, actor):
    """The objects of a list without a filter."""
    type_name, choose = ROOTS[root]
    chosen = choose(actor)
    table = registry[type_name].table_name
    rows = await naive.connection.fetch(
        f"select t.id from {table} t where {chosen.where} order by t.position limit 20",
        {**naive.values, **chosen.values},
    )
    return [Object(type_name, row[0]) for row in rows]


def order_of(value):
    """The keys of a value, in order, at every level."""
    if isinstance(value, dict):
        return [(key, order_of(item)) for key, item in value.items()]
    return [order_of(item) for item in value] if isinstance(value, list) else None


# The test


@pytest.fixture
async def ground(database, client):
    organization = await new_organization(database, client)
    people = [await organization.person(firstname=name) for name in ("Ada", "Tim", "Rex", "Lou")]
    return asyncio.get_running_loop(), organization, people


def test_compiled_plans_answer_what_a_plain_execution_answers(ground, database):
    loop, organization, people = ground

    async def compare(world, viewer, documents_drawn, yes):
        project = await write(organization, people, world)
        person = [organization.admin, *people][viewer]
        actor = await Authenticator(database).actor_of(digest_of(person.key))
        assert actor is not None
        for document in documents_drawn:
            variables = {"yes": yes, "no": not yes}
            async with database.reader() as connection:
                naive = Naive(connection, viewer_values(actor), None)
                roots = {name: await visible(naive, name, actor) for name in ROOTS}
                expected = await naive.read(document, variables, roots)
            answered = await person.client.graphql(document, variables)
            assert answered == {"data": expected}, document
            assert order_of(answered["data"]) == order_of(expected), document
        await database.pool.execute("update project set deleted_at = now() where id = $1", project.id)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each try goes over HTTP: to shrink takes minutes
    )
    @given(
        world=worlds,
        viewer=st.integers(0, 4),
        documents_drawn=st.lists(documents, min_size=2, max_size=2),
        yes=st.booleans(),
    )
    def run(world, viewer, documents_drawn, yes):
        loop.run_until_complete(compare(world, viewer, documents_drawn, yes))

    run()
