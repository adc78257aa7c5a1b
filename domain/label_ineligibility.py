"""Reasons why a person may not submit a label on an asset, by the names that clients know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from labelyard.domain.permission import ProjectRole
from labelyard.domain.workflow import LabelType, Status


class Ineligibility(StrEnum):
    """The reason of a refusal, in `extensions.context.reason`."""

    ALREADY_LABELED = "AlreadyHaveLabelOnCurrentStep"
    ASSIGNED = "AssetAlreadyAssigned"
    LOCKED = "AssetAlreadyLocked"
    DONE = "AssetInDoneStepStatus"
    SEPARATED = "BlockedByEnforceStepSeparation"
    MAY_ASSIGN = "NotAssignedWithAssignAction"
    NOT_ASSIGNEE = "NotInStepAssignees"
    OTHER_STEP = "LabelNotEditable"


SENTENCES = {
    Ineligibility.ALREADY_LABELED: "you have submitted a label on it already; it waits for the labels of others",
    Ineligibility.ASSIGNED: "it is assigned to somebody else; ask for the next asset",
    Ineligibility.LOCKED: "somebody else has it open; ask for the next asset, or try again in half an hour",
    Ineligibility.DONE: "it is labeled or reviewed already; ask for the next asset",
    Ineligibility.SEPARATED: "you have worked on another step of it, and the project keeps steps apart; ask for the next asset",
    Ineligibility.MAY_ASSIGN: "it is assigned to others; add yourself with assignAssets first",
    Ineligibility.NOT_ASSIGNEE: "you are not an assignee of its step; ask an administrator of the project",
    Ineligibility.OTHER_STEP: "it is in another group of steps than the step you name; leave the step out, or ask for the next asset",
}


@dataclass(frozen=True, slots=True)
class LabelingContext:
    """The facts about an asset and a person who submits a label on it.

    `is_step_assignee` is None without steps. `has_own_label` speaks of the step the asset is in, since the last send-back;
    `is_of_other_group` says that the step the label is for is not of the group of steps where the asset is;
    `is_open_honeypot` says that the asset is a honeypot which the queue has given to the person.
    """

    status: Status
    is_shared: bool
    is_assigned_to_others: bool
    is_locked_by_others: bool
    is_step_assignee: bool | None
    has_own_label: bool
    worked_on_other_step: bool
    is_open_honeypot: bool = False
    is_of_other_group: bool = False


def ineligibility(
    context: LabelingContext, label_type: LabelType, role: ProjectRole, *, may_assign: bool
) -> Ineligibility | None:
    """The first reason against a label: nothing to label, then rights, then others who work on the asset."""
    # Several people are given a honeypot at once: those who are late were given it too, and their labels move nothing.
    if role is ProjectRole.LABELER and label_type is not LabelType.REVIEW and not context.is_open_honeypot:
        if context.status in (Status.TO_REVIEW, Status.REVIEWED):
            return Ineligibility.DONE
        if context.status is Status.LABELED and not context.has_own_label:
            return Ineligibility.DONE
    if context.is_of_other_group:
        return Ineligibility.OTHER_STEP
    if context.is_step_assignee is False:
        return Ineligibility.NOT_ASSIGNEE
    if context.worked_on_other_step:
        return Ineligibility.SEPARATED
    if context.is_assigned_to_others:
        return Ineligibility.MAY_ASSIGN if may_assign else Ineligibility.ASSIGNED
    if context.is_shared and context.has_own_label and label_type is LabelType.DEFAULT:
        return Ineligibility.ALREADY_LABELED
    # A draft is private and displaces nobody.
    return Ineligibility.LOCKED if context.is_locked_by_others and label_type is not LabelType.AUTOSAVE else None
