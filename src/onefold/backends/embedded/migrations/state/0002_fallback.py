"""The version that a segment goes back to when the fill of a newer one is cancelled."""

from alembic import op

revision = "0002_fallback"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """None, for those that fill: what they counted is gone."""
    op.execute("alter table segment add column fallback blob not null default x''")
