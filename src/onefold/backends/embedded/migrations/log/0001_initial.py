"""The log, what capture counted, and what it refused: one file, so that one commit covers all three."""

from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """First schema."""
    op.execute(
        """create table record (
            offset integer primary key,
            kind integer not null,
            source_id integer not null,
            received_at integer not null,
            count integer not null,
            meta blob not null,
            body blob not null)"""
    )
    op.execute(
        """create table counter (
            minute integer not null, stage text not null, subject text not null,
            kind integer not null, code text not null, count integer not null,
            primary key (minute, stage, subject, kind, code)) without rowid"""
    )
    # A number is never given twice, though all may expire: decisions about them stand in another file.
    op.execute(
        """create table letter (
            id integer primary key autoincrement, code text not null, field text not null, reason text not null,
            hint text not null, at integer not null, source_id integer not null, subject text not null,
            payload blob not null)"""
    )
    op.execute(
        """create table mark (
            name text primary key, run_id text not null, after integer not null, position integer not null,
            passed integer not null, rejected integer not null, at integer not null) without rowid"""
    )
    op.execute("create table meta (name text primary key, value) without rowid")
