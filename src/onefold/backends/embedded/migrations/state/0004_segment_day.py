"""How many people entered and left each segment on each UTC day: what its growth is told from."""

from alembic import op

revision = "0004_segment_day"
down_revision = "0003_erasure"
branch_labels = None
depends_on = None

DAY_US = 86_400_000_000


def upgrade() -> None:
    """Segments that are there are counted from the day on at which the log is folded by now."""
    op.execute(
        """create table segment_day (
            segment_id integer not null, day integer not null, entered_count integer not null,
            left_count integer not null, primary key (segment_id, day)) without rowid"""
    )
    op.execute(
        f"""insert into segment_day select segment.id, meta.value / {DAY_US}, 0, 0
            from segment join meta on meta.name = 'clock'"""
    )
    # Of that day a replay knows more than this state.
    op.execute(
        f"""insert into meta select 'segment_days_since', value / {DAY_US} from meta where name = 'clock'"""
    )
