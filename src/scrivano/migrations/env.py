"""Run by Alembic; `core.migrate` hands the connection over. All of an upgrade is one transaction."""

from alembic import context

from scrivano.core.database import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
