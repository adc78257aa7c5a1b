"""The job that makes an export: it reads pages of assets as the person sees them, and hands them to a child process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from labelyard.domain.error import BadUserInput, Forbidden, NotFound, QueryTooComplex, TimedOut
from labelyard.domain.export import ExportFormat, ExportLabels, ExportOptions, check_project, options_from_json
from labelyard.domain.permission import Action, Actor, ProjectRole
from labelyard.resolvers.object_reader import ObjectReader
from labelyard.resolvers.reading import read_selection
from labelyard.services.app_services import AppServices
from labelyard.services.export.conversion import Conversion
from labelyard.services.export.georeference import is_on_globe
from labelyard.services.export.media import Media
from labelyard.services.export.request import KIND, keep_archive
from labelyard.services.guard import authorize, unknown_project
from labelyard.services.job.handler import GiveUp, RunningJob, job_handler
from labelyard.storage.actor import find_actor
from labelyard.storage.database import Database, Row
from labelyard.storage.export import last_position, read_export
from labelyard.storage.filter.asset import asset_filter, assets_after
from labelyard.storage.filter.project import project_filter
from labelyard.storage.plan.budget import ReadBudget

PROJECT: Final = "{ id title description inputType jsonInterface geospatialSettings dataConnections { id } }"
OF_ASSET: Final = (
    "id externalId content jsonContent jsonMetadata status"
    " pageResolutions { pageNumber height width rotation } resolution { height width }"
)
OF_LABEL: Final = (
    "jsonResponse author { id email firstname lastname } createdAt"
    " isLatestLabelForUser isSentBackToQueue labelType modelName"
)
LISTS: Final = {
    ExportLabels.LATEST: f"latestLabel {{ {OF_LABEL} }}",
    ExportLabels.LATEST_FROM_LAST_STEP: f"latestLabels {{ {OF_LABEL} isLastForStep }}",
    ExportLabels.LATEST_FROM_ALL_STEPS: f"labels {{ {OF_LABEL} isLastForStep }}",
    ExportLabels.NORMAL: f"labels {{ {OF_LABEL} isLastForStep }}",
}
FIRST_PAGE: Final = 50
LARGEST_PAGE: Final = 500
PAGE_BYTES: Final = 2 << 20


@job_handler(KIND, attempts=5, at_once=2)
async def make_export(job: RunningJob) -> dict[str, Any]:
    """Make the archive of an export from the beginning; what a killed worker had written of it goes."""
    async with job.database.reader() as connection:
        export = await read_export(connection, job.payload["exportId"])
        actor = await find_actor(connection, export["user_id"]) if export is not None else None
    if export is None or actor is None:
        raise GiveUp("The export was deleted, or the person who asked for it is not active any more.")
    if export["blob_id"] is not None:
        return {"blobId": export["blob_id"]}  # stored by a worker that was killed before it could say so
    try:
        return await _make(job, export, actor)
    except (BadUserInput, Forbidden, NotFound) as refusal:
        raise GiveUp(refusal.message) from refusal


async def _make(job: RunningJob, export: Row, actor: Actor) -> dict[str, Any]:
    project_id = export["project_id"]
    await authorize(job.database, actor, Action.EXPORT_LABELS, project_id)
    if not export["is_for_labeler"] and actor.role_in(project_id) is ProjectRole.LABELER:
        raise GiveUp(
            "The person who asked for the export has become a labeler; they may ask for one of their own labels."
        )
    options = options_from_json(orjson.loads(export["options"]))
    project = await read_project(job.database, job.app_services, actor, project_id)
    jobs = project["interface"].get("jobs") or {}
    check_project(
        options,
        input_type=project["input_type"],
        jobs=jobs,
        geospatial_settings=project["geospatial_settings"],
        is_connected=project.pop("is_connected"),
    )
    async with Conversion(job.app_services.work_dir, job.claim) as conversion:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        await conversion.begin({**project, "moment": moment}, options)
        pages = AssetPages(job.database, job.app_services, actor, project, options)
        total = await pages.count()
        done = 0
        await job.progress(0, total)
        async for number, lines in pages.read():
            for blob_id, name in await conversion.add(lines):
                await conversion.add_file(name, pages.media.pieces(blob_id))
                await job.check_cancelled()
            done += number
            await job.progress(done, None if total is None else max(total, done))
        await conversion.finish()
        await job.progress(done, done)
        size = await keep_archive(job, export["id"], conversion.archive)
    return {"assets": done, "bytes": size}


async def read_project(database: Database, services: AppServices, actor: Actor, project_id: str) -> dict[str, Any]:
    """What exports need of a project that the person may see."""
    found = await read_selection(
        database, services, actor, "Project", PROJECT, project_filter({"id": project_id}), first=1
    )
    if not found:
        raise unknown_project(project_id)
    project = orjson.loads(orjson.dumps(found[0]))
    interface = project["jsonInterface"]
    return {
        "id": project["id"],
        "title": project["title"],
        "description": project["description"],
        "input_type": project["inputType"],
        "interface": orjson.loads(interface) if isinstance(interface, str) else interface or {},
        "geospatial_settings": project["geospatialSettings"],
        "is_connected": bool(project["dataConnections"]),
    }


class AssetPages:
    """The assets of an export, page by page, each page some megabytes long at most."""

    def __init__(
        self, database: Database, services: AppServices, actor: Actor, project: dict[str, Any], options: ExportOptions
    ) -> None:
        self._database = database
        self._services = services
        self._actor = actor
        self._project = project
        self._options = options
        self.media = Media(
            database,
            services.blobs,
            user_id=actor.user_id,
            input_type=project["input_type"],
            most_bytes=services.max_organization_bytes,
        )
        self._selection = f"{{ {OF_ASSET} {LISTS[options.labels]} {self._of_maps} }}"
        self._where: dict[str, Any] = {
            "project": {"id": project["id"]},
            "label": {"typeIn": list(options.label_types)},
        }
        if options.asset_ids is not None:
            self._where["idIn"] = list(options.asset_ids)
        if options.external_ids is not None:
            self._where["externalIdStrictlyIn"] = list(options.external_ids)

    @property
    def _of_maps(self) -> str:
        return "geospatialExportMetadata" if self._project["input_type"] == "GEOSPATIAL" else ""

    async def count(self) -> int | None:
        """How many assets there are; None where counting takes too long, which reading them page by page does not."""
        reader = ObjectReader(self._database, self._services, self._actor, ReadBudget())
        try:
            return await reader.count("asset", asset_filter(self._where, self._actor))
        except TimedOut:
            return None

    async def read(self) -> AsyncIterator[tuple[int, bytes]]:
        """How many assets a page has, and the assets as lines of JSON."""
        position, size = 0, FIRST_PAGE
        while True:
            try:
                page = await self._read(position, size)
            except QueryTooComplex as error:
                if size == 1:
                    raise GiveUp(f"An asset cannot be read for its many labels: {error.message}") from error
                size = max(1, size // 4)
                continue
            if not page:
                return
            ids = [asset["id"] for asset in page]
            await self._look_at_maps(page)
            lines = b"\n".join(orjson.dumps(asset) for asset in page)
            async with self._database.reader() as connection:
                position = await last_position(connection, ids) or position
            # The list may be gone by now: then the next page starts where this one did, and does not find it again.
            if self._options.with_assets:
                async for asset in self.media.noted(page):
                    yield 1, orjson.dumps(asset)
            else:
                yield len(page), lines
            size = min(LARGEST_PAGE, max(1, len(page) * PAGE_BYTES // (len(lines) + 1)), size * 4)

    async def _read(self, position: int, size: int) -> list[dict[str, Any]]:
        filters = assets_after(self._where, self._actor, position)
        return await read_selection(
            self._database, self._services, self._actor, "Asset", self._selection, filters, first=size
        )

    async def _look_at_maps(self, page: list[dict[str, Any]]) -> None:
        """Say of pictures with a document beside them whether their points are longitudes and latitudes."""
        if self._project["input_type"] != "IMAGE":
            return
        options = self._options
        is_raw = options.format is ExportFormat.RAW
        if is_raw and options.normalized_coordinates is None:
            return
        for asset in page:
            if not asset["jsonContent"] or not await is_on_globe(self._services.blobs, asset["jsonContent"]):
                continue
            if options.format is not ExportFormat.GEOJSON:
                raise GiveUp(
                    f"[notCompatibleOptions] Asset {asset['externalId']!r} is labeled in longitudes and latitudes; export it as "
                    "GEOJSON, or as RAW without `normalizedCoordinates`."
                )
            asset["isOnGlobe"] = True
