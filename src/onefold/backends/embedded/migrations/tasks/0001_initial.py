"""What the tasks role runs: progress, counts, where to go on after a stop, and the end."""

from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """First schema."""
    op.execute(
        """create table run (
            id text primary key, kind text not null, subject text not null, state text not null,
            created_at integer not null, started_at integer not null, ended_at integer not null,
            unit text not null, done integer not null, total integer not null,
            passed integer not null, filtered integer not null, rejected integer not null,
            deferred integer not null, message text not null, arguments text not null,
            position integer not null, attempts integer not null) without rowid"""
    )
    op.execute("create index run_subject on run (kind, subject)")
    op.execute("create table meta (name text primary key, value) without rowid")
