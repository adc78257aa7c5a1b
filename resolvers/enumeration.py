"""The enumerations of the contract, in its spelling. Those that have rules are declared in the domain."""

from enum import StrEnum

import strawberry

from labelyard.domain.conversation import ChatItemRole
from labelyard.domain.export import ExportFormat, ExportLabels, ExportLayout
from labelyard.domain.model import ModelType
from labelyard.domain.permission import ProjectRole
from labelyard.domain.plugin import PluginHandlerType
from labelyard.domain.trained_model import (
    Checkpoint,
    ImageSet,
    PredictionFilter,
    TrainedModelType,
    TrainingStatus,
)
from labelyard.domain.workflow import LabelType, Status

# passed on; the others are declared here
__all__ = [
    "ChatItemRole",
    "Checkpoint",
    "ExportFormat",
    "ExportLabels",
    "ExportLayout",
    "ImageSet",
    "LabelType",
    "ModelType",
    "PluginHandlerType",
    "PredictionFilter",
    "ProjectRole",
    "Status",
    "TrainedModelType",
    "TrainingStatus",
]


@strawberry.enum
class ComplianceTag(StrEnum):
    """Kinds of regulated data a project may hold."""

    PHI = "PHI"
    PII = "PII"


@strawberry.enum
class DataDifferenceType(StrEnum):
    """In what a cloud storage and a project differ."""

    ADD = "ADD"
    REMOVE = "REMOVE"


@strawberry.enum
class DataIntegrationPlatform(StrEnum):
    """Kinds of cloud storage."""

    AWS = "AWS"
    Azure = "Azure"
    GCP = "GCP"
    CustomS3 = "CustomS3"
    AZURE = "AZURE"


@strawberry.enum
class DataIntegrationStatus(StrEnum):
    """Whether a cloud storage can be read."""

    CONNECTED = "CONNECTED"
    DISCONNECTED = "DISCONNECTED"
    CHECKING = "CHECKING"


@strawberry.enum
class DemoProjectType(StrEnum):
    """Demonstration projects a project can start from."""

    DEMO_COMPUTER_VISION_TUTORIAL = "DEMO_COMPUTER_VISION_TUTORIAL"
    DEMO_TEXT_TUTORIAL = "DEMO_TEXT_TUTORIAL"
    DEMO_PDF_TUTORIAL = "DEMO_PDF_TUTORIAL"
    VIDEO_FRAME_OBJECT_TRACKING = "VIDEO_FRAME_OBJECT_TRACKING"
    DEMO_SEGMENTATION_COCO = "DEMO_SEGMENTATION_COCO"
    DEMO_NER = "DEMO_NER"
    DEMO_ID_OCR = "DEMO_ID_OCR"
    DEMO_REVIEWS = "DEMO_REVIEWS"
    DEMO_OCR = "DEMO_OCR"
    DEMO_NER_TWEETS = "DEMO_NER_TWEETS"
    DEMO_PLASTIC = "DEMO_PLASTIC"
    DEMO_CHATBOT = "DEMO_CHATBOT"
    DEMO_PDF = "DEMO_PDF"
    DEMO_ANIMALS = "DEMO_ANIMALS"
    DEMO_LLM = "DEMO_LLM"
    DEMO_LLM_INSTR_FOLLOWING = "DEMO_LLM_INSTR_FOLLOWING"
    DEMO_SEGMENTATION = "DEMO_SEGMENTATION"


