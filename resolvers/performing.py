"""What every operation runs in, whichever door it came by."""

from __future__ import annotations

from types import TracebackType

import structlog

from labelyard.domain.error import ClientError, UnknownOutcome
from labelyard.domain.permission import Action, Actor
from labelyard.services.guard import recorded_checks, refuse_to_plugins, require_of_organization
from labelyard.storage.origin import Origin, originating
from labelyard.storage.outcome import Writes, recorded

log = structlog.get_logger("labelyard.operation")


class Performing:
    """A block in which a person performs an action: what it commits, which rights it asks for and who changes what are recorded.

    Refuses at once what the action needs no object for. Behind a commit there is only the answer or `UnknownOutcome`: whatever
    else is raised in the block becomes that. No generator, as every request passes here (`storage.bound`).
    """

    __slots__ = ("_checks", "_name", "_origin", "_recorded", "_request_id", "_writes")

    def __init__(
        self, name: str, action: Action, actor: Actor, *, is_mutation: bool, address: str, request_id: str
    ) -> None:
        if is_mutation:
            refuse_to_plugins(actor, action)
        require_of_organization(actor, action)
        self._name = name
        self._request_id = request_id
        self._recorded = recorded()
        self._checks = recorded_checks()
        self._origin = originating(Origin(actor.user_id, actor.key_id, address, name, actor.depth))

    def __enter__(self) -> Writes:
        self._writes = self._recorded.__enter__()
        self._checks.__enter__()
        self._origin.__enter__()
        return self._writes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._origin.__exit__()
        self._checks.__exit__()
        self._recorded.__exit__()
        if not isinstance(error, Exception) or isinstance(error, UnknownOutcome) or not self._writes.may_have_happened:
            return
        log_error = log.warning if isinstance(error, ClientError) else log.error
        log_error("written and not answered", field=self._name, request_id=self._request_id, exc_info=error)
        raise UnknownOutcome.after_commit() from error
