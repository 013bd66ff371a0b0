"""Runs of goals that somebody wants to end: most were never asked for, so they stand apart from requests."""

from alembic import op

revision = "0004_run_cancel"
down_revision = "0002_last_version"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One small table."""
    op.execute(
        """create table run_cancel (
            run_id text primary key, "by" text not null, at integer not null) without rowid"""
    )
