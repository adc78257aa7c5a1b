"""Comparisons and rankings of the answers of a conversation."""

from __future__ import annotations

from typing import Any

from labelyard.domain.document import Path
from labelyard.domain.interface.model import Job
from labelyard.domain.response.children import check_children, require
from labelyard.domain.response.validation_state import Answer, ValidationState, kind_of


def check_comparison(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check `choice`."""
    choice = answer.get("choice")
    option = _check_choice(state, job, choice, (path, "choice")) if choice is not None else None
    children = (path, "children")
    allowed = job.options[option].children if option is not None else () if choice is None else None
    answered = check_children(state, answer.get("children"), children, allowed, is_key)
    if option is not None:
        require(state, job, option, job.options[option].children, children, answered)
    if choice is None:
        return False
    if is_key:
        state.number_of_annotations += 1
    return True


def _check_choice(state: ValidationState, job: Job, choice: Any, path: Path) -> str | None:
    """Return the code of the option."""
    if type(choice) is not dict:
        state.report("WRONG_SHAPE", path, f"must be an object, not {kind_of(choice)}")
        return None
    _check_pair(state, choice, path)
    written = choice.get("code")
    for code, option in job.options.items():
        if written in (code, option.name):
            return code
    allowed = ", ".join(job.options)
    state.report("UNKNOWN_OPTION", (path, "code"), f"{kind_of(written)} is not one of the options: {allowed}")
    return None


def _check_pair(state: ValidationState, choice: Answer, path: Path) -> None:
    first, second = choice.get("firstId"), choice.get("secondId")
    for key, chat_item in (("firstId", first), ("secondId", second)):
        check_chat_item(state, chat_item, (path, key))
    if first is not None and first == second:
        state.report("SAME_CHAT_ITEM", (path, "secondId"), "an answer is compared with itself")


def check_chat_item(state: ValidationState, chat_item: Any, path: Path) -> None:
    """Check that a message is one of the asset, when its messages are known."""
    known = state.asset.chat_items
    if type(chat_item) is not str:
        state.report("UNKNOWN_CHAT_ITEM", path, f"must be the id of a message, not {kind_of(chat_item)}")
    elif known is not None and chat_item not in known:
        state.report("UNKNOWN_CHAT_ITEM", path, f'the conversation has no message "{chat_item}"')


def check_ranking(state: ValidationState, job: Job, answer: Answer, path: Path, is_key: bool) -> bool:
    """Check `orders`."""
    del job  # rankings are not described by the interface
    orders = answer.get("orders")
    location = (path, "orders")
    if orders is None:
        return False
    if type(orders) is not list:
        state.report("WRONG_SHAPE", location, f"must be a list, not {kind_of(orders)}")
        return False
    for index, order in enumerate(orders):
        here = (location, index)
        if type(order) is not dict:
            state.report("RANK", here, f"must be an object, not {kind_of(order)}")
            continue
        rank, elements = order.get("rank"), order.get("elements")
        if type(rank) is not int or rank < 0:
            state.report("RANK", (here, "rank"), f"must be an integer from 0, not {kind_of(rank)}")
        if type(elements) is not list:
            state.report("RANK", (here, "elements"), f"must be a list, not {kind_of(elements)}")
    if orders and is_key:
        state.number_of_annotations += 1
    return bool(orders)