@strawberry.enum
class ExportStatus(StrEnum):
    """Where an export is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@strawberry.enum
class HubspotSubscriptionStatus(StrEnum):
    """Accepted and not used."""

    SUBSCRIBED = "SUBSCRIBED"
    UNSUBSCRIBED = "UNSUBSCRIBED"


@strawberry.enum
class InputType(StrEnum):
    """Kinds of assets."""

    AUDIO = "AUDIO"
    FRAME = "FRAME"
    GEOSPATIAL = "GEOSPATIAL"
    IMAGE = "IMAGE"
    LLM_INSTR_FOLLOWING = "LLM_INSTR_FOLLOWING"
    LLM_RLHF = "LLM_RLHF"
    LLM_STATIC = "LLM_STATIC"
    NA = "NA"
    PDF = "PDF"
    TEXT = "TEXT"
    TIME_SERIES = "TIME_SERIES"
    URL = "URL"
    VIDEO = "VIDEO"
    VIDEO_LEGACY = "VIDEO_LEGACY"


@strawberry.enum
class InterfaceCategory(StrEnum):
    """Interface kinds of older clients; every current project is `IV2`."""

    ALL = "ALL"
    CLASSIFICATION = "CLASSIFICATION"
    COREFERENCE_RESOLUTION = "COREFERENCE_RESOLUTION"
    CUSTOM = "CUSTOM"
    ENTITY_GROUPING = "ENTITY_GROUPING"
    IMAGE = "IMAGE"
    IMAGE_TO_GRAPH = "IMAGE_TO_GRAPH"
    IMAGE_TO_TEXT = "IMAGE_TO_TEXT"
    IMAGE_WITH_SEARCH = "IMAGE_WITH_SEARCH"
    IV2 = "IV2"
    MULTICLASS_IMAGE = "MULTICLASS_IMAGE"
    MULTICLASS_IMAGE_CLASSIFICATION = "MULTICLASS_IMAGE_CLASSIFICATION"
    MULTICLASS_TEXT_CLASSIFICATION = "MULTICLASS_TEXT_CLASSIFICATION"
    NA = "NA"
    NER = "NER"
    NER_WITH_RELATIONS = "NER_WITH_RELATIONS"
    RELATION_EXTRACTION = "RELATION_EXTRACTION"
    SENTIMENT = "SENTIMENT"
    SINGLECLASS_IMAGE_CLASSIFICATION = "SINGLECLASS_IMAGE_CLASSIFICATION"
    SINGLECLASS_TEXT_CLASSIFICATION = "SINGLECLASS_TEXT_CLASSIFICATION"
    TRANSCRIPTION = "TRANSCRIPTION"
    TRANSLATION = "TRANSLATION"
    VIDEO_CLASSIFICATION = "VIDEO_CLASSIFICATION"


@strawberry.enum
class InvitationStatus(StrEnum):
    """What became of an invitation."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    PENDING = "PENDING"


@strawberry.enum
class IssueStatus(StrEnum):
    """States of issues and questions."""

    OPEN = "OPEN"
    SOLVED = "SOLVED"
    CANCELLED = "CANCELLED"


@strawberry.enum
class IssueType(StrEnum):
    """An issue is about a label, a question about an asset."""

    ISSUE = "ISSUE"
    QUESTION = "QUESTION"


@strawberry.enum
class LockType(StrEnum):
    """What a person has an asset open for."""

    DEFAULT = "DEFAULT"
    REVIEW = "REVIEW"


strawberry.enum(ExportFormat, description="Formats of exports.")
strawberry.enum(ExportLabels, description="Which labels of an asset are exported.")
strawberry.enum(ExportLayout, description="How the jobs of a project are laid out in an export.")
strawberry.enum(LabelType, description="Who made a label, and for what.")


@strawberry.enum
class LicenseType(StrEnum):
    """Kinds of licences."""

    DISCOVERY = "DISCOVERY"
    FREEMIUM = "FREEMIUM"
    PAID = "PAID"


@strawberry.enum
class NotificationStatus(StrEnum):
    """States of work that goes on in the background."""

    FAILURE = "FAILURE"
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"


@strawberry.enum
class OrganizationRole(StrEnum):
    """Roles in an organization."""

    ADMIN = "ADMIN"
    USER = "USER"


strawberry.enum(PluginHandlerType, description="What older plugins and webhooks handle.")
strawberry.enum(ProjectRole, description="Roles in a project.")
strawberry.enum(
    TrainedModelType, description="Whether an image has one of the labels of a model, or any number of them."
)
strawberry.enum(TrainingStatus, description="Where the training of a model is.")
strawberry.enum(Checkpoint, description="Which state of a model is asked.")
strawberry.enum(ImageSet, description="The images that a model has learned from, or those that were held back.")
strawberry.enum(PredictionFilter, description="Which predictions on the images of a training are listed.")


