"""Thumbnails of images"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)
# The raster images that are recognised by their first bytes.
IS_IMAGE = "b.media_type in ('image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp', 'image/tiff', 'image/avif')"
ADD = "insert into thumbnail (source_id, due_at) select distinct b.id, now() from {rows} join blob b on b.id = r.content_blob_id where " + IS_IMAGE + " on conflict do nothing"


def upgrade() -> None:
    op.create_table(
        "thumbnail",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.Text(), nullable=True),
        sa.Column("due_at", Timestamp, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"]),
        sa.PrimaryKeyConstraint("source_id"),
    )
    op.create_index("thumbnail_blob", "thumbnail", ["blob_id"], postgresql_where=sa.text("blob_id is not null"))
    op.create_index("thumbnail_due", "thumbnail", ["due_at"], postgresql_where=sa.text("due_at is not null"))
    op.execute(
        "create function thumbnail_of_added() returns trigger language plpgsql as $$ begin "
        "if exists (select from added where content_blob_id is not null) then "
        + ADD.format(rows="added r")
        + "; end if; return null; end $$"
    )
    op.execute(
        "create trigger thumbnail_of_added after insert on asset referencing new table as added "
        "for each statement execute function thumbnail_of_added()"
    )
    op.execute(
        "create function thumbnail_of_changed() returns trigger language plpgsql as $$ begin "
        + ADD.format(rows="(select new.content_blob_id) r(content_blob_id)")
        + "; return null; end $$"
    )
    op.execute(
        "create trigger thumbnail_of_changed after update of content_blob_id on asset for each row "
        "when (new.content_blob_id is not null and new.content_blob_id is distinct from old.content_blob_id) "
        "execute function thumbnail_of_changed()"
    )
    op.execute(ADD.format(rows="asset r"))


def downgrade() -> None:
    for name in ("added", "changed"):
        op.execute(f"drop trigger thumbnail_of_{name} on asset")
        op.execute(f"drop function thumbnail_of_{name}()")
    op.drop_table("thumbnail")
