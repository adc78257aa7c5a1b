"""Exports: formats, what each takes, and what is refused before anything is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from labelyard.domain.error import BadUserInput


class ExportFormat(StrEnum):
    """Formats of exports."""

    RAW = "RAW"
    COCO = "COCO"
    YOLO_V4 = "YOLO_V4"
    YOLO_V5 = "YOLO_V5"
    YOLO_V7 = "YOLO_V7"
    YOLO_V8 = "YOLO_V8"
    PASCAL_VOC = "PASCAL_VOC"
    GEOJSON = "GEOJSON"


class ExportLayout(StrEnum):
    """How the jobs of a project are laid out."""

    SPLIT = "SPLIT"
    MERGED = "MERGED"


class ExportLabels(StrEnum):
    """Which labels of an asset are exported."""

    LATEST = "LATEST"
    LATEST_FROM_LAST_STEP = "LATEST_FROM_LAST_STEP"
    LATEST_FROM_ALL_STEPS = "LATEST_FROM_ALL_STEPS"
    NORMAL = "NORMAL"


YOLO: Final = frozenset({ExportFormat.YOLO_V4, ExportFormat.YOLO_V5, ExportFormat.YOLO_V7, ExportFormat.YOLO_V8})
PICTURES: Final = frozenset({ExportFormat.COCO, ExportFormat.PASCAL_VOC})
MERGED_ONLY: Final = frozenset({ExportFormat.PASCAL_VOC, ExportFormat.GEOJSON})
ONE_LABEL: Final = frozenset({ExportLabels.LATEST, ExportLabels.LATEST_FROM_LAST_STEP})
DEFAULT_LABEL_TYPES: Final = ("DEFAULT", "REVIEW")
LABEL_TYPES: Final = frozenset({"DEFAULT", "REVIEW", "PREDICTION", "INFERENCE"})
MAX_ASSETS_NAMED: Final = 2_000
FOLDERS_OF_FILES: Final = {ExportFormat.RAW: "assets", ExportFormat.COCO: "data"}
YOLO_TOOLS: Final = frozenset({"rectangle", "polygon", "semantic"})
AT_ONCE_OF_ORGANIZATION: Final = 4
AT_ONCE_OF_PROJECT: Final = 2


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is exported, and how. Without ids of assets all of the project's are; `labels` chooses among the labels of each."""

    format: ExportFormat
    layout: ExportLayout
    labels: ExportLabels = ExportLabels.LATEST
    label_types: tuple[str, ...] = DEFAULT_LABEL_TYPES
    single_file: bool = False
    normalized_coordinates: bool | None = None
    include_sent_back: bool = True
    asset_ids: tuple[str, ...] | None = None
    external_ids: tuple[str, ...] | None = None
    with_assets: bool = False

    def as_json(self) -> dict[str, Any]:
        """The options as JSON values, which `options_from_json` reads."""
        return asdict(self)


def options_of(sent: Mapping[str, Any]) -> ExportOptions:
    """The options that a client has sent, with the defaults of the SDK; those that contradict each other are refused."""
    format_ = ExportFormat(sent["format"])
    layout = sent.get("layout") or (ExportLayout.MERGED if format_ in MERGED_ONLY else ExportLayout.SPLIT)
    named = {key: _names(sent.get(key), key) for key in ("assetIds", "externalIds")}
    options = ExportOptions(
        format_,
        ExportLayout(layout),
        ExportLabels(sent.get("labels") or ExportLabels.LATEST),
        _label_types(sent.get("labelTypes")),
        bool(sent.get("singleFile")),
        sent.get("normalizedCoordinates"),
        sent.get("includeSentBackLabels") is not False,
        named["assetIds"],
        named["externalIds"],
        bool(sent.get("withAssets")),
    )
    check_options(options)
    return options


def options_from_json(kept: Mapping[str, Any]) -> ExportOptions:
    """Options that were kept as JSON."""
    lists = {
        name: None if kept[name] is None else tuple(kept[name]) for name in ("label_types", "asset_ids", "external_ids")
    }
    return ExportOptions(
        ExportFormat(kept["format"]),
        ExportLayout(kept["layout"]),
        ExportLabels(kept["labels"]),
        lists["label_types"] or DEFAULT_LABEL_TYPES,
        kept["single_file"],
        kept["normalized_coordinates"],
        kept["include_sent_back"],
        lists["asset_ids"],
        lists["external_ids"],
        kept.get("with_assets", False),
    )


def _label_types(sent: Any) -> tuple[str, ...]:
    if not sent:
        return DEFAULT_LABEL_TYPES
    types = tuple(dict.fromkeys(str(label_type) for label_type in sent))
    if wrong := [label_type for label_type in types if label_type not in LABEL_TYPES]:
        raise _not_compatible(
            f"labels of the type {wrong[0]} are never exported; name some of {', '.join(sorted(LABEL_TYPES))}"
        )
    return types


def _names(sent: Any, key: str) -> tuple[str, ...] | None:
    if sent is None:
        return None
    names = tuple(dict.fromkeys(str(name) for name in sent))
    if not 1 <= len(names) <= MAX_ASSETS_NAMED:
        raise BadUserInput(
            f"`{key}` names 1 to {MAX_ASSETS_NAMED:,} assets, not {len(names):,}; leave it out to export all of the project.",
            field=key,
            limit=MAX_ASSETS_NAMED,
        )
    return names


