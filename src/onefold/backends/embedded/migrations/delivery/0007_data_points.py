"""What destinations that bill were sent: by day, goal and field, with what was saved; and by quarter of an
hour for budgets, whose days begin at midnight of any time zone.
"""

from alembic import op

revision = "0007_data_points"
down_revision = "0006_held_items"
branch_labels = None
depends_on = None

STATEMENTS = (
    """create table data_point (
        day integer not null, connection_id integer not null, goal_id integer not null, field text not null,
        spent integer not null, saved integer not null,
        primary key (day, goal_id, field)) without rowid""",
    """create table spending (
        connection_id integer not null, slot integer not null, spent integer not null,
        primary key (connection_id, slot)) without rowid""",
)


def upgrade() -> None:
    """Two tables, empty."""
    for statement in STATEMENTS:
        op.execute(statement)
