"""Alembic's entry: brings the database of ``connector.bootstrap.migrate`` up to date, one process at a time."""

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from connector.store.tables import metadata

_LOCK = 4_872_341_109

url = context.config.attributes["url"]
engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        connection.commit()
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
