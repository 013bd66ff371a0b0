"""Everything in one data directory: SQLite in WAL mode, one file a writing role, so that nobody waits for another."""
