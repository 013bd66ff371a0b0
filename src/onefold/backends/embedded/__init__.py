"""Everything in one data directory: SQLite in WAL mode, one file a writing role: nobody waits for another."""
