"""What people want done about mails that could not be sent; the tasks role, whose they are, follows it."""

from alembic import op

revision = "0007_mail_wishes"
down_revision = "0006_second_factor"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """In the order in which they were made."""
    op.execute(
        """create table mail_wish (
            id integer primary key autoincrement, mail_id integer not null, wish text not null,
            "by" text not null, at integer not null)"""
    )
