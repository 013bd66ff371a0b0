"""What Braze can do, declared."""

from onefold.connectors.braze.codes import CODES
from onefold.connectors.braze.connection_fields import CONNECTION_FIELDS
from onefold.connectors.braze.goal_kinds import DELETIONS, EVENTS, EXPORT, SUBSCRIPTIONS
from onefold.connectors.braze.intake_kinds import CURRENTS, IMPORT, SOURCE_KIND
from onefold.plugin import ConnectorInfo

INFO = ConnectorInfo(
    "braze",
    "Braze",
    "Customer engagement: keeps profiles, events and purchases of a Braze workspace up to date in real time.",
    CONNECTION_FIELDS,
    (EXPORT, EVENTS, SUBSCRIPTIONS, IMPORT, CURRENTS, DELETIONS),
    CODES,
    "https://www.braze.com/docs/api/endpoints/user_data/post_user_track",
    source_kind=SOURCE_KIND,
)
