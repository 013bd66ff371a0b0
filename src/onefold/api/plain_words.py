"""What the decoder of bodies objects to, in words for people: it speaks of types, bounds and patterns.

In: its message. Out: what to give instead; the message itself where we have no better words.
"""

import re

from onefold.api.name import NAME_PATTERN, NAME_RULE
from onefold.model.mail import ADDRESS
from onefold.model.schedule import TIME_OF_DAY

_FORMS = {
    NAME_PATTERN: f"{NAME_RULE}.",
    ADDRESS: "Give an e-mail address.",
    TIME_OF_DAY: "Give a time of 24 hours, such as 08:00.",
}
_BOUND = re.compile(
    r"^Expected `(int|float|str|array|object)[^`]*`(?P<of> of length)? (?P<than><=|>=) (?P<bound>\d+)$"
)
_TYPE = re.compile(r"^Expected `(?P<wanted>[a-z]+)[^`]*`, got `")
_WANTED = {
    "int": "Give a whole number.",
    "float": "Give a number.",
    "str": "Give a text.",
    "bool": "Give true or false.",
    "array": "Give a list.",
    "object": "Give an object.",
}


def in_plain_words(message: str) -> str:
    """What is wrong, for whoever fills in a form."""
    if form := message.partition("matching regex ")[2]:
        return next(
            (words for pattern, words in _FORMS.items() if repr(pattern) == form),
            "It has not the right form.",
        )
    if found := _BOUND.match(message):
        return _words_of_bound(
            found[1], int(found["bound"]), is_length=bool(found["of"]), is_most=found["than"] == "<="
        )
    if found := _TYPE.match(message):
        return _WANTED.get(found["wanted"], message)
    return message


def _words_of_bound(kind: str, bound: int, *, is_length: bool, is_most: bool) -> str:
    if not is_length:
        return f"Give at {'most' if is_most else 'least'} {bound:,}."
    unit = "" if kind != "str" else " character" if bound == 1 else " characters"
    if is_most:
        return f"At most {bound:,}{unit} fit."
    return f"Give at least {bound:,}{unit}."
