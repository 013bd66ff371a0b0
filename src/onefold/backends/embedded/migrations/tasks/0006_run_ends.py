"""In which order runs of goals ended, so that each end is told of once."""

from alembic import op

revision = "0006_run_ends"
down_revision = "0005_feedback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that ended before are history."""
    op.execute("create table run_end (seq integer primary key autoincrement, run_id text not null unique)")
