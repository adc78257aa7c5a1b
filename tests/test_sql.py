"""No value ever becomes part of a statement: a rule about sources, checked on their syntax trees.

A text is *clean* when it can only consist of what the sources say:

* a literal; a constant in capitals, which is made at import, before there is a request; an entry of such a constant;
* a parameter's name from `Filter.value`, which keeps the value itself aside;
* a part of a declaration (`CLEAN_ATTRIBUTES`): declarations reach plans at import only, through `ObjectSource.register`;
* a parameter that is declared to be a fragment (`FRAGMENTS`, and annotated as a text), because every call is checked to pass
  something clean;
* the answer of a function in `FRAGMENT_FUNCTIONS`, because everything it returns is checked to be clean;
* a local name that is only ever bound to something clean;
* f-strings, sums, choices, `format`, `join` and `replace` of clean texts. The operator `%` is never clean.

Everything that takes SQL must be given something clean: the methods that run statements (`RUNNING`), `Filter.require`, and what
collects the columns and joins of a plan. `storage/database.py` runs what it is given and is left out.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT_OUT = {"storage/database.py", "storage/one_transaction.py", "storage/statement.py"}
RUNNING = {
    "fetch",
    "fetch_one",
    "fetch_value",
    "fetchval",
    "fetchrow",
    "execute",
    "executemany",
    "insert_row",
    "update_row",
}
COLLECTING = {"require"}
FRAGMENTS = {
    "total",
    "probe",
    "projects",
    "alias",
    "parent",
    "sql",
    "column",
    "operator",
    "where",
    "table",
    "columns",
    "bind",
}
FRAGMENTS_OF = {("_by", "label_type"), ("_one_of_or_between", "name"), ("_is_of_type", "name"), ("_is_of_type", "kind")}
FRAGMENT_TYPES = ("str", "Mapping[str, str]", "Mapping[str, tuple[str, Sequence[Any]]]")
DECLARING = "resolvers/object_type.py"  # its functions make declarations, whose time is the import
FRAGMENT_FUNCTIONS = {
    "nested",  # the conditions of an inner filter
    "search_condition", "_condition", "_count",  # the category search
    "_is_of_type",  # storage/filter/metadata.py
    "_stored_in",  # storage/filter/standing.py
    "counted_assets", "counted_labels", "_sum_of",  # storage/filter/tallied.py
    "label_probe",  # storage/filter/label.py
    "assets", "labels", "issues", "projects", "project_users", "users", "events", "own", "_in_projects", "of_projects",
    "models", "project_models", "chat_items",  # storage/scope.py
    "child_text", "body", "join_list", "column_list",  # of plans
}  # fmt: skip
TRUSTED_FUNCTIONS = {
    "snake_case",  # of a field's name, which has been found among the declared ones
}
CLEAN_ATTRIBUTES = {
    "where", "total", "probe", "order", "matches", "join", "key", "on", "sql", "needs", "bind", "name",  # of declarations
    "columns", "joins", "conditions",  # collected, and checked where they are
    "body", "join_list", "column_list",  # made of those
    "table_name",  # of a table's class
    "aliases", "_joined",  # counted, and made of clean texts, by the compiler
}  # fmt: skip
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module:
    """A parsed module whose nodes know their parents."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.tree = ast.parse(source)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self.parents:
            node = self.parents[node]
            yield node

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def is_clean(self, node: ast.AST | None) -> bool:
        match node:
            case ast.Constant(value=value):
                return value is None or isinstance(value, str | int)
            case ast.Name(id=name):
                return CONSTANT.fullmatch(name) is not None or self.is_clean_name(node, name)
            case ast.Attribute(attr=name):
                return CONSTANT.fullmatch(name) is not None or name in CLEAN_ATTRIBUTES
            case ast.Subscript(value=base):
                return self.is_clean(base)
            case ast.JoinedStr(values=parts):
                return all(self.is_clean(part) for part in parts)
            case ast.FormattedValue(value=value):
                return self.is_clean(value)
            case ast.BinOp(op=ast.Add() | ast.Mult(), left=left, right=right):
                return self.is_clean(left) and self.is_clean(right)
            case ast.BoolOp(values=parts):
                return all(self.is_clean(part) for part in parts)
            case ast.IfExp(body=one, orelse=other):
                return self.is_clean(one) and self.is_clean(other)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return all(self.is_clean(part) for part in parts)
            case ast.Dict(values=parts):
                return all(self.is_clean(part) for part in parts)
            case ast.Starred(value=value):
                return self.is_clean(value)
            case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                return self.is_clean(part)
            case ast.DictComp(key=key, value=value):
                first = value.elts[0] if isinstance(value, ast.Tuple) else value
                return self.is_clean(key) and self.is_clean(first)
            case ast.Call():
                return self.is_clean_call(node)
            case _:
                return False

    def is_clean_call(self, call: ast.Call) -> bool:
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        match call.func:
            case ast.Attribute(attr="value", value=ast.Name(id="filters")):
                return True
            case ast.Attribute(attr="format" | "join" | "replace", value=text):
                return self.is_clean(text) and all(self.is_clean(part) for part in given)
            case ast.Attribute(attr="items" | "keys", value=mapping):
                return self.is_clean(mapping)
            case ast.Name(id="str" | "chr" | "next" | "text"):  # the last is SQLAlchemy's, around a text
                return all(self.is_clean(part) for part in given)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return name in FRAGMENT_FUNCTIONS | TRUSTED_FUNCTIONS
            case _:
                return False

    def is_clean_name(self, node: ast.AST, name: str) -> bool:
        """Follow a name to where it is bound: a comprehension around it, or the functions around it."""
        for outer in self.above(node):
            if isinstance(outer, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
                for generator in outer.generators:
                    if name in names_of(generator.target):
                        return self.is_clean(generator.iter)
            if isinstance(outer, Function):
                bound = list(self.bindings(outer, name))
                if bound:
                    return all(self.is_clean(value) for value in bound)
                for argument in arguments_of(outer):
                    if argument.arg == name:
                        return is_fragment(outer, argument)
        return False

    def bindings(self, function: Function, name: str) -> Iterator[ast.AST | None]:
        """What a local name is bound to anywhere in a function."""
        for node in ast.walk(function):
            match node:
                case ast.Assign(targets=targets, value=value) if any(name in names_of(target) for target in targets):
                    yield value
                case ast.AnnAssign(target=ast.Name(id=bound), value=value) if bound == name:
                    yield value
                case ast.AugAssign(target=ast.Name(id=bound), value=value) if bound == name:
                    yield value
                case ast.For(target=target, iter=ast.Call(func=ast.Name(id="zip"), args=lists)) if name in names_of(
                    target
                ):
                    yield lists[names_of(target).index(name)]
                case ast.For(target=target, iter=iterated) if name in names_of(target):
                    yield iterated
                case ast.NamedExpr(target=ast.Name(id=bound), value=value) if bound == name:
                    yield value


def names_of(target: ast.AST) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    return [name for part in getattr(target, "elts", []) for name in names_of(part)]


def arguments_of(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def is_fragment(function: Function, argument: ast.arg) -> bool:
    """Whether a parameter is declared to take SQL: by its name, and by its type."""
    annotation = ast.unparse(argument.annotation) if argument.annotation else ""
    is_named = argument.arg in FRAGMENTS or (function.name, argument.arg) in FRAGMENTS_OF
    return is_named and annotation in FRAGMENT_TYPES


def sources(*folders: str) -> list[Module]:
    """The modules of folders, migrations left out: they run without any request."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    names = [path.relative_to(ROOT).as_posix() for path in paths if "versions" not in path.parts]
    return [Module(name, (ROOT / name).read_text("utf-8")) for name in names if name not in LEFT_OUT]


MODULES = sources("storage", "services", "resolvers", "server")


def fragment_places(modules: list[Module]) -> dict[tuple[str, bool], dict[str, int | None]]:
    """For each function (name, whether it is a method) with fragments: their names and places, None for keyword only."""
    places: dict[tuple[str, bool], dict[str, int | None]] = {}
    for module in modules:
        for function in module.functions() if module.name != DECLARING else ():
            positional = [*function.args.posonlyargs, *function.args.args]
            is_method = bool(positional) and positional[0].arg == "self"
            for argument in arguments_of(function):
                if is_fragment(function, argument):
                    place = positional.index(argument) - is_method if argument in positional else None
                    places.setdefault((function.name, is_method), {})[argument.arg] = place
    return places


PLACES = fragment_places(MODULES)


def unclean(module: Module, places: dict[tuple[str, bool], dict[str, int | None]]) -> list[str]:
    """Where a module gives something that is not clean to what takes SQL."""
    found = []

    def check(node: ast.AST, why: str) -> None:
        if not module.is_clean(node):
            found.append(f"{module.name}:{node.lineno}: {why}: {ast.unparse(node)[:100]}")  # type: ignore[attr-defined]

    for node in ast.walk(module.tree):
        if isinstance(node, Function) and node.name in FRAGMENT_FUNCTIONS and module.name.startswith("storage/"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    check(inner.value, f"{node.name} returns")
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            name, is_method = node.func.attr, True
            if name in RUNNING | COLLECTING and node.args:
                check(node.args[0], f"{name} is given")
            if (
                name == "append"
                and isinstance(node.func.value, ast.Attribute)
                and node.func.value.attr in ("joins", "columns")
            ):
                check(node.args[0], f"{node.func.value.attr} gets")
        elif isinstance(node.func, ast.Name):
            name, is_method = node.func.id, False
        else:
            continue
        if module.name.startswith("server/"):
            continue  # runs statements, and calls nothing that takes parts of them
        for argument, place in places.get((name, is_method), {}).items():
            given = [keyword.value for keyword in node.keywords if keyword.arg == argument]
            if place is not None and place < len(node.args):
                given.append(node.args[place])
            for value in given:
                check(value, f"{name}({argument}) is given")
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_only_clean_texts_become_statements(module):
    assert unclean(module, PLACES) == []


@pytest.mark.parametrize(
    "text",
    [
        'f"select * from label where id = {label_id}"',
        '"select * from label where id = %s" % label_id',
        '"select * from label where id = {}".format(label_id)',
        '"select * from label where id = " + label_id',
        '" ".join(["select", label_id])',
        "label_id",
        'f"select {made}"',
        """"select " + ", ".join(f"{name}" for name in names)""",
        'f"select * from label where {nested_of(label_id)}"',
    ],
    ids=[
        "f-string",
        "percent",
        "format",
        "sum",
        "join",
        "a parameter",
        "a local name",
        "a comprehension",
        "a function",
    ],
)
def test_the_rule_finds_values_in_statements(text):
    module = Module(
        "storage/made_up.py",
        "async def read(connection, label_id: str, names: list[str]):\n    made = label_id + ''\n"
        f"    await connection.fetch({text})\n",
    )

    assert len(unclean(module, {})) == 1


@pytest.mark.parametrize(
    "text",
    [
        '"select 1"',
        "READ",
        'f"select * from {table} t where {where}"',
        'f"select {COLUMNS[0]} from label"',
        '"select * from label" + (" limit 1" if is_one else "")',
    ],
    ids=["literal", "constant", "fragments", "entry", "choice"],
)
def test_the_rule_lets_declared_texts_pass(text):
    module = Module(
        "storage/made_up.py",
        f"async def read(connection, table: str, where: str, is_one: bool):\n    await connection.fetch({text})\n",
    )

    assert unclean(module, {}) == []


def test_a_fragment_has_to_be_given_something_clean():
    module = Module(
        "storage/made_up.py",
        "async def read(connection, where: str):\n    await connection.fetch(f'select 1 where {where}')\n"
        "async def use(connection, value: str):\n    await read(connection, where=f'id = {value}')\n",
    )

    assert unclean(module, fragment_places([module])) == [
        "storage/made_up.py:4: read(where) is given: f'id = {value}'",
    ]
