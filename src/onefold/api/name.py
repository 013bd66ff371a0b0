"""What a source, a segment or a token may be called: something that stands in an address and in a line."""

import re
from typing import Annotated

from msgspec import Meta

NAME_CHARS_MAX = 100
NAME_PATTERN = r"^[^\s/\x00-\x1f\x7f]([^/\x00-\x1f\x7f]*[^\s/\x00-\x1f\x7f])?$(?!\n)"
NAME_RULE = "A name has no slash, no control characters, and no space at its beginning or end"
"""In words, for whom the pattern says nothing."""
Name = Annotated[
    str, Meta(min_length=1, max_length=NAME_CHARS_MAX, pattern=NAME_PATTERN, description=f"{NAME_RULE}.")
]


def is_name(text: str) -> bool:
    """Whether something may be called so."""
    return len(text) <= NAME_CHARS_MAX and re.match(NAME_PATTERN, text) is not None
