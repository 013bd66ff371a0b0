"""The newest number that a version of a segment was given: one that was taken back is never given again."""

from alembic import op

revision = "0002_last_version"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """So far, the one that stands."""
    op.execute("alter table segment add column last_version integer not null default 1")
    op.execute("update segment set last_version = version")
