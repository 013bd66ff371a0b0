"""Ready calls: Braze's endpoints for what a connection `braze` does not do by itself.

Each runs on a connection of this connector whose address is Braze's REST endpoint, with the secret `api_key`.
Source: Braze's documentation of /users/track, /campaigns/trigger/send, /canvas/trigger/send,
/campaigns/details and /canvas/details (July 2026).
"""

from onefold.model.json import JsonValue
from onefold.plugin import Preset

_AUTHORIZED: JsonValue = {"Authorization": "Bearer {{ secrets.api_key }}"}
_KNOWN: JsonValue = ["identifiers.user_id"]
_PROPERTIES: JsonValue = {
    "name": "properties",
    "title": "Properties",
    "type": "object",
    "default": {},
    "help": "The same for everyone; {{ … }} is not read here: change the body for values of the person.",
}

TRACK = Preset(
    "braze_users_track",
    "Braze: record an event",
    "Sends a custom event to /users/track for the person. Needs users.track.",
    {
        "method": "POST",
        "url": "/users/track",
        "headers": _AUTHORIZED,
        "requires": _KNOWN,
        "body": """{"events": [{
  "external_id": {{ profile.identifiers.user_id }},
  "name": {{ params.event_name }},
  "time": {{ moment.at }},
  "properties": {{ params.properties }}{% if not params.create %},
  "_update_existing_only": true{% endif %}
}]}
""",
        "parameters": [
            {
                "name": "event_name",
                "title": "Name of the event",
                "type": "text",
                "help": "As campaigns in Braze shall know it, such as Entered VIP.",
            },
            _PROPERTIES,
            {
                "name": "create",
                "title": "Create unknown people",
                "type": "boolean",
                "default": False,
                "help": "Whether Braze may make a profile for someone whom it does not know.",
            },
        ],
    },
)
CAMPAIGN = Preset(
    "braze_campaign",
    "Braze: send a campaign",
    "Triggers an API-triggered campaign for the person. Needs campaigns.trigger.send; with "
    "campaigns.details a test tells whether the campaign is there.",
    {
        "method": "POST",
        "url": "/campaigns/trigger/send",
        "headers": _AUTHORIZED,
        "requires": _KNOWN,
        "body": """{
  "campaign_id": {{ params.campaign_id }},
  "recipients": [{
    "external_user_id": {{ profile.identifiers.user_id }},
    "trigger_properties": {{ params.properties }},
    "send_to_existing_only": true
  }]
}
""",
        "parameters": [
            {
                "name": "campaign_id",
                "title": "Campaign",
                "type": "text",
                "help": "The campaign API identifier that Braze shows when the campaign is scheduled.",
            },
            _PROPERTIES,
        ],
        # Braze takes a message to one person twice without a word: better none than two.
        "retry_unanswered": False,
        "test_path": "/campaigns/details?campaign_id={{ params.campaign_id }}",
    },
)
CANVAS = Preset(
    "braze_canvas",
    "Braze: enter a Canvas",
    "Enters the person into an API-triggered Canvas. Needs canvas.trigger.send; with "
    "canvas.details a test tells whether the Canvas is there.",
    {
        "method": "POST",
        "url": "/canvas/trigger/send",
        "headers": _AUTHORIZED,
        "requires": _KNOWN,
        "body": """{
  "canvas_id": {{ params.canvas_id }},
  "recipients": [{
    "external_user_id": {{ profile.identifiers.user_id }},
    "context": {{ params.properties }},
    "send_to_existing_only": true
  }]
}
""",
        "parameters": [
            {
                "name": "canvas_id",
                "title": "Canvas",
                "type": "text",
                "help": "The Canvas API identifier, from its entry settings.",
            },
            _PROPERTIES,
        ],
        "retry_unanswered": False,
        "test_path": "/canvas/details?canvas_id={{ params.canvas_id }}",
    },
)
WEBHOOK = Preset(
    "webhook",
    "Webhook",
    "Posts who it is and what happened as JSON, with an idempotency key.",
    {
        "method": "POST",
        "url": "/{{ params.path | path }}",
        "headers": {"Idempotency-Key": "{{ delivery_id }}"},
        "body": """{
  "id": {{ delivery_id }},
  "type": {{ moment.kind }},
  "at": {{ moment.at }},
  "profile": {
    "id": {{ profile.id }},
    "identifiers": {{ profile.identifiers }},
    "traits": {{ profile.traits }}
  }
}
""",
        "parameters": [
            {
                "name": "path",
                "title": "Path",
                "type": "text",
                "help": "Below the connection's address, such as hooks/onefold.",
            }
        ],
    },
)
PRESETS = (TRACK, CAMPAIGN, CANVAS, WEBHOOK)
