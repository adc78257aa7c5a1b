"""One file per table; importing this package declares them all."""

from storage.table.api_key import ApiKey
from storage.table.asset import Asset, AssetAssignee, AssetFile, AssetLock
from storage.table.blob import Blob
from storage.table.blob_part import BlobPart
from storage.table.issue import Issue, IssueComment
from storage.table.label import Label, LabelListener
from storage.table.login import LoginFailure, LoginSession
from storage.table.mark_request import MarkRequest, ProjectMarkRequest
from storage.table.notification import Notification
from storage.table.organization import Organization
from storage.table.project import Project, ProjectStep, StepAssignee, StepGroup
from storage.table.project_user import ProjectUser
from storage.table.tally import AssetTally, BlobTally, LabelTally, UploadCount
from storage.table.user_account import UserAccount

__all__ = [
    "ApiKey",
    "Asset",
    "AssetAssignee",
    "AssetFile",
    "AssetLock",
    "AssetTally",
    "Blob",
    "BlobPart",
    "BlobTally",
    "Issue",
    "IssueComment",
    "Label",
    "LabelListener",
    "LabelTally",
    "LoginFailure",
    "LoginSession",
    "MarkRequest",
    "Notification",
    "Organization",
    "Project",
    "ProjectMarkRequest",
    "ProjectStep",
    "ProjectUser",
    "StepAssignee",
    "StepGroup",
    "UploadCount",
    "UserAccount",
]
