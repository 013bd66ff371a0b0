"""By which rules of identity events are read, and from which record on."""

from alembic import op

revision = "0005_identity"
down_revision = "0004_segment_day"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A row a change; none while the server's settings alone decide."""
    op.execute(
        """create table identity (
            offset integer primary key, version integer not null, at integer not null, rules blob not null)"""
    )


def downgrade() -> None:
    """The server's settings decide again."""
    op.execute("drop table identity")
