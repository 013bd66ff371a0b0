"""What the worker derives from the log; every table can be rebuilt from it."""

from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "create table identifier (key text primary key, profile_id integer not null) without rowid",
    "create table profile (id integer primary key, body blob not null)",
    "create table alias (old integer primary key, new integer not null)",
    # Evidence of identity, append-only; `position` counts within the record at `offset`.
    """create table link (
        id integer primary key, offset integer not null, position integer not null, at integer not null,
        first text not null, second text not null, rule text not null, decision text not null,
        reason text not null, profile_id integer not null, other_profile_id integer not null)""",
    # The only secondary indexes: rare rows, and whoever looks at a profile asks for its evidence.
    "create index link_profile on link (profile_id)",
    "create index link_other on link (other_profile_id) where other_profile_id > 0",
    "create index alias_new on alias (new)",
    """create table member (
        segment_id integer not null, profile_id integer not null, since integer not null,
        primary key (segment_id, profile_id)) without rowid""",
    """create table membership_log (
        id integer primary key, offset integer not null, at integer not null, segment_id integer not null,
        profile_id integer not null, entered integer not null)""",
    """create table segment (
        id integer primary key, version integer not null, name text not null, definition blob not null,
        state text not null, offset integer not null, filled_to integer not null, born_after integer not null,
        counts_since integer not null, people integer not null default 0)""",
    # Numbers are never used again, though rows are deleted: whoever follows them remembers one.
    "create table change (seq integer primary key autoincrement, at integer not null, body blob not null)",
    """create table timer (
        due_at integer not null, profile_id integer not null, primary key (due_at, profile_id)) without rowid""",
    """create table counter (
        minute integer not null, stage text not null, subject text not null,
        kind integer not null, code text not null, count integer not null,
        primary key (minute, stage, subject, kind, code)) without rowid""",
    """create table event_total (
        day integer not null, source_id integer not null, event text not null, currency text not null,
        count integer not null, revenue text not null,
        primary key (day, source_id, event, currency)) without rowid""",
    # One row a commit with events; hashes, outcomes and profiles are in the order of the log.
    """create table batch (
        offset integer primary key, first_offset integer not null, clock integer not null,
        committed_at integer not null, count integer not null, hashes blob not null,
        places blob not null, outcomes blob not null, profiles blob not null)""",
    # The first offset of each minute of the fold's clock, as far back as duplicates are known.
    "create table mark (minute integer primary key, offset integer not null)",
    # Sorted files of hashes; an index of `batch` that can be made again.
    """create table dedupe_run (
        name text primary key, level integer not null, first_offset integer not null,
        last_offset integer not null, count integer not null) without rowid""",
    """create table letter (
        id integer primary key autoincrement, code text not null, field text not null, reason text not null,
        hint text not null, at integer not null, source_id integer not null, subject text not null,
        payload blob not null)""",
    "create table meta (name text primary key, value) without rowid",
)


def upgrade() -> None:
    """First schema."""
    for table in TABLES:
        op.execute(table)
