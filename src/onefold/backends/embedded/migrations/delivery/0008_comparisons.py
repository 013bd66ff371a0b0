"""Comparisons with what destinations hold: which runs are some, people of them to look at, and whether a goal
has read back before it began.
"""

from alembic import op

revision = "0008_comparisons"
down_revision = "0007_data_points"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table goal_run add column is_comparison integer not null default 0",
    "alter table goal add column read_back integer not null default 0",
    """create table difference (
        id integer primary key, run integer not null, profile_id integer not null, body blob not null)""",
    "create index difference_run on difference (run)",
)


def upgrade() -> None:
    """Two columns of small tables, and one empty table."""
    for statement in STATEMENTS:
        op.execute(statement)
