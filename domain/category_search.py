"""The category search: expressions like `JOB_0.CAR.count > 1 AND (JOB_0.BUS.count == 0 OR SCENE.NIGHT.count >= 1)`.

Parsed by hand: seven kinds of token and two precedences are shorter than a grammar file and the tree it would need.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NoReturn, TypeAlias

from labelyard.domain.error import BadUserInput

MAX_LENGTH = 10_000
MAX_NESTED_PARENTHESES = 50


class Operator(StrEnum):
    """How a count is compared."""

    AT_LEAST = ">="
    AT_MOST = "<="
    MORE_THAN = ">"
    LESS_THAN = "<"
    EQUAL = "=="


@dataclass(frozen=True, slots=True)
class Count:
    """One condition; `*` in `job` or `category` stands for any run of characters, and all matches add up."""

    job: str
    category: str
    operator: Operator
    number: float

    @property
    def pattern(self) -> str:
        """The key of the counts that is meant, with its `*`."""
        return f"{self.job}.{self.category}"

    @property
    def has_wildcard(self) -> bool:
        """Whether more than one key may be meant."""
        return "*" in self.pattern


@dataclass(frozen=True, slots=True)
class And:
    """All of the terms, at least two."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of the terms, at least two."""

    terms: tuple[Expression, ...]


Expression: TypeAlias = And | Or | Count

_COMPARISONS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
    Operator.MORE_THAN: operator.gt,
    Operator.LESS_THAN: operator.lt,
    Operator.EQUAL: operator.eq,
}
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z][A-Za-z0-9_*-]*)"
    r"|(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<operator>>=|<=|==|>|<)"
    r"|(?P<sign>[().]))"
)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def parse_category_search(text: str) -> Expression:
    """Parse an expression; a refusal says at which character (from 1) it stops being one."""
    if len(text) > MAX_LENGTH:
        raise BadUserInput(
            f"Invalid category search query: {len(text)} characters, at most {MAX_LENGTH} are read",
            position=MAX_LENGTH + 1,
        )
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._tokenize()
        self._index = 0
        self._open = 0

    def parse(self) -> Expression:
        expression = self._any()
        token = self._peek()
        if token.kind != "end":
            self._refuse(token, "AND, OR or the end")
        return expression

    def _tokenize(self) -> list[_Token]:
        tokens: list[_Token] = []
        position = 0
        while position < len(self._text.rstrip()):
            match = _TOKEN.match(self._text, position)
            if match is None or match.lastgroup is None:
                rest = self._text[position:]
                position += len(rest) - len(rest.lstrip())
                self._refuse(_Token("unknown", self._text[position], position), "a condition")
            tokens.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            position = match.end()
        tokens.append(_Token("end", "", len(self._text)))
        return tokens

    def _any(self) -> Expression:
        terms = [self._all()]
        while self._takes("word", "OR"):
            terms.append(self._all())
        return terms[0] if len(terms) == 1 else Or(tuple(terms))

    def _all(self) -> Expression:
        terms = [self._one()]
        while self._takes("word", "AND"):
            terms.append(self._one())
        return terms[0] if len(terms) == 1 else And(tuple(terms))

    def _one(self) -> Expression:
        if not self._takes("sign", "("):
            return self._condition()
        self._open += 1
        if self._open > MAX_NESTED_PARENTHESES:
            self._refuse(self._tokens[self._index - 1], f"at most {MAX_NESTED_PARENTHESES} parentheses in each other")
        expression = self._any()
        self._demand("sign", '")"', ")")
        self._open -= 1
        return expression

    def _condition(self) -> Count:
        job = self._demand("word", "the name of a job")
        self._demand("sign", '"."', ".")
        category = self._demand("word", "the name of a category")
        self._demand("sign", '"."', ".")
        self._demand("word", '"count"', "count")
        compared = Operator(self._demand("operator", "one of >= <= > < =="))
        token = self._peek()
        number = float(self._demand("number", "a number"))
        if not math.isfinite(number):
            self._refuse(token, "a number")
        return Count(job, category, compared, number)

    def _peek(self) -> _Token:
        return self._tokens[self._index]

    def _takes(self, kind: str, text: str) -> bool:
        token = self._peek()
        if (token.kind, token.text) != (kind, text):
            return False
        self._index += 1
        return True

    def _demand(self, kind: str, wanted: str, text: str | None = None) -> str:
        token = self._peek()
        if token.kind != kind or (text is not None and token.text != text):
            self._refuse(token, wanted)
        self._index += 1
        return token.text

    def _refuse(self, token: _Token, wanted: str) -> NoReturn:
        match = f'"{token.text[:40]}"' if token.text else "the end"
        position = token.position + 1
        raise BadUserInput(
            f"Invalid category search query: at character {position} stands {match}, expected {wanted}. "
            "Conditions are written like JOB_0.CAR.count >= 1 and joined by AND, OR and parentheses.",
            position=position,
            expected=wanted,
        )


def matches(expression: Expression, counts: Mapping[str, int]) -> bool:
    """Whether one label, by its counts per `JOB.CATEGORY`, satisfies the expression; what is missing counts 0."""
    match expression:
        case And(terms):
            return all(matches(term, counts) for term in terms)
        case Or(terms):
            return any(matches(term, counts) for term in terms)
        case Count():
            return _COMPARISONS[expression.operator](_total(expression, counts), expression.number)


def _total(condition: Count, counts: Mapping[str, int]) -> int:
    if not condition.has_wildcard:
        return counts.get(condition.pattern, 0)
    return sum(number for name, number in counts.items() if _fits(condition.pattern, name))


def _fits(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern with `*`; each run is searched once, so no pattern is slow."""
    first, *middle = pattern.split("*")
    last = middle.pop()
    if len(name) < len(first) + len(last) or not name.startswith(first) or not name.endswith(last):
        return False
    position, end = len(first), len(name) - len(last)
    for part in middle:
        match = name.find(part, position, end)
        if match < 0:
            return False
        position = match + len(part)
    return True
