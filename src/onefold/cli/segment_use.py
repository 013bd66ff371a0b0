"""`onefold segments used-by` and `overlap`: what builds on a segment, and whom it shares with others."""

from onefold.cli.path import piece
from onefold.cli.reach import Reach
from onefold.cli.segment_options import Segment
from onefold.cli.show import Column, note, print_json, print_table, print_text

SHARED: list[Column] = [("Id", "id"), ("Segment", "name"), ("People", "people"), ("In both", "both")]


def show_use(reach: Reach, segment: Segment) -> None:
    """Show which goals and segments build on a segment."""
    found = reach.ask("GET", f"/api/v1/segments/{piece(segment)}/used-by")
    lines = [
        f"The goal {one['name']} of {one['connection']}{'' if one['enabled'] else ', which is off'}"
        for one in found["goals"]
    ]
    lines += [f"The segment {one['name']}" for one in found["segments"]]
    reach.show(found, "\n".join(lines) or "No goal and no other segment builds on it.")


def show_overlap(reach: Reach, segment: Segment) -> None:
    """Show how many of its people are in each other segment, too."""
    found = reach.ask("GET", f"/api/v1/segments/{piece(segment)}/overlap")
    if reach.json:
        print_json(found)
    elif found["segments"]:
        print_table(found["segments"], SHARED)
        if not found["is_exact"]:
            note(f"Estimated from {found['looked_at']:,} of {found['people']:,} people.")
    else:
        print_text("There is no other segment.")
