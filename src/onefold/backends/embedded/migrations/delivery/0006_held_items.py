"""What waits until quiet hours are over stands apart from requests: it may be much, and must hinder nothing."""

from alembic import op

revision = "0006_held_items"
down_revision = "0005_stops_and_contests"
branch_labels = None
depends_on = None

STATEMENTS = (
    """create table held (
        id integer primary key, connection_id integer not null, goal_id integer not null,
        profile_id integer not null, due_at integer not null, channel text not null, item blob not null)""",
    "create index held_due on held (connection_id, due_at)",
    "create index held_profile on held (profile_id)",
)


def upgrade() -> None:
    """One table, empty."""
    for statement in STATEMENTS:
        op.execute(statement)
