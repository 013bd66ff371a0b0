"""What is wrong with a template: when it is kept, or for one person.

Standing alone, so that filters and rendering can both raise it.
"""


class TemplateFaultError(Exception):
    """`field` is the value that it is about, such as `profile.traits.plan`; empty where there is none."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotJsonError(TemplateFaultError):
    """What a template of a JSON body makes is no JSON."""
