from dataclasses import dataclass


@dataclass
class And:
    parts: tuple


@dataclass
class Or:
    parts: tuple


@dataclass
class Count:
    job: str
    category: str
    operator: str
    number: float


def parse_search(t):
    return None
