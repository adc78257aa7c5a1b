"""Counts and sums over assets, labels and files, kept by triggers in the transaction that changes a row; upload URLs given out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Date, Identity, Index, Numeric, Text
from sqlalchemy import text as sql
from sqlmodel import Field, SQLModel

from labelyard.storage.table.column import big_number, flag, number


def _part() -> Any:
    return Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)])


def _total() -> Any:
    return Field(default=0, sa_type=Numeric, sa_column_kwargs={"server_default": "0"})


class AssetTally(SQLModel, table=True):
    """What a statement changed in the counts of a project; the counts are the sums over all rows of the project.

    Rows are only added, so that writers never wait for each other; now and then `storage.tally.rollup` makes one of many.
    `is_new` is true until then. The statuses are those stored, of skipped assets too.
    Marks are summed as decimals, which come out the same in any order.
    """

    __tablename__ = "asset_tally"
    __table_args__ = (Index("asset_tally_new", "project_id", postgresql_where=sql("is_new")),)

    project_id: str = Field(primary_key=True, sa_type=Text)
    part: int = _part()
    is_new: bool = flag(True)
    assets: int = number()
    skipped: int = number()
    remaining: int = number()
    reviewed: int = number()
    consensus_marks: int = number()
    consensus_sum: Decimal = _total()
    honeypot_marks: int = number()
    honeypot_sum: Decimal = _total()
    todo: int = number()
    ongoing: int = number()
    labeled: int = number()
    to_review: int = number()


class BlobTally(SQLModel, table=True):
    """What a statement changed in the bytes of an organization's files, as in `AssetTally`."""

    __tablename__ = "blob_tally"
    __table_args__ = (Index("blob_tally_new", "organization_id", postgresql_where=sql("is_new")),)

    organization_id: str = Field(primary_key=True, sa_type=Text)
    part: int = _part()
    is_new: bool = flag(True)
    bytes: Decimal = _total()


class UploadCount(SQLModel, table=True):
    """How many upload URLs an organization was given on a day (UTC)."""

    __tablename__ = "upload_count"

    organization_id: str = Field(primary_key=True, sa_type=Text)
    day: date = Field(primary_key=True, sa_type=Date)
    urls: int = number()


class LabelTally(SQLModel, table=True):
    """What a statement changed in the counts of an author's labels of one day (UTC) in a project, as in `AssetTally`.

    `labels` (`default_labels` and reviews), `seconds` and `timed` (labels with a time) are of what people submitted; `labeled_assets`
    and `annotations` of the latest of it on each asset, and `first_labels` of the first on each asset, whoever made it.
    `all_annotations` and `all_seconds` are of labels of every type. The marks are those of the latest DEFAULT label on each asset.
    """

    __tablename__ = "label_tally"
    __table_args__ = (Index("label_tally_new", "project_id", "author_id", "day", postgresql_where=sql("is_new")),)

    project_id: str = Field(primary_key=True, sa_type=Text)
    author_id: str = Field(primary_key=True, sa_type=Text)
    day: date = Field(primary_key=True, sa_type=Date)
    part: int = _part()
    is_new: bool = flag(True)
    labels: int = number()
    labeled_assets: int = number()
    first_labels: int = number()
    annotations: int = big_number()
    seconds: Decimal = _total()
    timed: int = number()
    all_annotations: int = big_number()
    all_seconds: Decimal = _total()
    consensus_marks: int = number()
    consensus_sum: Decimal = _total()
    honeypot_marks: int = number()
    honeypot_sum: Decimal = _total()
    default_labels: int = number()
    predictions: int = number()
    inferences: int = number()
    drafts: int = number()
