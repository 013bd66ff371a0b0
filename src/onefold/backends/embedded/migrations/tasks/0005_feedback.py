"""Which files of what a destination tells were read, and which one is under way."""

from alembic import op

revision = "0005_feedback"
down_revision = "0002_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`base` and `end` are positions of the place's mark in the log, which says what is really there."""
    op.execute(
        """create table feedback_place (place text primary key, source_id integer not null,
            connection_id integer not null, part text not null, name text not null, base integer not null)
            without rowid"""
    )
    op.execute(
        """create table feedback_file (place text not null, part text not null, name text not null,
            end integer not null, primary key (place, part, name)) without rowid"""
    )
