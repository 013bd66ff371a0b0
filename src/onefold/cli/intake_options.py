"""The options with which a goal that brings people in is told how to read them."""

from typing import Annotated

import typer

from onefold.cli.given import read_pairs
from onefold.model.json import JsonObject

Identify = Annotated[
    list[str] | None,
    typer.Option(help="An import: which field says who: user_id=external_id.", metavar="KIND=FIELD"),
]
Take = Annotated[
    list[str] | None,
    typer.Option(
        help="An import: a field fills a trait: plan=plan, points=loyalty_points:sum. "
        "Strategies: set, add, sum, set_if_empty, clear.",
        metavar="TRAIT=FIELD[:STRATEGY]",
    ),
]
Remaining = Annotated[
    str,
    typer.Option(
        help="An import: what to do with all other fields: set, or set:braze_ for names that begin so.",
        metavar="STRATEGY[:PREFIX]",
    ),
]
CreatePeople = Annotated[
    bool | None,
    typer.Option("--create/--no-create", help="An import: whether people whom nobody knows become profiles."),
]
STRATEGIES = frozenset({"set", "add", "sum", "set_if_empty", "clear"})


def add_intake(
    body: JsonObject,
    identify: list[str] | None,
    take: list[str] | None,
    remaining: str,
    create: bool | None,
    *,
    kept: JsonObject | None = None,
) -> None:
    """How rows are read, where it is said in options; a file may say more (transforms).

    Over what the file says, else over what is `kept`: the API takes an intake as a whole.
    """
    if not (identify or take or remaining) and create is None:
        return
    intake: JsonObject = dict(body.get("intake") or kept or {})
    if identify:
        pairs = read_pairs(identify)
        intake["identifiers"] = [{"identifier": kind, "field": field} for kind, field in pairs.items()]
    if take:
        intake["rows"] = [_taken(trait, str(said)) for trait, said in read_pairs(take).items()]
    if remaining:
        strategy, _, prefix = remaining.partition(":")
        intake["remaining"] = {"strategy": strategy, "prefix": prefix}
    if create is not None:
        intake["create"] = create
    body["intake"] = intake


def _taken(trait: str, said: str) -> JsonObject:
    field, colon, strategy = said.rpartition(":")
    # A field may hold a colon itself: alias:onefold_id.
    if not colon or strategy not in STRATEGIES:
        return {"trait": trait, "field": said}
    return {"trait": trait, "field": field, "strategy": strategy}