@strawberry.enum
class ProjectType(StrEnum):
    """Project kinds of older clients; kept for them."""

    IMAGE_CLASSIFICATION_SINGLE = "IMAGE_CLASSIFICATION_SINGLE"
    IMAGE_CLASSIFICATION_MULTI = "IMAGE_CLASSIFICATION_MULTI"
    IMAGE_OBJECT_DETECTION_RECTANGLE = "IMAGE_OBJECT_DETECTION_RECTANGLE"
    IMAGE_OBJECT_DETECTION_POLYGON = "IMAGE_OBJECT_DETECTION_POLYGON"
    IMAGE_OBJECT_DETECTION_SEMANTIC = "IMAGE_OBJECT_DETECTION_SEMANTIC"
    IMAGE_POSE_ESTIMATION = "IMAGE_POSE_ESTIMATION"
    OCR = "OCR"
    PDF_CLASSIFICATION_SINGLE = "PDF_CLASSIFICATION_SINGLE"
    PDF_CLASSIFICATION_MULTI = "PDF_CLASSIFICATION_MULTI"
    PDF_OBJECT_DETECTION_RECTANGLE = "PDF_OBJECT_DETECTION_RECTANGLE"
    PDF_NAMED_ENTITY_RECOGNITION = "PDF_NAMED_ENTITY_RECOGNITION"
    SPEECH_TO_TEXT = "SPEECH_TO_TEXT"
    TEXT_CLASSIFICATION_SINGLE = "TEXT_CLASSIFICATION_SINGLE"
    TEXT_CLASSIFICATION_MULTI = "TEXT_CLASSIFICATION_MULTI"
    TEXT_TRANSCRIPTION = "TEXT_TRANSCRIPTION"
    TEXT_NER = "TEXT_NER"
    TIME_SERIES = "TIME_SERIES"
    VIDEO_CLASSIFICATION_SINGLE = "VIDEO_CLASSIFICATION_SINGLE"
    VIDEO_OBJECT_DETECTION = "VIDEO_OBJECT_DETECTION"
    VIDEO_FRAME_CLASSIFICATION = "VIDEO_FRAME_CLASSIFICATION"
    VIDEO_FRAME_OBJECT_TRACKING = "VIDEO_FRAME_OBJECT_TRACKING"


@strawberry.enum
class ProjectUserStatus(StrEnum):
    """Whether a member can work."""

    ACTIVATED = "ACTIVATED"
    ORG_ADMIN = "ORG_ADMIN"
    ORG_SUSPENDED = "ORG_SUSPENDED"


strawberry.enum(Status, description="States of an asset in the one-step workflow.")


@strawberry.enum
class StatusInStep(StrEnum):
    """States of an asset within a workflow step."""

    TO_DO = "TO_DO"
    DOING = "DOING"
    IN_PROGRESS = "IN_PROGRESS"
    PARTIALLY_DONE = "PARTIALLY_DONE"
    REWORK = "REWORK"
    REDO = "REDO"
    DONE = "DONE"
    SKIPPED = "SKIPPED"


@strawberry.enum
class UploadType(StrEnum):
    """How an asynchronous import is to be processed."""

    VIDEO = "VIDEO"
    GEO_SATELLITE = "GEO_SATELLITE"
    TILED_IMAGE = "TILED_IMAGE"
    NATIVE_VIDEO = "NATIVE_VIDEO"
    FRAME_VIDEO = "FRAME_VIDEO"


@strawberry.enum
class WorkflowStepType(StrEnum):
    """Labeling or review."""

    DEFAULT = "DEFAULT"
    REVIEW = "REVIEW"


@strawberry.enum
class WorkflowVersion(StrEnum):
    """V1: statuses; V2: steps; V3: groups of steps."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"


@strawberry.enum
class Order(StrEnum):
    """The order of a list of events."""

    asc = "asc"
    desc = "desc"


strawberry.enum(PluginHandlerType, description="What a plugin or webhook handles, in the form of older clients.")
