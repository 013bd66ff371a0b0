"""Views of lists: filters under a name, one's own or shared with the team."""

from alembic import op

revision = "0010_saved_views"
down_revision = "0009_sign_on"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has one yet; a page is asked for its own, and a teammate who leaves for theirs."""
    op.execute(
        """create table saved_view (
            id integer primary key autoincrement, owner_id integer not null, page text not null,
            name text not null, filters text not null, personal_filters text not null,
            shared integer not null, revision integer not null, created_at integer not null,
            updated_at integer not null)"""
    )
    op.execute("create index saved_view_owner on saved_view (owner_id, page)")


def downgrade() -> None:
    """Views are gone then."""
    op.execute("drop table saved_view")
