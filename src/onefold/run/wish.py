"""A comparison as it is asked for: the arguments of a request for a run of a goal, written and read.

The request stands in `control.db`, as those of other runs of goals do; deliver follows it.
"""

from collections.abc import Mapping

from onefold.model.comparison import Wish

Arguments = Mapping[str, str | int | bool]


def write_wish(wish: Wish) -> dict[str, str | int | bool]:
    """What asks for a comparison, beside the goal."""
    return {"comparison": True, "sample": wish.sample, "repairs": wish.repairs}


def read_wish(arguments: Arguments) -> Wish | None:
    """The comparison that is asked for; None where the goal itself shall run."""
    if not arguments.get("comparison"):
        return None
    return Wish(sample=int(arguments["sample"]), repairs=bool(arguments["repairs"]))
