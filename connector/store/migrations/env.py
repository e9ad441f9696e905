"""Alembic's entry: brings the database of ``connector.bootstrap.migrate`` up to date, one process at a time."""

import time

from alembic import context
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from connector.store.tables import metadata

_LOCK = 4_872_341_109

url = context.config.attributes["url"]
engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
with engine.connect() as connection:
    if connection.dialect.name == "postgresql":
        # Not waited for within a statement: who does holds a snapshot, for which an index that is made waits in turn.
        while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            connection.commit()
            time.sleep(0.1)
        # A table that is in use is asked for again later: everybody else would queue up behind us.
        connection.execute(text("SET lock_timeout = '3s'"))
        connection.commit()
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
