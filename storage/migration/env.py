"""Alembic's entry: runs migrations on the connection that `storage.migration.run` hands over."""

from alembic import context
from sqlmodel import SQLModel

import labelyard.storage.table  # noqa: F401 - declares the tables

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
with context.begin_transaction():
    context.run_migrations()
