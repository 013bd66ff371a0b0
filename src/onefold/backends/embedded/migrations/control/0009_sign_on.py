"""Whom a provider of identities knows a teammate as."""

from alembic import op

revision = "0009_sign_on"
down_revision = "0007_mail_wishes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is bound yet; one person at a provider is at most one teammate."""
    op.execute("alter table teammate add column issuer text not null default ''")
    op.execute("alter table teammate add column subject text not null default ''")
    op.execute("create unique index teammate_subject on teammate (issuer, subject) where subject <> ''")
