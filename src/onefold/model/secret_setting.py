"""The mark of a setting whose value is never shown."""

SECRET = {"secret": True}
"""As `extra` of the setting's `Meta`."""
