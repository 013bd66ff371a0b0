"""What a plan of a config, and what became of it, says to people."""

from collections import Counter
from collections.abc import Iterator

from onefold.cli.connection_documents import change_lines
from onefold.cli.show import safe
from onefold.model.json import JsonObject

SIGNS = {"create": "+", "change": "~", "delete": "-"}
DONE = {"create": "made", "change": "changed", "delete": "deleted"}


def would_change(plan: JsonObject) -> bool:
    """Whether applying it changes anything."""
    return any(one["action"] in SIGNS for one in plan["objects"])


def plan_text(plan: JsonObject) -> str:
    """`+` for what comes, `-` for what goes, `~` for what changes, `?` for what no file speaks of."""
    return "\n".join([*_objects(plan), _summary(plan)])


def result_text(result: JsonObject) -> str:
    """What was done, and what could not be."""
    lines = []
    for one in result["results"]:
        if one["state"] == "failed":
            lines.append(f"Failed: {_named(one)}: {safe(one['message'])} {one['hint']}".rstrip())
            lines.append(f"  [{one['code']}]")
        elif one["state"] == "not_tried":
            lines.append(f"Not tried: {_named(one)}")
    count = Counter(one["action"] for one in result["results"] if one["state"] == "applied")
    done = ", ".join(f"{count[action]} {word}" for action, word in DONE.items() if count[action])
    if lines:
        lines.append("Mend that and apply again: what is done already stays as it is.")
    return "\n".join([*lines, f"Done: {done}." if done else "Nothing was changed."])


def _objects(plan: JsonObject) -> Iterator[str]:
    effects = {(one["kind"], one["name"]): one for one in plan["effects"]}
    for one in plan["objects"]:
        if one["action"] == "unmanaged":
            yield f"? {_named(one)} is in no file, and stays."
        elif one["action"] in SIGNS:
            former = f" (it was {safe(one['renamed_from'])!r})" if one["renamed_from"] else ""
            yield f"{SIGNS[one['action']]} {_named(one)}{former}"
            yield from (f"  {line}" for line in change_lines(one["changes"]))
            if one["words"]:
                yield f"    It asks: {safe(one['words'])}"
            yield from (f"    {line}" for line in _effect(effects.get((one["kind"], one["name"]))))
        yield from (f"    Note: {safe(warning)}" for warning in one["warnings"])


def _effect(effect: JsonObject | None) -> Iterator[str]:
    if effect is None:
        return
    about = "" if effect["is_exact"] else "about "
    if effect["reason"]:
        yield f"People: {safe(effect['reason'])}"
    elif effect["holding"] is not None:
        yield f"People: {effect['holding']:,} hold what will not identify any more; they keep it."
    elif effect["entering"] is not None:
        yield f"People: {about}{effect['entering']:,} enter, {about}{effect['leaving']:,} leave."
    for goal in effect["goals"]:
        yield f"Goal {safe(goal['goal'])}: {safe(goal['reason']) or _sent(goal)}"


def _sent(goal: JsonObject) -> str:
    about = "" if goal["is_exact"] else "about "
    what, when = ("events", " a day") if goal["is_daily"] else ("people", " at first")
    return (
        f"{about}{goal['sent']:,} of {goal['looked_at']:,} {what}, {goal['data_points']:,} data points{when}."
    )


def _named(one: JsonObject) -> str:
    return f"{one['kind']} {safe(one['name'])}"


def _summary(plan: JsonObject) -> str:
    count = Counter(one["action"] for one in plan["objects"])
    if not would_change(plan):
        others = f" {count['unmanaged']} in no file." if count["unmanaged"] else ""
        return f"Everything is as the files say: {count['none']} objects.{others}"
    return (
        f"{count['create']} to make, {count['change']} to change, {count['delete']} to delete; "
        f"{count['none']} as they are, {count['unmanaged']} in no file."
    )
