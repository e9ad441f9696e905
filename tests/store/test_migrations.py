"""Migrating up from empty gives the declared tables, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from connector.store.migrate import migrate
from connector.store.tables import metadata


def test_migrating_from_empty_gives_the_declared_tables(database_url: str) -> None:
    migrate(database_url)

    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        difference = compare_metadata(context, metadata)

    assert difference == []


def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrate(database_url)
    migrate(database_url)


def test_on_sqlite_even_what_alembic_does_not_compare_is_equal(tmp_path: Path) -> None:
    # WITHOUT ROWID, AUTOINCREMENT and the WHERE of an index are in the statements only.
    def statements(path: Path) -> set[str]:
        engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        if not path.exists():
            metadata.create_all(engine)
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT sql FROM sqlite_master WHERE name NOT LIKE 'alembic%'"))
            # The order of constraints says nothing.
            texts = [row.sql.replace(",", " ").replace("(", " ").replace(")", " ) ") for row in rows if row.sql]
            return {" ".join(sorted(one.split())) for one in texts}

    migrate(f"sqlite:///{tmp_path / 'migrated.db'}")

    assert statements(tmp_path / "migrated.db") == statements(tmp_path / "declared.db")


@pytest.mark.parametrize("what", ["indexes", "constraints"])
def test_on_postgresql_even_what_alembic_does_not_compare_is_equal(postgres_server, what: str) -> None:
    queries = {
        "indexes": "SELECT indexdef AS one FROM pg_indexes"
        " WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'",
        "constraints": "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS one"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'",
    }
    found = []
    for make in (migrate, lambda url: metadata.create_all(create_engine(url, poolclass=NullPool))):
        url = postgres_server.fresh_database()
        make(url)
        with create_engine(url, poolclass=NullPool).connect() as connection:
            found.append({row.one for row in connection.execute(text(queries[what]))})
        postgres_server.drop_database(url)

    assert found[0] == found[1]
