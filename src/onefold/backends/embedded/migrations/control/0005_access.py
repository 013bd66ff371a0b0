"""The team: who may sign in, with what role, and what each has changed."""

from alembic import op

revision = "0005_access"
down_revision = "0004_run_cancel"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sessions that stand belong to who holds the machine, as before; tokens keep all rights."""
    op.execute(
        """create table teammate (
            id integer primary key autoincrement, email text not null unique, name text not null,
            role text not null, personal integer not null, password text not null default '',
            created_at integer not null, disabled_at integer not null default 0,
            last_seen_at integer not null default 0)"""
    )
    for column in ("teammate_id integer", "last_seen_at integer", "address text", "agent text"):
        empty = "0" if column.endswith("integer") else "''"
        op.execute(f"alter table session add column {column} not null default {empty}")
    op.execute("alter table one_time_link add column teammate_id integer not null default 0")
    op.execute("create index session_teammate on session (teammate_id)")
    op.execute("alter table token add column rights text not null default ''")
    op.execute("alter table token add column expires_at integer not null default 0")
    op.execute(
        """create table audit (
            id integer primary key autoincrement, at integer not null, "by" text not null,
            address text not null, action text not null, path text not null, status integer not null,
            before text not null, after text not null)"""
    )
