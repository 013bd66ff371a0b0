"""`onefold segments growth`: how many people were in a segment, day by day."""

from typing import Annotated

import typer

from onefold.cli.path import piece
from onefold.cli.reach import Reach
from onefold.cli.segment_options import Segment
from onefold.cli.show import Column, note, print_json, print_table, print_text

DAYS: list[Column] = [
    ("Day (UTC)", "day"),
    ("Entered", "entered"),
    ("Left", "left"),
    ("People", "people"),
]


def show_growth(
    reach: Reach,
    segment: Segment,
    days: Annotated[
        int, typer.Option(metavar="N", min=1, max=3650, help="So many days, today included.")
    ] = 90,
) -> None:
    """Show how many people were in a segment at the end of each day, and who came and went.

    Merged and erased people leave, too. The last day is today, until now.
    """
    with reach.client() as client:
        found = client.get(f"/api/v1/segments/{piece(segment)}/growth", days=days)
    if reach.json:
        print_json(found)
    elif found["days"]:
        print_table(found["days"], DAYS)
        if len(found["days"]) < days:
            note(f"Counted since {found['since']}.")
    else:
        print_text("The worker has not come to this segment yet. Ask again soon.")
