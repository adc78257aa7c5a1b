"""Models trained on labels"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

Timestamp = postgresql.TIMESTAMP(timezone=True, precision=3)
OF_PROJECT = "(select p.organization_id from project p where p.id = r.project_id and p.deleted_at is null), r.project_id"


def lifecycle(table: str, subject: str, *, payload: str, changing: tuple[str, ...]) -> str:
    """The body of a trigger for rows `r` of a project that come, change and go."""
    names = ", ".join(f"'{column}'" for column in changing)
    return f"""
declare r {table}; changes jsonb := '{{}}'; did text := 'created';
begin
  if tg_op = 'DELETE' then
    r := old;
    did := 'deleted';
  else
    r := new;
  end if;
  if tg_op = 'UPDATE' then
    did := 'updated';
    changes := event_changes(to_jsonb(old), to_jsonb(new), array[{names}]::text[], '{{}}'::text[]);
  end if;
  if changes is not null then
    perform event_record({OF_PROJECT}, '{subject}.' || did, jsonb_build_object({payload}) || changes, null, null);
  end if;
  return null;
end"""


# By the trigger's name: its table, when it fires, and what it does.
TRIGGERS = {
    "trained_model_event": (
        "trained_model",
        "after insert or delete or update of thresholds_at",
        lifecycle(
            "trained_model",
            "project.trained.model",
            payload="'trainedModelId', r.id, 'name', r.name",
            changing=("thresholds",),
        ),
    ),
    "learning_loop_event": (
        "learning_loop",
        "after insert or delete or update of every_labels, user_id",
        lifecycle(
            "learning_loop",
            "project.learning.loop",
            payload="'trainedModelId', r.model_id",
            changing=("every_labels", "user_id"),
        ),
    ),
}


def upgrade() -> None:
    op.create_table(
        "image_feature",
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("backbone", sa.Text(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("created_at", Timestamp, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("content_hash", "backbone"),
    )
    op.create_index("image_feature_order", "image_feature", ["position"])
    op.create_table(
        "trained_model",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("job_name", sa.Text(), nullable=False),
        sa.Column("labels", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="QUEUED", nullable=False),
        sa.Column("progress", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("assists", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("backbone", sa.Text(), nullable=True),
        sa.Column("head_best", sa.LargeBinary(), nullable=True),
        sa.Column("head_last", sa.LargeBinary(), nullable=True),
        sa.Column("thresholds", sa.Text(), server_default="[]", nullable=False),
        sa.Column("thresholds_at", Timestamp, nullable=True),
        sa.Column("curves", sa.Text(), nullable=True),
        sa.Column("epochs", sa.Integer(), nullable=True),
        sa.Column("best_epoch", sa.Integer(), nullable=True),
        sa.Column("train_seconds", sa.Float(), nullable=True),
        sa.Column("best_at_seconds", sa.Float(), nullable=True),
        sa.Column("created_at", Timestamp, server_default=sa.text("now()"), nullable=False),
        sa.Column("started_at", Timestamp, nullable=True),
        sa.Column("finished_at", Timestamp, nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", "name"),
    )
    op.create_index("trained_model_page", "trained_model", ["project_id", "position"])
    unfinished = sa.text("status in ('QUEUED', 'TRAINING')")
    op.create_index("trained_model_job", "trained_model", ["job_id"], postgresql_where=unfinished)
    op.create_table(
        "trained_model_image",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Text(), nullable=False),
        sa.Column("in_validation", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("truth", sa.LargeBinary(), nullable=False),
        sa.Column("scores_best", sa.LargeBinary(), nullable=False),
        sa.Column("scores_last", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["trained_model.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("model_id", "place"),
    )
    op.create_table(
        "learning_loop",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("every_labels", sa.Integer(), server_default="0", nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", Timestamp, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["model_id"], ["trained_model.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("project_id"),
    )
    op.create_index(op.f("ix_learning_loop_model_id"), "learning_loop", ["model_id"])
    for name, (table, event, body) in TRIGGERS.items():
        op.execute(f"create function {name}() returns trigger language plpgsql as $${body} $$".replace(":", r"\:"))
        op.execute(f"create trigger {name} {event} on {table} for each row execute function {name}()")


def downgrade() -> None:
    for table in ("learning_loop", "trained_model_image", "trained_model", "image_feature"):
        op.drop_table(table)
    for name in TRIGGERS:
        op.execute(f"drop function {name}()")
