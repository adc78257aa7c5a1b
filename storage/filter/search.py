"""The category search as SQL over `Label.search`, which holds a count per `JOB.CATEGORY`."""

from __future__ import annotations

from labelyard.domain.category_search import And, Count, Operator, Or, parse_category_search
from labelyard.storage.filter.condition import Filter, wildcard_pattern

OPERATORS = {
    Operator.AT_LEAST: ">=",
    Operator.AT_MOST: "<=",
    Operator.MORE_THAN: ">",
    Operator.LESS_THAN: "<",
    Operator.EQUAL: "=",
}


def search_condition(expression: str, filters: Filter, alias: str) -> str:
    """The condition on one label; raises `BadUserInput` where the expression breaks the grammar."""
    return _condition(parse_category_search(expression), filters, alias)


def _condition(tree: And | Or | Count, filters: Filter, alias: str) -> str:
    if isinstance(tree, Count):
        compared = f"{_count(tree, filters, alias)} {OPERATORS[tree.operator]} {filters.value(float(tree.number))}"
        if _counts_none(tree) or "*" in _name(tree):
            return compared
        return f"({alias}.search ? {filters.value(_name(tree))} and {compared})"  # which the index `label_search` finds
    joint = " and " if isinstance(tree, And) else " or "
    return "(" + joint.join(_condition(part, filters, alias) for part in tree.terms) + ")"


def _counts_none(count: Count) -> bool:
    """Whether labels without the category satisfy it."""
    match count.operator:
        case Operator.AT_LEAST:
            return count.number <= 0
        case Operator.MORE_THAN:
            return count.number < 0
        case Operator.AT_MOST | Operator.LESS_THAN:
            return True
        case Operator.EQUAL:
            return count.number == 0


def _name(count: Count) -> str:
    return f"{count.job}.{count.category}"


def _count(count: Count, filters: Filter, alias: str) -> str:
    name = _name(count)
    if "*" not in name:
        return f"coalesce(({alias}.search ->> {filters.value(name)})::float, 0)"
    pattern = wildcard_pattern(name, "*")
    return f"""(
      select coalesce(sum(found.value::float), 0)
      from jsonb_each_text({alias}.search) found
      where found.key like {filters.value(pattern)}
    )"""
