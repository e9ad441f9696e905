"""What is remembered: SQLAlchemy Core on SQLite and PostgreSQL. Rows go in, frozen values come out."""
