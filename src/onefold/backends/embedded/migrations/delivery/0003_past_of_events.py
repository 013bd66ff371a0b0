"""A goal that sends events reads its past by the worker's batches: up to which one, before it follows changes."""

from alembic import op

revision = "0003_past_of_events"
down_revision = "0002_letters_in_traces"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """0: no past is being read."""
    op.execute("alter table goal add column scan_end integer not null default 0")
