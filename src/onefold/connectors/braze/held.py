"""What Braze holds already: the type that each custom attribute has, and so the only one it will take.

Braze fixes the type of a name by the first value that it ever receives; what cannot become that type later
is ignored without a word. So values are brought into it here, or refused where someone sees it.

In: pages of GET /custom_attributes. Out: a value in the type, or a refusal. A key without the permission
`custom_attributes.get` (or a Braze without the endpoint) leaves all types unknown: then nothing is refused.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus

import msgspec

from onefold.connectors.braze.limits import ATTRIBUTE_PAGES_MAX
from onefold.connectors.braze.permissions import ATTRIBUTES, raise_for_setup
from onefold.connectors.braze.values import WrongValueError, as_boolean, as_list, as_number, as_text, as_time
from onefold.errors import ConnectorError, TransientError
from onefold.model.json import JsonValue
from onefold.plugin import Refusal
from onefold.plugin.http import HttpClient


class Attribute(msgspec.Struct, frozen=True):
    """One custom attribute, as Braze lists it."""

    name: str
    data_type: str | None = None
    status: str = "Active"
    description: str | None = None

    @property
    def type(self) -> str:
        """Such as `number` or `object array`: lower case, without what Braze adds in brackets."""
        return (self.data_type or "").partition("(")[0].strip().lower()


class _Page(msgspec.Struct, frozen=True):
    attributes: list[Attribute] = []


_decode = msgspec.json.Decoder(_Page).decode


async def attribute_pages(http: HttpClient) -> AsyncIterator[list[Attribute]]:
    """All custom attributes that Braze knows, page by page.

    Raises:
        ConnectorError: it does not tell.
    """
    path = ATTRIBUTES.path
    for _ in range(ATTRIBUTE_PAGES_MAX):
        answer = await http.request("GET", path)
        raise_for_setup(answer, ATTRIBUTES)
        if answer.status != HTTPStatus.OK:
            raise ConnectorError(
                "acquire.braze.refused",
                f"Braze does not tell its custom attributes: it answered {answer.status}.",
                hint="Test the connection: it shows what the key may do.",
            )
        try:
            page = _decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise TransientError(
                "acquire.braze.no_json", "Braze answered something that is no list of custom attributes."
            ) from error
        yield page.attributes
        path = answer.next_path
        if not path:
            return


class Held:
    """Types by name; those of no custom attribute, and unknown ones, are left as they are."""

    def __init__(self) -> None:
        self.types: Mapping[str, str] = {}
        """As `Attribute.type` has them."""
        self.blocklisted: frozenset[str] = frozenset()

    def fit(self, field: str, value: JsonValue) -> JsonValue | Refusal:
        """The value in the type that the attribute has."""
        if value is None:
            return None
        if field in self.blocklisted:
            return Refusal(
                "activate.braze.blocklisted",
                field,
                "Braze has this attribute on its blocklist and would keep nothing of it.",
                "Take it off the blocklist in Braze (Data Settings), or take the row out of the mapping.",
            )
        held = self.types.get(field, "")
        cast = _CASTS.get(held)
        if cast is None:
            return value
        try:
            return cast(value)
        except WrongValueError:
            return Refusal(
                "activate.braze.type",
                field,
                f"Braze holds this attribute as {held}, and would ignore a value that is none.",
                "State that type in the mapping and correct the value at its source, or map it to another "
                "attribute: the type of a name in Braze stays.",
            )


async def learn_held(http: HttpClient, held: Held) -> None:
    """Read all pages; what cannot be read leaves what was known."""
    try:
        found = [one async for page in attribute_pages(http) for one in page]
    except ConnectorError:
        return
    held.types = {one.name: one.type for one in found}
    held.blocklisted = frozenset(one.name for one in found if one.status.lower().startswith("block"))


def _objects(value: JsonValue) -> JsonValue:
    items = as_list(value)
    if not all(isinstance(item, dict) for item in items):
        raise WrongValueError("a list of objects")
    return items


def _plain_list(value: JsonValue) -> JsonValue:
    items = as_list(value)
    if any(isinstance(item, dict) for item in items):
        raise WrongValueError("a list of plain values")
    return items


def _object(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        raise WrongValueError("an object")
    return value


def _scalar_text(value: JsonValue) -> JsonValue:
    if isinstance(value, dict | list):
        raise WrongValueError("a text")
    return as_text(value)


_CASTS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "string": _scalar_text,
    "number": as_number,
    "boolean": as_boolean,
    "time": as_time,
    "date": as_time,
    "array": _plain_list,
    "object": _object,
    "object array": _objects,
}
