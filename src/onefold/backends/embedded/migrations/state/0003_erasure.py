"""What the fold erased: deliver and the run that asked for it read it. Numbers only, no personal data."""

from alembic import op

revision = "0003_erasure"
down_revision = "0002_fallback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row an ERASE record."""
    op.execute("create table erasure (offset integer primary key, run_id text not null, body blob not null)")
