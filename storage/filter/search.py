"""The category search as SQL over `Label.search`, which holds a count per `JOB.CATEGORY`."""

from __future__ import annotations

from domain.category_search import And, Count, Operator, Or, parse_category_search
from storage.filter.condition import Filter, wildcard_pattern

OPERATORS = {
    Operator.AT_LEAST: ">=",
    Operator.AT_MOST: "<=",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.EQUAL: "=",
}


def search_condition(expression: str, chosen: Filter, alias: str) -> str:
    """The condition on one label; raises `BadUserInput` where the expression breaks the grammar."""
    return _condition(parse_category_search(expression), chosen, alias)


def _condition(tree: And | Or | Count, chosen: Filter, alias: str) -> str:
    if isinstance(tree, Count):
        return f"{_count(tree, chosen, alias)} {OPERATORS[tree.operator]} {chosen.value(float(tree.number))}"
    joint = " and " if isinstance(tree, And) else " or "
    return "(" + joint.join(_condition(part, chosen, alias) for part in tree.terms) + ")"


def _count(count: Count, chosen: Filter, alias: str) -> str:
    name = f"{count.job}.{count.category}"
    if "*" not in name:
        return f"coalesce(({alias}.search ->> {chosen.value(name)})::float, 0)"
    pattern = wildcard_pattern(name, "*")
    return (
        f"(select coalesce(sum(found.value::float), 0) from jsonb_each_text({alias}.search) found "
        f"where found.key like {chosen.value(pattern)})"
    )
