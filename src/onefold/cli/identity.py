"""`onefold identity`: by which rules events say who somebody is."""

from typing import Annotated, Any, NamedTuple

import typer

from onefold.cli.given import read_texts_by_name, refuse_nothing
from onefold.cli.reach import Reach, reaching
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject, JsonValue

group = typer.Typer(help="By which rules events say who somebody is.", no_args_is_help=True)

PATH = "/api/v1/identity"
RULES = {
    "phone_region": "Country of phone numbers",
    "currency": "Currency",
    "trait_identifiers": "Traits that identify",
    "blocked_values": "Values that never identify",
}
SAYS = {"workspace": "set here", "server": "by the server's settings", "built_in": "as it comes"}


class Given(NamedTuple):
    """What to change of the rules."""

    phone_region: Annotated[
        str | None,
        typer.Option(
            help='Country of phone numbers without one, like DE; "" for international numbers only.',
            metavar="COUNTRY",
        ),
    ] = None
    currency: Annotated[
        str | None, typer.Option(help="Of revenue that comes without one, like EUR.", metavar="CODE")
    ] = None
    trait: Annotated[
        list[str] | None,
        typer.Option(help="A trait that identifies, with its kind; again for each.", metavar="TRAIT=KIND"),
    ] = None
    no_trait: Annotated[
        list[str] | None,
        typer.Option("--no-trait", help="A trait that identifies no more; again for each.", metavar="TRAIT"),
    ] = None
    block: Annotated[
        list[str] | None,
        typer.Option(help="A value that never identifies anyone; again for each.", metavar="VALUE"),
    ] = None
    unblock: Annotated[
        list[str] | None,
        typer.Option(help="A blocked value that may identify again; again for each.", metavar="VALUE"),
    ] = None
    default: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What shall be as the server's settings say; again for each of {', '.join(RULES)}.",
            metavar="RULE",
        ),
    ] = None


@group.command("show")
@reaching
def show_identity(reach: Reach) -> None:
    """Show the rules, and who says each of them."""
    found = reach.ask("GET", PATH)
    reach.show(found, words_of(found))


@group.command("set")
@reaching
def set_identity(reach: Reach, given: Given) -> None:
    """Change the rules, for every event from here on.

    What is not named stays as it is. Profiles stay as they are, too.
    """
    with reach.client(create=True) as client:
        answer = client.send_raw("GET", PATH)
        choice = changed_choice(answer.json(), given)
        headers = {"if-match": answer.headers["etag"]}
        client.send("PUT", PATH, json=choice, headers=headers)
        found = client.get(PATH)
    reach.show(found, words_of(found))


def changed_choice(found: JsonObject, given: Given) -> JsonObject:
    """What to PUT: the choice that there is, with what was given.

    Raises:
        OnefoldError: nothing was given, or a name that is none.
    """
    refuse_nothing(
        {name: value for name, value in given._asdict().items() if value is not None}, "identity set"
    )
    choice: JsonObject = dict(found["choice"])
    for name in given.default or []:
        if name not in RULES:
            hint = f"There are: {', '.join(RULES)}."
            raise OnefoldError("cli.usage", f"There is no rule {name!r}.", hint=hint)
        choice.pop(name, None)
    # What is not set here yet begins with what holds without it.
    rules: JsonObject = {**found["server"], **choice}
    for name in ("phone_region", "currency"):
        if (value := getattr(given, name)) is not None:
            choice[name] = value
    if given.trait or given.no_trait:
        choice["trait_identifiers"] = _changed_traits(rules["trait_identifiers"], given)
    if given.block or given.unblock:
        choice["blocked_values"] = _changed_values(rules["blocked_values"], given)
    return choice


def words_of(found: JsonObject) -> str:
    """The rules in lines, and from when on they hold."""
    width = max(map(len, RULES.values()))
    lines = [
        f"{label:<{width}}  {_value(found['rules'][name])}  ({SAYS[found['origins'][name]]})"
        for name, label in RULES.items()
    ]
    status = found["status"]
    if not status["is_in_force"]:
        lines.append("The worker has not come to the last change yet.")
    elif status["since"]:
        lines.append(f"They hold for events received since {status['since']}.")
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{trait} as {kind}" for trait, kind in value.items()]
    return (", ".join(value) if isinstance(value, list) else str(value)) or "-"


def _changed_traits(now: JsonObject, given: Given) -> JsonObject:
    unknown = [trait for trait in given.no_trait or [] if trait not in now]
    if unknown:
        raise OnefoldError("cli.usage", f"The trait {unknown[0]!r} does not identify.", hint=_show(now))
    kept = {trait: kind for trait, kind in now.items() if trait not in (given.no_trait or [])}
    return {**kept, **read_texts_by_name(given.trait or [])}


def _changed_values(now: list[str], given: Given) -> list[JsonValue]:
    unknown = [value for value in given.unblock or [] if value not in now]
    if unknown:
        raise OnefoldError("cli.usage", f"The value {unknown[0]!r} is not blocked here.", hint=_show(now))
    kept = [value for value in now if value not in (given.unblock or [])]
    return list(dict.fromkeys([*kept, *(given.block or [])]))


def _show(now: JsonValue) -> str:
    return f"There are: {_value(now)}."
