"""A dead letter is found by its event and profile, and keeps what the destination answered.

Letters from before are found by neither; they stay in the list.
"""

from alembic import op

revision = "0002_letters_in_traces"
down_revision = "0001_initial"
branch_labels = None
depends_on = None

STATEMENTS = (
    'alter table letter add column "offset" integer not null default 0',
    "alter table letter add column profile_id integer not null default 0",
    "alter table letter add column answer text not null default ''",
    'create index letter_offset on letter ("offset")',
    "create index letter_profile on letter (profile_id)",
)


def upgrade() -> None:
    """Three columns and two small indexes: letters are few."""
    for statement in STATEMENTS:
        op.execute(statement)
