"""What `--map` says of messages and content that people saw.

interactions:CHANNEL[:DAYS][:ids]   a list of names, or ids; `all` is every channel
interaction:ID[:DAYS]               whether that one was seen
interaction_name:NAME[:DAYS]        the same, by its name
"""

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

ALL = "all"
WHAT = ("names", "ids")


def read_interactions(text: str) -> JsonObject:
    """CHANNEL[:DAYS][:ids] as a source.

    Raises:
        OnefoldError: a part of it says nothing.
    """
    channel, *parts = text.split(":")
    read: JsonObject = {"kind": "interactions"} | ({} if channel == ALL else {"channel": channel})
    for part in parts:
        if part in WHAT:
            read["what"] = part
        elif part.isdecimal():
            read["days"] = int(part)
        else:
            raise OnefoldError(
                "cli.usage",
                f"{part!r} is neither a number of days nor one of: {', '.join(WHAT)}.",
                hint="Such as seen=interactions:email:90 or seen=interactions:all:ids.",
            )
    return read


def read_interaction(kind: str, text: str) -> JsonObject:
    """ID[:DAYS] or NAME[:DAYS] as a source."""
    name, _, days = text.rpartition(":")
    if not name or not days.isdecimal():
        name, days = text, ""
    key = "name" if kind == "interaction_name" else "interaction_id"
    return {"kind": "interaction", key: name} | ({"days": int(days)} if days else {})
