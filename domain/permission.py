"""Who may do what: the table of roles, as data.

An organization ADMIN acts as ADMIN in every project of the organization. Everything else follows from the role in the project.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class ProjectRole(StrEnum):
    """Roles of a member of a project, the highest first."""

    ADMIN = "ADMIN"
    TEAM_MANAGER = "TEAM_MANAGER"
    REVIEWER = "REVIEWER"
    LABELER = "LABELER"


class Action(StrEnum):
    """What a root field does, for the check of rights. Each root field names one; the value is the sentence of a refusal."""

    # for any authenticated person; what is listed is decided by scope
    READ = "read"
    # organization
    CREATE_PROJECT = "create projects"
    MANAGE_ORGANIZATION = "manage the organization, its users and their keys"
    MANAGE_TAGS = "manage the tags of the organization"
    MANAGE_PLUGINS = "manage the plugins and webhooks of the organization"
    USE_DATASETS = "keep assets in datasets"
    SHARE_DATASETS = "say who uses a dataset"
    MANAGE_OWN_ACCOUNT = "manage the own account"
    NOTIFY = "send and read notifications"
    MANAGE_MODELS = "manage the language models of the organization"
    MANAGE_STORAGE = "manage the cloud storage of the organization"
    # project
    READ_PROJECT = "read the project"
    EXPORT_LABELS = "export labels"
    CHANGE_PROJECT = "change the project"
    DELETE_PROJECT = "delete the project"
    ACTIVATE_PLUGINS = "have plugins and webhooks handle what happens in the project"
    MANAGE_MEMBERS = "manage the members"
    MANAGE_PROJECT_MODELS = "manage the language models of the project"
    CONNECT_STORAGE = "connect the project to cloud storage"
    STAR_PROJECT = "star the project"
    # assets
    CHANGE_ASSETS = "add, change or delete assets"
    DISTRIBUTE_ASSETS = "set priority, assignment or consensus of assets"
    # labels
    SUBMIT_LABELS = "submit labels"
    REVIEW_LABELS = "submit review labels"
    IMPORT_LABELS = "import labels for others, predictions or inferences"
    DELETE_LABELS = "delete labels"
    CREATE_HONEYPOTS = "create honeypots"
    # issues and questions
    CREATE_ISSUES = "create issues"
    ASK_QUESTIONS = "ask questions"
    HANDLE_ISSUES = "answer, solve, reopen or cancel issues and questions"


A, TM, R, L = ProjectRole.ADMIN, ProjectRole.TEAM_MANAGER, ProjectRole.REVIEWER, ProjectRole.LABELER
EVERYBODY = frozenset({A, TM, R, L})

ROLES_ALLOWED: dict[Action, frozenset[ProjectRole]] = {
    Action.READ_PROJECT: EVERYBODY,
    Action.EXPORT_LABELS: EVERYBODY,
    Action.STAR_PROJECT: EVERYBODY,
    Action.CHANGE_PROJECT: frozenset({A}),
    Action.DELETE_PROJECT: frozenset({A}),
    Action.ACTIVATE_PLUGINS: frozenset({A}),
    Action.MANAGE_MEMBERS: frozenset({A, TM}),
    Action.MANAGE_PROJECT_MODELS: frozenset({A}),
    Action.CONNECT_STORAGE: frozenset({A}),
    Action.CHANGE_ASSETS: frozenset({A}),
    Action.DISTRIBUTE_ASSETS: frozenset({A, TM}),
    Action.SUBMIT_LABELS: EVERYBODY,
    Action.REVIEW_LABELS: frozenset({A, TM, R}),
    Action.IMPORT_LABELS: frozenset({A}),
    Action.DELETE_LABELS: frozenset({A}),
    Action.CREATE_HONEYPOTS: frozenset({A}),
    Action.CREATE_ISSUES: frozenset({A, TM, R}),
    Action.ASK_QUESTIONS: EVERYBODY,
    Action.HANDLE_ISSUES: frozenset({A, TM, R}),
}

ANY_PERSON = frozenset(
    {
        Action.READ,
        Action.CREATE_PROJECT,
        Action.MANAGE_OWN_ACCOUNT,
        Action.NOTIFY,
        Action.USE_DATASETS,
        Action.SHARE_DATASETS,
    }
)
ORGANIZATION_ADMINS = frozenset(
    {
        Action.MANAGE_ORGANIZATION,
        Action.MANAGE_MODELS,
        Action.MANAGE_PLUGINS,
        Action.MANAGE_STORAGE,
        Action.MANAGE_TAGS,
    }
)

# What gives access, or has something done in somebody's name later. The key of a plugin's call ends with the call, so by it nobody
# writes such things: they would last. Every action is in one of the two sets.
LASTING = frozenset(
    {
        Action.MANAGE_ORGANIZATION,
        Action.MANAGE_OWN_ACCOUNT,
        Action.MANAGE_MEMBERS,
        Action.SHARE_DATASETS,
        Action.MANAGE_PLUGINS,
        Action.ACTIVATE_PLUGINS,
        Action.MANAGE_MODELS,
        Action.MANAGE_STORAGE,
    }
)
PASSING = frozenset(
    {
        Action.READ,
        Action.CREATE_PROJECT,
        Action.MANAGE_TAGS,
        Action.USE_DATASETS,
        Action.NOTIFY,
        Action.READ_PROJECT,
        Action.EXPORT_LABELS,
        Action.CHANGE_PROJECT,
        Action.DELETE_PROJECT,
        Action.MANAGE_PROJECT_MODELS,
        Action.CONNECT_STORAGE,
        Action.STAR_PROJECT,
        Action.CHANGE_ASSETS,
        Action.DISTRIBUTE_ASSETS,
        Action.SUBMIT_LABELS,
        Action.REVIEW_LABELS,
        Action.IMPORT_LABELS,
        Action.DELETE_LABELS,
        Action.CREATE_HONEYPOTS,
        Action.CREATE_ISSUES,
        Action.ASK_QUESTIONS,
        Action.HANDLE_ISSUES,
    }
)

# The actions that an archived project still allows.
READING = frozenset({Action.READ, Action.READ_PROJECT, Action.EXPORT_LABELS})
IN_ARCHIVE = READING | {Action.DELETE_PROJECT}

SEE_MARKS = frozenset({A, TM})
# The roles that see the names of others in an anonymized project.
SEE_NAMES = frozenset({A, TM})

# Roles that a member with a role may give, change and take: nobody touches a role above their own.
ROLES_MANAGED: dict[ProjectRole, frozenset[ProjectRole]] = {
    A: EVERYBODY,
    TM: frozenset({R, L}),
    R: frozenset(),
    L: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request: who they are and which roles they hold.

    `roles` maps the ids of projects that are not deleted to the person's role there; it is empty for administrators of the
    organization, who act as ADMIN in all of its projects. `archived` and `anonymized` are those of these projects that are so.
    `has_kept_ids` says that the organization keeps some ids in another form (`domain.identifier.kept_id`). `key_id` is the id of
    the key or session that the request came with, `depth` how many calls of plugins it follows from.
    """

    user_id: str
    email: str
    organization_id: str
    is_organization_admin: bool
    roles: dict[str, ProjectRole]
    archived: frozenset[str] = frozenset()
    anonymized: frozenset[str] = frozenset()
    has_kept_ids: bool = False
    key_id: str = ""
    depth: int = 0

    def role_in(self, project_id: str) -> ProjectRole | None:
        """The role in a project that is known to be of the actor's own organization, None for strangers."""
        if self.is_organization_admin:
            return ProjectRole.ADMIN
        return self.roles.get(project_id)

    def administering(self, project_id: str) -> Actor:
        """The actor as the administrator of a project that they have just made."""
        return replace(self, roles={**self.roles, project_id: ProjectRole.ADMIN})

    def manages(self, role: ProjectRole, project_id: str) -> bool:
        """Whether the person may give, change and take a role in the project."""
        own = self.role_in(project_id)
        return own is not None and role in ROLES_MANAGED[own]

    def may(self, action: Action, project_id: str) -> bool:
        """Whether the role in the project allows the action."""
        role = self.role_in(project_id)
        return role is not None and role in ROLES_ALLOWED[action]
