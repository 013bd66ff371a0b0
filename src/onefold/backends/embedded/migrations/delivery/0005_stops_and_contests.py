"""A goal that was stopped begins anew, and one that shares fields with others compares everyone again."""

from alembic import op

revision = "0005_stops_and_contests"
down_revision = "0004_goal_runs"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table goal add column begun_at integer not null default 0",
    "alter table goal add column contest integer not null default 0",
)


def upgrade() -> None:
    """Two columns of a table with a row a goal."""
    for statement in STATEMENTS:
        op.execute(statement)
