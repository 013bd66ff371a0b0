"""Sources, keys, who may call, what the user defined, and what was decided about dead letters."""

from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    # Ids stand in the log and in membership masks: `autoincrement` never gives one twice.
    """create table source (
        id integer primary key autoincrement, name text not null unique, kind text not null,
        enabled boolean not null, rate_per_s integer not null, drop_ip boolean not null,
        drop_bots boolean not null, created_at integer not null)""",
    """create table write_key (
        key text primary key, source_id integer not null references source (id),
        enabled boolean not null, created_at integer not null) without rowid""",
    "create index write_key_source on write_key (source_id)",
    """create table token (
        id integer primary key autoincrement, name text not null, hash text not null unique,
        created_at integer not null)""",
    "create table session (hash text primary key, created_at integer not null, expires_at integer not null)",
    "create table one_time_link (hash text primary key, created_at integer not null, expires_at integer not null)",
    """create table segment (
        id integer primary key autoincrement, version integer not null, name text not null,
        description text not null, condition text not null, put_offset integer not null, deleted boolean not null,
        created_at integer not null, updated_at integer not null)""",
    "create unique index segment_name on segment (name) where not deleted",
    """create table connection (
        id integer primary key autoincrement, name text not null unique, body text not null,
        secrets text not null)""",
    """create table goal (
        id integer primary key autoincrement, connection_id integer not null references connection (id),
        body text not null)""",
    "create index goal_connection on goal (connection_id)",
    """create table letter_decision (
        letter_id text primary key, state text not null, at integer not null, by text not null,
        replayed_as text not null, payload text not null) without rowid""",
    """create table run_request (
        id text primary key, kind text not null, subject text not null, arguments text not null,
        by text not null, created_at integer not null, cancel_asked boolean not null) without rowid""",
    "create table meta (name text primary key, value) without rowid",
)


def upgrade() -> None:
    """First schema."""
    for table in TABLES:
        op.execute(table)
