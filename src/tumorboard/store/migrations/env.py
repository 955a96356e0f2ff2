"""What Alembic runs for each migration: inside the caller's connection and transaction, so that it is whole or not."""

from __future__ import annotations

from alembic import context

from tumorboard.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
