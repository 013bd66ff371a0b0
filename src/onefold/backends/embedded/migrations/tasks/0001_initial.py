"""First schema of tasks.db."""

from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """First schema."""
    op.execute("create table meta (name text primary key, value) without rowid")
