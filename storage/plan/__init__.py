"""Reading plans: a selection becomes SQL and a generated function, once; `docs/reading-plans.md` tells how to add a field."""

from labelyard.storage.plan.compiler import Plan, compile_plan
from labelyard.storage.plan.source import (
    LIST_SIZE,
    Bound,
    Column,
    Computed,
    Expression,
    Json,
    ObjectSource,
    Source,
    ToMany,
    ToOne,
    source_of,
)
from labelyard.storage.plan.tree import Selected, Selection

__all__ = [
    "LIST_SIZE",
    "Bound",
    "Column",
    "Computed",
    "Expression",
    "Json",
    "ObjectSource",
    "Plan",
    "Selected",
    "Selection",
    "Source",
    "ToMany",
    "ToOne",
    "compile_plan",
    "source_of",
]