def check_options(options: ExportOptions) -> None:
    """Refuse options that the format does not take."""
    chosen = options.format
    if options.layout is not ExportLayout.MERGED and chosen in MERGED_ONLY:
        raise _not_compatible(f"{chosen} is laid out MERGED only; leave `layout` out, or send MERGED")
    if options.single_file and chosen not in (ExportFormat.RAW, ExportFormat.COCO):
        raise _not_compatible(f"{chosen} makes a file for each asset; `singleFile` is for RAW")
    if chosen is ExportFormat.GEOJSON and options.normalized_coordinates is not None:
        raise _not_compatible("GEOJSON holds longitudes and latitudes; leave `normalizedCoordinates` out")
    if chosen in YOLO and options.normalized_coordinates is False:
        raise _not_compatible(f"{chosen} holds fractions of the picture; leave `normalizedCoordinates` out")
    if chosen in PICTURES and options.normalized_coordinates is True:
        raise _not_compatible(f"{chosen} holds pixels; leave `normalizedCoordinates` out")
    if chosen is not ExportFormat.RAW and options.labels not in ONE_LABEL:
        raise _not_compatible(
            f"{chosen} holds the latest labels; choose LATEST or LATEST_FROM_LAST_STEP as `labels`, or RAW"
        )
    if options.asset_ids is not None and options.external_ids is not None:
        raise _not_compatible("name assets by `assetIds` or by `externalIds`, not by both")


def fitting_jobs(options: ExportOptions, jobs: Mapping[str, Any]) -> tuple[str, ...]:
    """The jobs of an interface that the format can hold."""
    return tuple(name for name, job in jobs.items() if _fits(options.format, job))


def _fits(chosen: ExportFormat, job: Mapping[str, Any]) -> bool:
    if chosen in (ExportFormat.RAW, ExportFormat.GEOJSON):
        return True
    tools = job.get("tools")
    if tools is None or job.get("mlTask") != "OBJECT_DETECTION":
        return False
    if chosen in YOLO:
        return all(tool in YOLO_TOOLS for tool in tools)
    return "rectangle" in tools or (chosen is ExportFormat.COCO and "semantic" in tools)


def folder_of_files(chosen: ExportFormat) -> str:
    """The folder of an archive that has the files of the assets, as clients name it."""
    return FOLDERS_OF_FILES.get(chosen, "images")


def check_project(
    options: ExportOptions,
    *,
    input_type: str,
    jobs: Mapping[str, Any],
    geospatial_settings: Any = None,
    is_connected: bool = False,
) -> None:
    """Refuse a project that the format cannot hold; `is_connected` says that its files lie in a store of somebody else."""
    chosen = options.format
    if options.with_assets and is_connected:
        raise _not_compatible(
            "the files of the project are in cloud storage, which exports leave there; leave `withAssets` out"
        )
    if chosen is ExportFormat.RAW:
        return
    if chosen is ExportFormat.GEOJSON:
        if input_type not in ("IMAGE", "GEOSPATIAL"):
            raise _wrong_type(chosen, input_type, "IMAGE or GEOSPATIAL")
        if is_labeled_in_pixels(geospatial_settings):
            raise BadUserInput(
                "[notCompatibleInputType] The project is labeled in pixels, which GEOJSON cannot hold; export it as RAW."
            )
        return
    if input_type not in ("IMAGE", "VIDEO"):
        raise _wrong_type(chosen, input_type, "IMAGE or VIDEO")
    if not fitting_jobs(options, jobs):
        needed = "only of rectangles, polygons and masks" if chosen in YOLO else "with rectangles"
        needed += " or masks" if chosen is ExportFormat.COCO else ""
        raise BadUserInput(
            f"[noCompatibleJob] The project has no OBJECT_DETECTION job {needed}, which is what {chosen} holds; "
            "export it as RAW."
        )
    if input_type == "VIDEO" and chosen in PICTURES:
        raise _not_compatible(
            f"{chosen} of a VIDEO project names the files of its frames, which the server does not cut; export YOLO or RAW here, "
            f"or {chosen} by the SDK, with its assets"
        )


def lane_of(project_id: str, lanes: Sequence[str], waiting: Sequence[tuple[str, str, int]]) -> str:
    """The lane of a new export, in which exports run one after the other; `waiting` counts those of projects in lanes.

    An organization has so many lanes, of which each of its projects takes so many at once, and always the emptiest.
    """
    count = dict.fromkeys(lanes, 0)
    own: set[str] = set()
    for of_project, lane, exports in waiting:
        if lane in count:
            count[lane] += exports
            if of_project == project_id:
                own.add(lane)
    free = lanes if len(own) < AT_ONCE_OF_PROJECT else [lane for lane in lanes if lane in own]
    return min(free, key=lambda lane: (count[lane], lane not in own))


def is_labeled_in_pixels(geospatial_settings: Any) -> bool:
    """Whether a GEOSPATIAL project is labeled in the grid of its pictures rather than on the globe."""
    return isinstance(geospatial_settings, Mapping) and geospatial_settings.get("labelingCRSCode") == "PIXEL"


def _not_compatible(sentence: str) -> BadUserInput:
    return BadUserInput(f"[notCompatibleOptions] {sentence[0].upper()}{sentence[1:]}.")


def _wrong_type(chosen: ExportFormat, input_type: str, wanted: str) -> BadUserInput:
    return BadUserInput(
        f"[notCompatibleInputType] {chosen} holds labels of {wanted}, and the assets of this project are {input_type}; "
        "export it as RAW."
    )
