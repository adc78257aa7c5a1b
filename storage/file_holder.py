"""What holds a file, in one place: the columns of assets, the files beside their content, and the parts of their documents."""

from __future__ import annotations

ASSET_COLUMNS = ("content_blob_id", "json_content_blob_id", "ocr_blob_id")
DOCUMENT_COLUMNS = ("json_content_blob_id", "content_blob_id")
"""Those of them whose file may be a document, which names further files (`blob_part`)."""

OF_COLUMN = """
select a.{column} as blob_id, a.id as asset_id, a.project_id, false as is_beside
from asset a
where a.{column} = any({{ids}})"""
BESIDE = """
select f.blob_id, a.id, a.project_id, true
from asset_file f join asset a on a.id = f.asset_id
where f.blob_id = any({ids})"""
OF_DOCUMENT = """
select d.part_id, a.id, a.project_id, false
from blob_part d join asset a on a.{column} = d.document_id
where d.part_id = any({{ids}})"""
OF_THUMBNAIL = """
select th.blob_id, a.id, a.project_id, false
from thumbnail th join asset a on a.content_blob_id = th.source_id
where th.blob_id = any({ids})"""
# The assets that hold files, as blob id, asset id and project id, once for each way, and whether that is beside the content.
# `{ids}` is an array of ids of files.
HOLDERS = "\nunion all".join(
    [
        *(OF_COLUMN.format(column=column) for column in ASSET_COLUMNS),
        BESIDE,
        OF_THUMBNAIL,
        *(OF_DOCUMENT.format(column=column) for column in DOCUMENT_COLUMNS),
    ]
)

DATASET_COLUMNS = ("content_blob_id", "json_content_blob_id")
# The datasets whose assets hold files, as blob id and dataset id, with the parts of documents.
DATASET_HOLDERS = "\nunion all".join(
    part.format(column=column, ids="{ids}")
    for column in DATASET_COLUMNS
    for part in (
        """
select a.{column} as blob_id, a.dataset_id
from dataset_asset a
where a.{column} = any({ids})""",
        """
select d.part_id, a.dataset_id
from blob_part d join dataset_asset a on a.{column} = d.document_id
where d.part_id = any({ids})""",
    )
)

CODE_COLUMNS = ("blob_id", "built_blob_id", "upload_id")
"""Of plugins: archives of code, and the one that is still to be uploaded. Nobody reads them as files."""

EXPORT_COLUMNS = ("blob_id",)
"""Of exports, each of which one person reads."""

# All columns that refer to a file: a new one is added here, and `storage.file_access` decides who reads what it holds.
REFERENCES = (
    *(("asset", column) for column in ASSET_COLUMNS),
    *(("dataset_asset", column) for column in DATASET_COLUMNS),
    ("blob_part", "part_id"),
    ("asset_file", "blob_id"),
    ("thumbnail", "blob_id"),
    *(("project_export", column) for column in EXPORT_COLUMNS),
    *(("plugin", column) for column in CODE_COLUMNS),
)
# A row of `blob` that nothing refers to, not even a document which no asset holds.
IS_HELD_BY_NOTHING = "\nand ".join(
    f"not exists (select from {table} where {column} = blob.id)" for table, column in REFERENCES
)
