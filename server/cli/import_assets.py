"""The command `labelyard import`: assets from a folder or a list, without a client and as often as it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from labelyard.domain.content_file import require_ending
from labelyard.domain.error import BadUserInput, ClientError
from labelyard.domain.permission import Action
from labelyard.domain.text import MAX_EXTERNAL_ID
from labelyard.server.app_services import app_services_of
from labelyard.server.cli.bulk import (
    BulkWriter,
    OfOrganization,
    Person,
    ProjectId,
    Refused,
    Sized,
    Totals,
    finish,
    person_for,
    text_of,
    unknown_project,
    value_of,
)
from labelyard.server.cli.database import DataDir, existing_settings, opened_database
from labelyard.server.cli.row_source import (
    CSV_ENDINGS,
    JSON_LINES_ENDINGS,
    Seen,
    SourceRow,
    count_files,
    csv_rows,
    folder_rows,
    json_rows,
)
from labelyard.services.asset.bulk import AssetRow, BulkImport
from labelyard.storage.project import input_type_of

BATCH_ITEMS: Final = 500
# So many files are stored together: what a batch that is refused leaves behind is swept away later.
FILE_BYTES: Final = (4 << 20) // 32
EXTERNAL_ID: Final = ("externalId", "external_id")
JSON_CONTENT: Final = ("jsonContent", "json_content")
METADATA: Final = ("jsonMetadata", "json_metadata", "metadata")
HONEYPOT: Final = ("isHoneypot", "is_honeypot")
CONTENTS: Final = ("content", "url", "text", "file")
KNOWN: Final = frozenset((*EXTERNAL_ID, *JSON_CONTENT, *METADATA, *HONEYPOT, *CONTENTS))


def import_from(
    project_id: ProjectId,
    source: Annotated[
        Path,
        typer.Argument(metavar="FOLDER|CSV|JSONL", help="A folder of files, or a list that ends in .csv or .jsonl."),
    ],
    email: Person,
    files: Annotated[
        Path | None,
        typer.Option(help="The folder that the files named in a list lie in; that of the list unless it is given."),
    ] = None,
    organization: OfOrganization = None,
    data_dir: DataDir = None,
) -> None:
    """Import assets. What is there already is left alone, so the command can be run again after whatever stopped it."""
    settings = existing_settings(data_dir)
    listed = _Source.of(source, files)
    totals = Totals()

    async def run() -> Totals:
        async with opened_database(settings) as database:
            actor = await person_for(
                database, email=email, organization=organization, action=Action.CHANGE_ASSETS, project_id=project_id
            )
            async with database.reader() as connection:
                input_type = await input_type_of(connection, project_id)
            if input_type is None:
                raise unknown_project(project_id)
            bulk = BulkImport(database, app_services_of(settings), actor, project_id)
            most = min(BATCH_ITEMS, settings.max_imported_assets)
            writer = BulkWriter[AssetRow](bulk.write, most, totals=totals)
            return await writer.run(listed.rows(input_type), title="Importing", total=listed.total)

    finish(run, totals, what="assets", project_id=project_id)


@dataclass(frozen=True, slots=True)
class _Source:
    """What is imported: a folder, or a list whose files lie in `root`."""

    path: Path
    root: Path
    kind: str
    total: int

    @classmethod
    def of(cls, path: Path, files: Path | None) -> _Source:
        """The source at a path, by what is there."""
        try:
            if path.is_dir():
                return cls(path, path.resolve(), "folder", count_files(path))
            size = path.stat().st_size
        except OSError as error:
            raise BadUserInput(f"{str(path)!r} cannot be read ({error.strerror}).") from error
        ending = path.suffix.lower()
        if ending not in CSV_ENDINGS | JSON_LINES_ENDINGS:
            raise BadUserInput(
                f"{str(path)!r} is neither a folder nor a list; the name of a list ends in .csv or .jsonl."
            )
        return cls(path, (files or path.parent).resolve(), "csv" if ending in CSV_ENDINGS else "json", size)

    def rows(self, input_type: str) -> Iterator[Sized[AssetRow]]:
        """The assets one after the other, each checked as far as it can be without the database."""
        readers = {"folder": folder_rows, "csv": csv_rows, "json": json_rows}
        seen = Seen()
        for row in readers[self.kind](self.path):
            try:
                item: AssetRow | Refused = self._asset(row, input_type, seen)
            except ValueError as error:
                item = Refused(row.location, str(error))
            except ClientError as refusal:
                item = Refused(row.location, refusal.message)
            size = 200
            if isinstance(item, AssetRow):
                size += len(item.content) + len(item.json_content) + len(item.json_metadata)
                size += FILE_BYTES if item.file is not None else 0
            yield Sized(item, size, row.position)

    def _asset(self, row: SourceRow, input_type: str, seen: Seen) -> AssetRow:
        if row.problem is not None:
            raise ValueError(row.problem)
        if self.kind == "json" and (unknown := row.values.keys() - KNOWN):
            raise ValueError(f"{sorted(unknown)[0]!r} is no key of an asset; those are {', '.join(sorted(KNOWN))}")
        content, file = self._content(row, input_type)
        json_content = _json_text(value_of(row, JSON_CONTENT, what="the JSON content"), "the JSON content")
        if not content and file is None and not json_content:
            raise ValueError("it has no content: give url, text, file, content or jsonContent")
        metadata = self._metadata(row)
        is_honeypot = value_of(row, HONEYPOT, what="isHoneypot")
        if is_honeypot not in (None, True, False, "true", "false"):
            raise ValueError(f"isHoneypot is true or false, not {is_honeypot!r}")
        name = text_of(row, EXTERNAL_ID, what="the external id") or _own_name(content, file, json_content, metadata)
        if not 0 < len(name) <= MAX_EXTERNAL_ID:
            raise ValueError(f"the external id has 1 to {MAX_EXTERNAL_ID} characters, not {len(name):,}")
        if not seen.is_new(name):
            raise ValueError(f"the external id {name!r} is that of an earlier row, too")
        return AssetRow(row.location, name, content, file, json_content, metadata, is_honeypot in (True, "true"))

    def _content(self, row: SourceRow, input_type: str) -> tuple[str, Path | None]:
        """A text or URL to keep, or a file to read."""
        used = [name for name in CONTENTS if row.values.get(name)]
        if not used:
            return "", None
        if len(used) > 1:
            raise ValueError(f"it has {' and '.join(used)}; give one of them")
        kind = used[0]
        value = text_of(row, used, what=kind) or ""
        is_url = value.startswith(("http://", "https://"))
        if kind == "url" and not is_url:
            raise ValueError(f"a url begins with http:// or https://, unlike {value[:100]!r}")
        if kind == "file" or (kind == "content" and not is_url and input_type != "TEXT"):
            return "", self._file(value, input_type)
        return value, None

    def _file(self, name: str, input_type: str) -> Path:
        path = self.root / name
        if not path.resolve().is_relative_to(self.root):
            raise ValueError(f"the file {name!r} does not lie in {self.root}; name its folder with --files")
        if not path.is_file():
            raise ValueError(f"there is no file {str(path)!r}")
        require_ending(path.name, input_type)
        return path

    def _metadata(self, row: SourceRow) -> str:
        """JSON metadata; in CSV, the columns without another meaning are keys of it."""
        text = _json_text(value_of(row, METADATA, what="the metadata"), "the metadata")
        rest = {name: cell for name, cell in row.values.items() if name not in KNOWN} if self.kind == "csv" else {}
        if not rest:
            return text or "{}"
        try:
            known = orjson.loads(text or "{}")
        except orjson.JSONDecodeError as error:
            raise ValueError(f"the metadata is not JSON: {error}") from error
        if not isinstance(known, dict):
            raise ValueError("the metadata is a JSON object")
        return orjson.dumps({**rest, **known}).decode()


def _json_text(value: Any, what: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if not isinstance(value, dict | list):
        raise ValueError(f"{what} is a JSON object, not {type(value).__name__}")
    return orjson.dumps(value).decode()


def _own_name(content: str, file: Path | None, json_content: str, metadata: str) -> str:
    """The external id of a row that gives none: the same whenever the row is read again."""
    if file is not None:
        return file.name
    said = blake2b(digest_size=16)
    for part in (content, json_content, metadata):
        said.update(f"{len(part)}:{part}".encode())
    return said.hexdigest()
