"""What deliver keeps: what waits or is under way, what was answered, what each destination holds."""

from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    # Requests not yet answered. The items stand apart from the tries, so that a try rewrites a small row only.
    """create table intent (
        id integer primary key, connection_id integer not null, channel text not null, count integer not null,
        items blob not null)""",
    """create table sending (
        id integer primary key, attempts integer not null, sent integer not null,
        maybe_doubled integer not null, retry_at integer not null, first_at integer not null)""",
    """create table attempt (
        id integer primary key, request_id integer not null, number integer not null,
        connection_id integer not null, channel text not null, sent_at integer not null,
        answered_at integer not null, state integer not null, code text not null,
        maybe_doubled integer not null, count integer not null, first_offset integer not null,
        last_offset integer not null, items blob not null)""",
    "create index attempt_offset on attempt (last_offset)",
    """create table ledger (
        ledger_id integer not null, profile_id integer not null, body blob not null,
        primary key (ledger_id, profile_id)) without rowid""",
    """create table goal (
        id integer primary key, version integer not null, cursor integer not null,
        scanning integer not null, scanned_to integer not null)""",
    """create table connection (
        id integer primary key, state text not null, code text not null, reason text not null,
        hint text not null, at integer not null)""",
    """create table counter (
        minute integer not null, stage text not null, subject text not null,
        kind integer not null, code text not null, count integer not null,
        primary key (minute, stage, subject, kind, code)) without rowid""",
    """create table latency (
        minute integer not null, subject text not null, bucket integer not null, count integer not null,
        primary key (minute, subject, bucket)) without rowid""",
    """create table letter (
        id integer primary key, code text not null, field text not null, reason text not null,
        hint text not null, at integer not null, source_id integer not null, subject text not null,
        payload blob not null, connection_id integer not null, channel text not null, item blob not null,
        requeued integer not null default 0)""",
    "create table meta (name text primary key, value) without rowid",
)


def upgrade() -> None:
    """First schema."""
    for table in TABLES:
        op.execute(table)
