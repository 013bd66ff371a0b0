"""Mails about runs: each once, kept until it was sent or given up."""

from alembic import op

revision = "0002_mail"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table."""
    op.execute(
        """create table mail (
            id integer primary key, key text not null, address text not null, subject text not null,
            body text not null, created_at integer not null, due_at integer not null,
            attempts integer not null, state text not null, code text not null,
            unique (key, address))"""
    )
    op.execute("create index mail_due on mail (due_at) where state = 'waiting'")
