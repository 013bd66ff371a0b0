"""POST /users/export/ids: whom Braze knows by the identifiers that a request names.

In: the arrays and fields of one request, and what to tell of each user. Out: the users as Braze has them.
Source: Braze's page "Export user profile by identifier" (July 2026).
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from onefold.connectors.braze.permissions import EXPORT_IDS, raise_for_setup
from onefold.errors import ConnectorError, TransientError
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin.http import HttpClient
from onefold.plugin.rate import Rate

IDS_MAX = 50
"""External ids and aliases of one request, together."""
NOT_EXPORTED = "activate.braze.not_exported"


class Exported(NamedTuple):
    """What an answer tells; `users` is None where it cannot be read: mostly, it is too long."""

    users: list[JsonObject] | None
    unknown: Sequence[JsonValue]
    """Ids that lead to nobody."""
    rate: Rate


async def export_users(http: HttpClient, whom: JsonObject, fields: Sequence[str]) -> Exported:
    """Ask for these people once.

    Raises:
        SetupError: credentials or permissions.
        ThrottledError, TransientError: ask again later.
        ConnectorError: Braze refuses what was asked (`NOT_EXPORTED`).
    """
    answer = await http.post(EXPORT_IDS.path, msgspec.json.encode({**whom, "fields_to_export": fields}))
    raise_for_setup(answer, EXPORT_IDS)
    content = answer.json()
    if answer.status >= 400:
        message = content.get("message", "") if isinstance(content, dict) else ""
        raise ConnectorError(
            NOT_EXPORTED,
            f"Braze does not tell what it holds: it answered {answer.status} {message}"[:300],
            hint="Test the connection: it shows what the key may do.",
        )
    if not isinstance(content, dict):
        return Exported(None, (), answer.rate)
    users = [user for user in content.get("users") or () if isinstance(user, dict)]
    return Exported(users, content.get("invalid_user_ids") or (), answer.rate)


def no_users() -> TransientError:
    """What came back cannot be read, however few were asked for."""
    return TransientError("activate.braze.no_json", "Braze answered something that is no list of users.")
