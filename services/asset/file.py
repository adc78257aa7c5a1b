"""Files that labels and inline JSON name: whether they exist, and which asset holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labelyard.domain.error import NotFound, Problem
from labelyard.domain.file_url import BlobIdScanner, is_blob_id
from labelyard.domain.permission import Actor
from labelyard.domain.response import FileAnswer
from labelyard.services.apart import apart
from labelyard.storage.asset_file import assets_of_files
from labelyard.storage.database import Connection, Database
from labelyard.storage.file_access import takeable_blobs
from labelyard.storage.upload import recorded_ids


@dataclass(frozen=True, slots=True)
class CheckedFiles:
    """The result of checking the file answers of one label: the ids its asset is to hold, and warnings."""

    ids: frozenset[str]
    warnings: tuple[Problem, ...]


NO_FILES = CheckedFiles(frozenset(), ())


async def check_file_answers(
    connection: Connection, actor: Actor, labels: Sequence[tuple[str, Sequence[FileAnswer]]]
) -> list[CheckedFiles]:
    """Check the answers of file jobs, given with the id of the asset of each label; the same order comes back.

    A file belongs to its asset: that of another asset the actor sees is refused. An id under which nothing is uploaded
    is a well-formed answer; it is kept with a warning, and the asset holds the file should it arrive later. What lies
    out of the actor's sight reads like that, too.
    """
    named = {answer.file_id for _, answers in labels for answer in answers}
    if not named:
        return [NO_FILES] * len(labels)
    recorded = await recorded_ids(connection, named)
    own = await recorded_ids(connection, named, actor.organization_id)
    assets_by_file: dict[str, dict[str, str]] = {}
    for row in await assets_of_files(connection, own, actor.organization_id):
        assets_by_file.setdefault(row["blob_id"], {})[row["asset_id"]] = row["project_id"]
    checked = []
    for asset_id, answers in labels:
        ids, warnings = set(), []
        for answer in answers:
            projects_by_asset = assets_by_file.get(answer.file_id, {})
            if answer.file_id in own and (not projects_by_asset or asset_id in projects_by_asset):
                ids.add(answer.file_id)
                continue
            if any(actor.role_in(project_id) is not None for project_id in projects_by_asset.values()):
                raise NotFound(
                    f"[notFound] {answer.path}: asset {asset_id} has no file {answer.file_id!r}; "
                    "upload one for it with createAnnotationFileUpload. Nothing was stored.",
                    fileId=answer.file_id,
                    path=answer.path,
                )
            if answer.file_id not in recorded and is_blob_id(answer.file_id):
                ids.add(answer.file_id)
            warnings.append(
                Problem("FILE_ANSWER", answer.path, f'no file has been uploaded under the id "{answer.file_id}"')
            )
        checked.append(CheckedFiles(frozenset(ids), tuple(warnings)))
    return checked


async def files_named(
    database: Database, actor: Actor, texts: Iterable[str], *, is_long: bool = False
) -> list[frozenset[str]]:
    """For each inline JSON text, the uploaded files that the person may take and whose URLs it holds."""
    named = await apart(is_long, _blob_ids_in, texts)
    every = set[str]().union(*named)
    if not every:
        return [frozenset()] * len(named)
    async with database.reader() as connection:
        known = await takeable_blobs(connection, every, actor.user_id)
    return [frozenset(ids & known.keys()) for ids in named]


def names_files(texts: Iterable[str]) -> bool:
    """Whether inline JSON holds a URL of an uploaded file, whoever may read it."""
    return any(_blob_ids_in(texts))


def _blob_ids_in(texts: Iterable[str]) -> list[set[str]]:
    nothing = set[str]()
    return [set(BlobIdScanner().feed(text.encode())) if text[:1] in ("{", "[") else nothing for text in texts]
