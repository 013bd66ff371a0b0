"""The connector as activation sees it: the declaration, the checks that only Braze needs, and `open`."""

import asyncio
import re

from onefold.connectors.braze.attribute_names import refuse_name
from onefold.connectors.braze.bucket import open_bucket
from onefold.connectors.braze.client import BrazeDestination
from onefold.connectors.braze.connection_fields import CONNECTION_FIELDS
from onefold.connectors.braze.currents_files import BrazeCurrents
from onefold.connectors.braze.currents_push import read_push
from onefold.connectors.braze.declare import INFO
from onefold.connectors.braze.goal_kinds import EVENTS, SUBSCRIPTIONS
from onefold.connectors.braze.intake_kinds import AUDIENCE, CURRENTS, IMPORT
from onefold.connectors.braze.limits import ALIAS_BYTES_MAX, TEXT_CHARS_MAX
from onefold.connectors.braze.origin import BrazeOrigin
from onefold.connectors.braze.subscriptions import check_subscriptions
from onefold.connectors.braze.tables import CURRENCIES
from onefold.errors import SetupError
from onefold.model.connection import Connection
from onefold.model.event_mapping import ALL_OTHERS
from onefold.model.goal import Goal
from onefold.plugin import ConnectorInfo, Option, OptionPage, Problem
from onefold.plugin.check import setting
from onefold.plugin.s3_settings import BUCKET, check_s3, list_buckets

OPTIONS_MAX = 100
"""Segments in a page of options: as many as a page of Braze's."""
CURSOR = re.compile(r"(\d{1,6}:\d{1,6})?")


class BrazeConnector:
    """The connector `braze`."""

    @property
    def info(self) -> ConnectorInfo:
        """The declaration."""
        return INFO

    def check_connection(self, connection: Connection) -> list[Problem]:
        """An address with a path, a label that Braze would refuse, half a bucket."""
        problems = []
        endpoint = str(connection.settings.get("endpoint", ""))
        if "/" in endpoint.split("://", 1)[-1].rstrip("/"):
            problems.append(Problem("settings.endpoint", "Only the host is needed, without a path."))
        label = str(setting(CONNECTION_FIELDS, connection.settings, "alias_label"))
        if len(label.encode()) > ALIAS_BYTES_MAX:
            problems.append(Problem("settings.alias_label", f"A label has at most {ALIAS_BYTES_MAX} bytes."))
        return problems + check_s3(connection)

    def check_goal(self, goal: Goal) -> list[Problem]:
        """Reserved names among the mapped fields; a currency that is none."""
        if goal.kind == EVENTS.name:
            return [*_check_currency(goal), *_check_event_names(goal)]
        if goal.kind == SUBSCRIPTIONS.name:
            return check_subscriptions(goal)
        problems: list[Problem] = []
        for place, mapping in enumerate(goal.mappings):
            if reason := refuse_name(mapping.field):
                problems.append(Problem(f"mappings.{place}.field", f"{mapping.field!r} {reason}"))
        return problems

    async def options(
        self, connection: Connection, field: str, *, goal_kind: str = "", search: str = "", cursor: str = ""
    ) -> OptionPage:
        """Buckets of the keys, segments of Braze; see the contract."""
        if (goal_kind, field) == ("", BUCKET.name):
            return await list_buckets(connection, search)
        if (goal_kind, field) == (IMPORT.name, AUDIENCE.name):
            return await self._segments(connection, search, cursor)
        return OptionPage([])

    async def _segments(self, connection: Connection, search: str, cursor: str) -> OptionPage:
        if not connection.settings.get("endpoint") or not connection.secrets.get("api_key"):
            raise SetupError(
                "connection.braze.incomplete",
                "The REST endpoint and the REST API key must be given first.",
                hint="Fill in both.",
            )
        if not CURSOR.fullmatch(cursor):
            return OptionPage([])
        origin = BrazeOrigin(connection, None)
        # Its requests block: each has a loop of its own.
        page = await asyncio.to_thread(origin.audiences, search=search, after=cursor, count_max=OPTIONS_MAX)
        return OptionPage([Option(one.id, one.name) for one in page.audiences], page.next or None)

    def open(self, connection: Connection) -> BrazeDestination:
        """A destination for one Braze workspace."""
        return BrazeDestination(connection)

    def open_origin(self, connection: Connection) -> BrazeOrigin:
        """The same workspace, to bring people in from."""
        return BrazeOrigin(connection, open_bucket(connection))

    def open_feedback(self, connection: Connection, goal: Goal) -> BrazeCurrents:
        """The bucket that its Currents are written into.

        Raises:
            SetupError: the connection names none.
        """
        store = open_bucket(connection, str(setting(CURRENTS.fields, goal.settings, "bucket") or ""))
        if store is None:
            raise SetupError(
                "acquire.braze.no_bucket",
                "Braze writes its Currents into a bucket that the connection does not know.",
                hint="Give the connection the S3 bucket that the Currents connector in Braze writes into.",
            )
        return BrazeCurrents(store, goal)

    read_push = staticmethod(read_push)


def _check_event_names(goal: Goal) -> list[Problem]:
    """Names that Braze would refuse; rows for events that the goal does not send."""
    problems = []
    chosen = setting(EVENTS.fields, goal.settings, "events")
    sent = {*chosen, *setting(EVENTS.fields, goal.settings, "purchase_events"), ALL_OTHERS}
    for place, row in enumerate(goal.event_mappings):
        path = f"event_mappings.{place}"
        if chosen and row.event not in sent:
            message = f"{row.event!r} is not among the events that this goal sends."
            problems.append(Problem(f"{path}.event", message))
        if len(row.name) > TEXT_CHARS_MAX:
            problems.append(Problem(f"{path}.name", f"A name has at most {TEXT_CHARS_MAX} characters."))
        for ours, theirs in row.properties.items():
            if theirs is not None and (theirs.startswith("$") or len(theirs) > TEXT_CHARS_MAX):
                message = f"A name has at most {TEXT_CHARS_MAX} characters and does not begin with $."
                problems.append(Problem(f"{path}.properties.{ours}", message))
    return problems


def _check_currency(goal: Goal) -> list[Problem]:
    currency = setting(EVENTS.fields, goal.settings, "currency")
    if currency in CURRENCIES:
        return []
    return [Problem("settings.currency", f"{currency!r} is not an ISO 4217 currency, such as EUR.")]
