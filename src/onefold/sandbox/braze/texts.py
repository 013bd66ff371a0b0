"""The sentences and codes that Braze answers with.

Recorded or documented texts are exact. Where Braze's own wording is unknown, the text follows the form
of the recorded ones and is listed under "Unconfirmed": a client must not depend on any of them.
"""

SUCCESS = "success"
INVALID_KEY = "Invalid API Key"
INVALID_URL = "Invalid URL"
MAX_INPUT = "Max Input Length Exceeded"
NO_VALID_DATA = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."
TOO_MANY_USERS = "The max number of external_ids and aliases per request was exceeded"
TOO_MANY_IDS = "The max number of ids per request was exceeded"

IDENTIFIER_REQUIRED = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
EXTERNAL_ID_REQUIRED = "'external_id' is required"
EXTERNAL_ID_TOO_LONG = "'external_id' must be fewer than 988 bytes"
EXTERNAL_ID_BLOCKED = "provided external_id is blacklisted and disallowed"
EMAIL_INVALID = "The value provided for the 'email' field is not a valid email."
QUANTITY_INVALID = "'quantity' is not valid"
CURRENCY_INVALID = "'currency' must be an ISO 4217 currency"
PROPERTIES_INVALID = "Invalid 'properties' field"

BAD_DEVICE_ID = "BAD_DEVICE_ID"
BAD_EMAIL_SUBSCRIPTION_STATE = "BAD_EMAIL_SUBSCRIPTION_STATE"
BAD_PUSH_SUBSCRIPTION_STATE = "BAD_PUSH_SUBSCRIPTION_STATE"
BAD_LOCATION_UPDATE = "BAD_LOCATION_UPDATE"
BAD_PUSH_APP_ID = "BAD_PUSH_TOKEN_APP_ID"
BAD_PUSH_IMPORT = "BAD_PUSH_TOKEN_IMPORT"
BAD_PUSH_STRING = "BAD_PUSH_TOKEN_STRING"
BAD_PUSH_VALUE = "BAD_PUSH_TOKEN_VALUE"
BAD_SUBSCRIPTION_GROUP_ARRAY = "BAD_SUBSCRIPTION_GROUP_ARRAY"
BAD_SUBSCRIPTION_GROUP_HASH = "BAD_SUBSCRIPTION_GROUP_HASH"
BAD_SUBSCRIPTION_GROUP_ID = "BAD_SUBSCRIPTION_GROUP_ID"
BAD_SUBSCRIPTION_GROUP_STATE = "BAD_SUBSCRIPTION_GROUP_STATE"
EMAIL_SUBSCRIPTION_INFO = "INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO"

EMAIL_OR_PHONE = "Either an email address or a phone number should be provided, but not both."
MERGE_NOT_LIST = "'merge_updates' must be an array of objects"
MERGE_TOO_MANY = "a single request may not contain more than 50 merge updates"
MERGE_IDENTIFIERS = (
    "identifiers must be objects with an 'external_id' property that is a string, 'user_alias' property that "
    "is an object, 'email' property that is a string, or 'phone' property that is a string"
)
MERGE_KEYS = "'merge_updates' must only have 'identifier_to_merge' and 'identifier_to_keep'"
RENAME_TAKEN = "new_external_id is already in use"
CANVAS_PAUSED = "The Canvas is paused. Resume the Canvas to ensure trigger requests will take effect."
CANVAS_ARCHIVED = "The Canvas is archived. Unarchive the Canvas to ensure trigger requests will take effect."
NO_CAMPAIGN = "Campaign does not exist"
NOT_TRANSACTIONAL = (
    "The campaign is not a transactional campaign. Only transactional campaigns may use this endpoint"
)

# Unconfirmed wordings.
INVALID_SEGMENT_ID = "Invalid Segment ID"
INVALID_CAMPAIGN_ID = "Invalid Campaign ID"
INVALID_CANVAS_ID = "Invalid Canvas ID"
NO_RECIPIENTS = "No Recipients"
NO_MESSAGE = "No message to send"
SEGMENT_NOT_TRACKED = "the segment has no analytics tracking"
EXPORT_RUNNING = "an export of this segment is already running"
RENAME_UNKNOWN = "current_external_id is not the primary external id of a user"
REMOVE_NOT_DEPRECATED = "external_id is not a deprecated external id"
DATES_REQUIRED = "'end_date' and either 'start_date' or the address are required, as YYYY-MM-DD"
BROADCAST_OR_RECIPIENTS = "'recipients' may not be given with 'broadcast'"
CAMPAIGN_OFF = "The campaign is paused or archived"
ONE_OBJECT = "exactly one attributes, event or purchase object is required"
INVALID_CURSOR = "'cursor' is not valid"
WRONG_CONTENT_TYPE = "Content-Type must be application/json"
TOO_LARGE = "Request body is too large"
BAD_JSON = "Bad Request: the body is not valid JSON"
NOT_AN_OBJECT = "Bad Request: the body must be a JSON object"
SEVERAL_PRIMARIES = "only one of 'external_id', 'braze_id' or 'user_alias' may be provided"
EXPORT_FIELDS_REQUIRED = "'fields_to_export' is required"
EXPORT_IDS_REQUIRED = (
    "'external_ids', 'user_aliases', 'device_id', 'braze_id', 'email_address' or 'phone' is required"
)
DELETE_ONE_ARRAY = (
    "exactly one of 'external_ids', 'user_aliases', 'braze_ids', 'email_addresses' "
    "or 'phone_numbers' is required"
)
IDENTIFY_REQUIRED = "'aliases_to_identify', 'emails_to_identify' or 'phone_numbers_to_identify' is required"
ALIASES_REQUIRED = "'user_aliases' is required"
PRIORITIZATION_INVALID = "'prioritization' is not valid"
PROPERTIES_TOO_LARGE = "'properties' must be fewer than 102401 bytes"


def required(name: str) -> str:
    """Say that a field is missing, in the recorded form."""
    return f"'{name}' is required"


def not_valid(name: str) -> str:
    """Say that a field has a wrong value, in the recorded form."""
    return f"'{name}' is not valid"


def one_of(*names: str) -> str:
    """Say that exactly one of some fields is needed."""
    return f"exactly one of {', '.join(repr(name) for name in names)} is required"


def too_long(name: str) -> str:
    """Say that a name or a string is over 255 characters."""
    return f"'{name[:60]}' must be fewer than 256 characters"
