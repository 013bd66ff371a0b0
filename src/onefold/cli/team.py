"""`onefold team`: who may sign in, and with what role."""

from typing import Annotated

import typer

from onefold.cli.path import piece
from onefold.cli.reach import Cursor, Limit, Reach, reaching
from onefold.cli.show import Column
from onefold.errors import OnefoldError
from onefold.model.access import Role
from onefold.model.json import JsonObject

group = typer.Typer(help="The team: who may sign in, and with what role.", no_args_is_help=True)
PATH = "/api/v1/team"
Who = Annotated[str, typer.Argument(help="An e-mail address, or an id.", metavar="TEAMMATE")]
RoleOption = Annotated[Role | None, typer.Option(help="What they may do.", metavar="ROLE")]
PersonalOption = Annotated[
    bool | None,
    typer.Option(
        "--personal/--no-personal", help="Show them values of people, or mask them; as the role says."
    ),
]
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("Address", "email"),
    ("Name", "name"),
    ("Role", "role"),
    ("Personal data", lambda one: "shown" if one["personal"] else "masked"),
    ("State", "state"),
    ("Signs in by", lambda one: ", ".join(one["signs_in_by"]) or "–"),
    ("Last sign-in", lambda one: one["last_seen_at"] or "never"),
]


@group.command("list")
@reaching
def list_team(reach: Reach, limit: Limit = 1000, cursor: Cursor = "") -> None:
    """Show the team."""
    empty = (
        "Nobody can sign in yet; whoever holds this machine can.\n"
        f"Begin with yourself: onefold team invite EMAIL --role owner{reach.flags()}"
    )
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty=empty)


@group.command("invite")
@reaching
def invite(
    reach: Reach,
    *,
    email: Annotated[str, typer.Argument(help="Their e-mail address.", metavar="EMAIL")],
    role: RoleOption = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Their name.")] = "",
    personal: PersonalOption = None,
) -> None:
    """Invite somebody, or give somebody of the team a fresh link to set a password."""
    with reach.client(create=True) as client:
        known = {one["email"]: one for one in client.pages(PATH)}
        found = known.get(email.strip().casefold())
        if found is not None and (role or name or personal is not None):
            hint = (
                f"Change them with `onefold team change`, or invite again by `onefold team invite {email}`."
            )
            raise OnefoldError("cli.usage", f"{email} is of the team already.", hint=hint)
        if found is None and role is None:
            hint = f"Give --role: {', '.join(Role)}."
            raise OnefoldError("cli.usage", "A new teammate needs a role.", hint=hint)
        if found is not None:
            made = client.post(f"{PATH}/{found['id']}/invite")
        else:
            body: JsonObject = {"email": email, "role": role}
            body |= {"name": name} if name else {}
            body |= {} if personal is None else {"personal": personal}
            made = client.post(PATH, body)
    link = made["link"]
    sent = f"A mail is on its way to {email}." if made["mailed"] else f"No mail: {made['mail_problem']}"
    reach.show(
        made, f"{sent}\nThe link to set a password, good once until {link['expires_at']}:\n{link['url']}"
    )


@group.command("change")
@reaching
def change(
    reach: Reach,
    *,
    teammate: Who,
    role: RoleOption = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="Another name.")] = "",
    personal: PersonalOption = None,
) -> None:
    """Change what somebody may do; it holds at once."""
    wanted = {"role": role, "name": name or None, "personal": personal}
    body = {field: value for field, value in wanted.items() if value is not None}
    if not body:
        hint = "Give --role, --name, --personal or --no-personal."
        raise OnefoldError("cli.usage", "Nothing to change.", hint=hint)
    changed = reach.ask("PATCH", f"{PATH}/{piece(teammate)}", body)
    shown = "shown" if changed["personal"] else "masked"
    reach.show(
        changed, f"{changed['email']} is {changed['role']}, {changed['state']}; personal data {shown}."
    )


@group.command("disable")
@reaching
def disable(reach: Reach, teammate: Who) -> None:
    """Keep somebody out, and sign them out at once."""
    _let_in(reach, teammate, is_let_in=False)


@group.command("enable")
@reaching
def enable(reach: Reach, teammate: Who) -> None:
    """Let somebody in again."""
    _let_in(reach, teammate, is_let_in=True)


def _let_in(reach: Reach, teammate: str, *, is_let_in: bool) -> None:
    changed = reach.ask("PATCH", f"{PATH}/{piece(teammate)}", {"enabled": is_let_in})
    reach.show(changed, f"{changed['email']} is {changed['state']}.")


@group.command("forget-second-factor")
@reaching
def forget_second_factor(reach: Reach, teammate: Who) -> None:
    """Let somebody in by the password alone who has lost the authenticator and the recovery codes."""
    changed = reach.ask("POST", f"{PATH}/{piece(teammate)}/forget-second-factor")
    reach.show(changed, f"{changed['email']} signs in by the password alone.")


@group.command("forget-sign-on")
@reaching
def forget_sign_on(reach: Reach, teammate: Who) -> None:
    """Forget whom the provider knows somebody as; who comes next with their address is taken for them."""
    changed = reach.ask("POST", f"{PATH}/{piece(teammate)}/forget-sign-on")
    reach.show(changed, f"{changed['email']} is bound anew at the next sign-on.")


@group.command("sign-on")
@reaching
def sign_on(reach: Reach) -> None:
    """Ask the provider whether it is one, and whether it knows this server."""
    found = reach.ask("POST", "/api/v1/sign-on/check")
    joins = ", ".join(found["allowed_domains"])
    lines = [
        f"The provider {found['issuer']} knows this server as {found['client_id']}.",
        f"It must send browsers back to {found['redirect_uri']}.",
        f"Who has an address of {joins} joins as {found['default_role']}."
        if joins
        else "Only who is invited gets in.",
        "Passwords are taken, too." if found["password"] else "Passwords are not taken.",
    ]
    reach.show(found, "\n".join(lines))


@group.command("remove")
@reaching
def remove(reach: Reach, teammate: Who) -> None:
    """Take somebody out of the team and sign them out at once."""
    reach.ask("DELETE", f"{PATH}/{piece(teammate)}")
    reach.show({"teammate": teammate, "removed": True}, f"{teammate} is out of the team.")
