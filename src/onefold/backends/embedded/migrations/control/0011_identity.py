"""What the workspace says about identity: one row, and whether the log has it."""

from alembic import op

revision = "0011_identity"
down_revision = "0010_saved_views"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is set: the server's settings decide."""
    op.execute(
        """create table identity (
            id integer primary key check (id = 1), version integer not null, choice text not null,
            put_offset integer not null, put_rules text not null, updated_at integer not null)"""
    )


def downgrade() -> None:
    """The server's settings decide again."""
    op.execute("drop table identity")
