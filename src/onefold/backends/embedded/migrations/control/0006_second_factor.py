"""The second factor of teammates: its secret encrypted, its recovery codes hashed."""

from alembic import op

revision = "0006_second_factor"
down_revision = "0005_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a teammate who has, or is setting up, one."""
    op.execute(
        """create table second_factor (
            teammate_id integer primary key, secret text not null, confirmed_at integer not null default 0,
            last_step integer not null default 0, recovery text not null default '')"""
    )
