"""One file per table; importing this package declares them all."""

from labelyard.storage.table.api_key import ApiKey
from labelyard.storage.table.asset import Asset, AssetAssignee, AssetFile, AssetLock
from labelyard.storage.table.blob import Blob
from labelyard.storage.table.blob_part import BlobPart
from labelyard.storage.table.conversation import ChatItem, Conversation
from labelyard.storage.table.data_connection import DataConnection, DataDifference, DataListing
from labelyard.storage.table.data_integration import DataIntegration
from labelyard.storage.table.dataset import Dataset, DatasetAsset, DatasetLink, DatasetUser
from labelyard.storage.table.door import DoorAsset, DoorClass, DoorDataset, DoorDatasetAsset, DoorProject, DoorUser
from labelyard.storage.table.event import Event, EventLink, EventWalk, LabelVersion
from labelyard.storage.table.issue import Issue, IssueComment
from labelyard.storage.table.job import Job
from labelyard.storage.table.kept_answer import KeptAnswer
from labelyard.storage.table.label import Label, LabelListener
from labelyard.storage.table.login import LoginFailure, LoginSession
from labelyard.storage.table.mark_request import MarkRequest, ProjectMarkRequest
from labelyard.storage.table.model import AssetProjectModel, Model, ProjectModel
from labelyard.storage.table.notification import Notification
from labelyard.storage.table.organization import Organization
from labelyard.storage.table.plugin import Plugin, PluginLog, PluginProject
from labelyard.storage.table.project import Project, ProjectStep, StepAssignee, StepGroup
from labelyard.storage.table.project_export import ProjectExport
from labelyard.storage.table.project_user import ProjectUser
from labelyard.storage.table.project_version import ProjectVersion
from labelyard.storage.table.tag import ProjectTag, Tag
from labelyard.storage.table.tally import AssetTally, BlobTally, LabelTally, UploadCount
from labelyard.storage.table.thumbnail import Thumbnail
from labelyard.storage.table.trained_model import ImageFeature, LearningLoop, TrainedModel, TrainedModelImage
from labelyard.storage.table.user_account import UserAccount
from labelyard.storage.table.webhook import EventCursor, Webhook, WebhookDelivery

__all__ = [
    "ApiKey",
    "Asset",
    "AssetAssignee",
    "AssetFile",
    "AssetLock",
    "AssetProjectModel",
    "AssetTally",
    "Blob",
    "BlobPart",
    "BlobTally",
    "ChatItem",
    "Conversation",
    "DataConnection",
    "DataDifference",
    "DataIntegration",
    "DataListing",
    "Dataset",
    "DatasetAsset",
    "DatasetLink",
    "DatasetUser",
    "DoorAsset",
    "DoorClass",
    "DoorDataset",
    "DoorDatasetAsset",
    "DoorProject",
    "DoorUser",
    "Event",
    "EventCursor",
    "EventLink",
    "EventWalk",
    "ImageFeature",
    "Issue",
    "IssueComment",
    "Job",
    "KeptAnswer",
    "Label",
    "LabelListener",
    "LabelTally",
    "LabelVersion",
    "LearningLoop",
    "LoginFailure",
    "LoginSession",
    "MarkRequest",
    "Model",
    "Notification",
    "Organization",
    "Plugin",
    "PluginLog",
    "PluginProject",
    "Project",
    "ProjectExport",
    "ProjectMarkRequest",
    "ProjectModel",
    "ProjectStep",
    "ProjectTag",
    "ProjectUser",
    "ProjectVersion",
    "StepAssignee",
    "StepGroup",
    "Tag",
    "Thumbnail",
    "TrainedModel",
    "TrainedModelImage",
    "UploadCount",
    "UserAccount",
    "Webhook",
    "WebhookDelivery",
]
