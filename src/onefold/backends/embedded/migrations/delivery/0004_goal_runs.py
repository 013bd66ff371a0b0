"""Runs of goals with their samples, how far each goal's schedule was looked at, and the run of a dead letter.

`run_end` numbers the ends, so that whoever tells people of them knows which ones it has told of.
"""

from alembic import op

revision = "0004_goal_runs"
down_revision = "0003_past_of_events"
branch_labels = None
depends_on = None

STATEMENTS = (
    """create table goal_run (
        number integer primary key, id text not null unique, connection_id integer not null,
        goal_id integer not null, ended_at integer not null, body blob not null)""",
    "create index goal_run_goal on goal_run (goal_id, id)",
    "create index goal_run_connection on goal_run (connection_id, id)",
    "create index goal_run_open on goal_run (number) where ended_at = 0",
    "create table run_end (seq integer primary key autoincrement, number integer not null)",
    """create table sample (
        id integer primary key, run integer not null, kind integer not null, code text not null,
        profile_id integer not null, key text not null, ours blob not null, request blob not null,
        answer text not null)""",
    "create index sample_run on sample (run)",
    "create table goal_clock (goal_id integer primary key, body blob not null)",
    "alter table letter add column run integer not null default 0",
    "create index letter_run on letter (run)",
)


def upgrade() -> None:
    """Four tables; a column and an index of letters, which are few."""
    for statement in STATEMENTS:
        op.execute(statement)
