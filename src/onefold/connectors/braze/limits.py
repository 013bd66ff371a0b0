"""Braze's documented limits, in one place. Source: user objects and API limits, July 2026."""

EXTERNAL_ID_BYTES_MAX = 987
ALIAS_BYTES_MAX = 236
TEXT_CHARS_MAX = 255
"""Names of attributes, events, properties and products, and every text value."""
LIST_ITEMS_MAX = 500
VALUE_BYTES_MAX = 102_400
"""Of an object or list on a profile, and of all properties of an event."""
PROPERTIES_MAX = 256
"""Names an event: Braze keeps the first ones, we keep room for our own."""
QUANTITY_MAX = 100
IMAGE_URL_CHARS_MAX = 1024
MERGE_OBJECTS_MAX = 50
TRACK_OBJECTS_MAX = 75
IDENTIFY_OBJECTS_MAX = 50
DELETE_OBJECTS_MAX = 50
RENAME_OBJECTS_MAX = 50
RENAME_MINUTE_MAX = 1_000
ATTRIBUTE_PAGES_MAX = 200
"""10,000 names; the endpoint takes 1,000 requests an hour, shared with others."""
REQUEST_BYTES_MAX = 4_000_000
"""4 MB, read as the smaller million."""
INTEGER_MAX = 2**63 - 1
DEPTH_MAX = 40
"""Nothing is documented; deeper values are nobody's data."""
YEAR_MAX = 3000
"""A later time is kept as a text, or not at all."""
TRACK_BURST_MAX = 3_000
TRACK_BURST_S = 3.0
"""/users/track under a contract for data points."""
IDENTITY_MINUTE_MAX = 20_000
"""identify, alias/new, alias/update, merge and delete together."""
PAUSE_S_MAX = 60.0
"""Longest pause for a limit that Braze says is used up, before it is asked again."""
