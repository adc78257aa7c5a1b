"""The answers of a label, one by one. All are values of the derived field `Label.annotations`; nothing here is stored."""

import strawberry

from labelyard.resolvers.object_type import object_type
from labelyard.resolvers.scalar import JSON, VerticesScalar


@object_type(None)
class FrameInterval:
    """Frames from `start` to `end`, both included."""

    start: int
    end: int


@object_type(None)
class Vertice:
    """A point, in fractions of the asset or in degrees."""

    x: float
    y: float


@object_type(None)
class ComparisonChoice:
    """Which of two answers is better, and how much."""

    code: str | None
    firstId: str | None
    secondId: str | None


@object_type(None)
class RankingOrder:
    """The answers on one rank."""

    rank: int | None
    elements: list[str] | None


@object_type(None)
class ClassificationAnnotationValue:
    """The chosen categories."""

    categories: list[str]


@object_type(None)
class TranscriptionAnnotationValue:
    """The text."""

    text: str | None


@object_type(None)
class ComparisonAnnotationValue:
    """The choice."""

    choice: ComparisonChoice | None


@object_type(None)
class RankingAnnotationValue:
    """The ranks."""

    orders: list[RankingOrder] | None


@object_type(None)
class ObjectDetectionAnnotationValue:
    """The shape: groups of rings of points."""

    vertices: list[list[list[Vertice]]]
    verticesScalar: VerticesScalar | None


@strawberry.interface
class Annotation:
    """One answer inside a label."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID


@strawberry.interface
class VideoKeyAnnotation:
    """An answer set by hand on one frame."""

    id: strawberry.ID
    frame: int


@strawberry.interface
class VideoAnnotation:
    """An answer that lasts over frames."""

    id: strawberry.ID
    frames: list[FrameInterval]
    keyAnnotations: list[VideoKeyAnnotation]


@object_type(None)
class VideoClassificationKeyAnnotation(VideoKeyAnnotation):
    """A video classification answer set by hand on one frame."""

    id: strawberry.ID
    frame: int
    annotationValue: ClassificationAnnotationValue


@object_type(None)
class VideoObjectDetectionKeyAnnotation(VideoKeyAnnotation):
    """A video object detection answer set by hand on one frame."""

    id: strawberry.ID
    frame: int
    annotationValue: ObjectDetectionAnnotationValue


@object_type(None)
class VideoTranscriptionKeyAnnotation(VideoKeyAnnotation):
    """A video transcription answer set by hand on one frame."""

    id: strawberry.ID
    frame: int
    annotationValue: TranscriptionAnnotationValue


@object_type(None)
class ClassificationAnnotation(Annotation):
    """An answer of classification."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    annotationValue: ClassificationAnnotationValue
    chatItemId: strawberry.ID | None


@object_type(None)
class TranscriptionAnnotation(Annotation):
    """An answer of transcription."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    annotationValue: TranscriptionAnnotationValue
    chatItemId: strawberry.ID | None


@object_type(None)
class ComparisonAnnotation(Annotation):
    """An answer of comparison."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    annotationValue: ComparisonAnnotationValue
    chatItemId: strawberry.ID | None


@object_type(None)
class RankingAnnotation(Annotation):
    """An answer of ranking."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    annotationValue: RankingAnnotationValue
    chatItemId: strawberry.ID | None


@object_type(None)
class ObjectDetectionAnnotation(Annotation):
    """An answer of object detection."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    annotationValue: ObjectDetectionAnnotationValue
    name: str | None
    mid: str
    category: str


@object_type(None)
class VideoClassificationAnnotation(Annotation, VideoAnnotation):
    """An answer of classification over frames of a video."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    frames: list[FrameInterval]
    keyAnnotations: list[VideoClassificationKeyAnnotation]  # type: ignore[assignment] # narrower than the interface, as GraphQL allows


@object_type(None)
class VideoObjectDetectionAnnotation(Annotation, VideoAnnotation):
    """An answer of object detection over frames of a video."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    frames: list[FrameInterval]
    keyAnnotations: list[VideoObjectDetectionKeyAnnotation]  # type: ignore[assignment] # narrower than the interface, as GraphQL allows
    name: str | None
    mid: str
    category: str


@object_type(None)
class VideoTranscriptionAnnotation(Annotation, VideoAnnotation):
    """An answer of transcription over frames of a video."""

    id: strawberry.ID
    job: str
    path: JSON
    labelId: strawberry.ID
    frames: list[FrameInterval]
    keyAnnotations: list[VideoTranscriptionKeyAnnotation]  # type: ignore[assignment] # narrower than the interface, as GraphQL allows
