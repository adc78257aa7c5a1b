"""OCR apart from metadata, external ids that may be exchanged, the latest label of each model, declared texts, retired names"""

from alembic import op
import sqlalchemy as sa

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNIQUE = "asset_project_id_external_id_key"
# Of people and drafts nothing changes.
LATEST = """
update label l set is_latest_label_for_user = f.latest
from (
  select id, row_number() over (partition by asset_id, author_id, label_type{model} order by position desc) = 1 as latest
  from label where label_type in ('PREDICTION', 'INFERENCE')
) f
where l.id = f.id and l.is_latest_label_for_user <> f.latest
"""
# What clients uploaded to projects of texts was declared a text. These types are told of texts only.
TEXTS = """
update blob set media_type = 'text/plain'
where media_type in ('application/json', 'application/xml', 'image/svg+xml', 'multipart/related', 'text/html', 'text/javascript')
  and exists (
    select from asset a join project p on p.id = a.project_id
    where p.input_type = 'TEXT' and (a.content_blob_id = blob.id or a.json_content_blob_id = blob.id))
"""


def upgrade() -> None:
    op.add_column("asset", sa.Column("ocr_blob_id", sa.Text(), nullable=True))
    op.create_foreign_key("asset_ocr_blob_id_fkey", "asset", "blob", ["ocr_blob_id"], ["id"])
    op.create_index(
        "asset_ocr_blob", "asset", ["ocr_blob_id"], unique=False, postgresql_where=sa.text("ocr_blob_id is not null")
    )
    op.drop_constraint(UNIQUE, "asset", type_="unique")
    op.create_unique_constraint(
        UNIQUE, "asset", ["project_id", "external_id"], deferrable=True, initially="IMMEDIATE"
    )
    op.add_column("project", sa.Column("retired_names", sa.Text(), nullable=True))
    op.create_index(
        "project_retired", "project", ["id"], unique=False, postgresql_where=sa.text("retired_names is not null")
    )
    op.execute(LATEST.format(model=", model_name"))
    op.execute(TEXTS)


def downgrade() -> None:
    # OCR is lost: there is no other place for it.
    op.execute(LATEST.format(model=""))
    op.drop_index("project_retired", table_name="project", postgresql_where=sa.text("retired_names is not null"))
    op.drop_column("project", "retired_names")
    op.drop_constraint(UNIQUE, "asset", type_="unique")
    op.create_unique_constraint(UNIQUE, "asset", ["project_id", "external_id"])
    op.drop_index("asset_ocr_blob", table_name="asset", postgresql_where=sa.text("ocr_blob_id is not null"))
    op.drop_constraint("asset_ocr_blob_id_fkey", "asset", type_="foreignkey")
    op.drop_column("asset", "ocr_blob_id")
