"""Reading plans: a selection becomes SQL and a generated function, once; `docs/reading-plans.md` tells how to add a field."""

from storage.plan.compiler import Plan, compile_plan
from storage.plan.source import (
    LIST_SIZE,
    Bound,
    Column,
    Derived,
    Expression,
    Json,
    Many,
    ObjectSource,
    One,
    Source,
    source_of,
)
from storage.plan.tree import Selected, Selection

__all__ = [
    "LIST_SIZE",
    "Bound",
    "Column",
    "Derived",
    "Expression",
    "Json",
    "Many",
    "ObjectSource",
    "One",
    "Plan",
    "Selected",
    "Selection",
    "Source",
    "compile_plan",
    "source_of",
]
