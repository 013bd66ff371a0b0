"""`onefold segments preview`: who would be in a segment, before it is kept."""

from collections.abc import Iterator
from typing import Annotated

import typer

from onefold.cli.reach import Reach
from onefold.cli.segment_options import AnyOf, Conditions, File, segment_body
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

Changed = Annotated[
    str,
    typer.Option(
        "--segment", help="The segment that it would change: who enters, who leaves.", metavar="SEGMENT"
    ),
]


def preview_segment(
    reach: Reach,
    *,
    file: File = None,
    condition: Conditions = None,
    any_of: AnyOf = False,
    segment: Changed = "",
) -> None:
    """Count who would be in a segment now; nothing is kept.

    Without a condition: that of --segment, against its members.
    """
    body = segment_body("", file, condition or [], any_of=any_of, description=None)
    with reach.client() as client:
        if "condition" not in body:
            if not segment:
                hint = "See: onefold segments preview -h"
                raise OnefoldError("cli.usage", "A preview needs a condition.", hint=hint)
            from onefold.cli.path import piece

            body["condition"] = client.get(f"/api/v1/segments/{piece(segment)}")["condition"]
        found = client.post("/api/v1/segments/preview", {"condition": body["condition"], "segment": segment})
    reach.show(found, "\n".join(_lines(found)))


def _lines(found: JsonObject) -> Iterator[str]:
    yield f"Who: {found['words']}"
    about = "" if found["is_exact"] else "about "
    if found["people"] is not None:
        now = "" if found["people_now"] is None else f"; now {found['people_now']:,}"
        yield f"People: {about}{found['people']:,}{now}"
    else:
        yield f"People: from {found['people_min']:,} to {found['people_max']:,}"
    if found["entering"] is not None:
        yield f"Entering: {found['entering']:,}; leaving: {found['leaving']:,}"
    for one in found["coverage"]:
        yield f"With {one['kind']}: {one['people']:,}"
    if found["people"] is None:
        yield f"Known when the segment is filled: {', '.join(found['needs_fill'])}"
    elif not found["is_exact"]:
        yield f"Estimated from {found['looked_at']:,} people."
    known_by = [_known_by(one) for one in found["sample"]]
    if known_by:
        yield f"Some of them: {', '.join(known_by)}"


def _known_by(profile: JsonObject) -> str:
    for kind in ("email", "user_id", "phone"):
        for value in profile["identifiers"].get(kind, ()):
            return str(value)
    return f"profile {profile['id']}"
