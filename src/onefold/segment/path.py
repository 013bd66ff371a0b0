"""Values inside JSON by a dotted path: `address.city`, `products.category`.

In: an object and a path. Out: the values there. A list on the way stands for all its elements, so
`products.category` gives the category of every product. A key that itself holds the dots wins.
"""

from collections.abc import Mapping

from onefold.model.json import JsonObject, JsonValue
from onefold.model.profile import Trait


def values_at(document: JsonObject, path: str) -> list[JsonValue]:
    """Every value at the path, null left out; [] when there is none. A list at the end stays one value."""
    if path in document or "." not in path:
        value = document.get(path)
        return [] if value is None else [value]
    found: list[JsonValue] = [document]
    for key in path.split("."):
        found = [one[key] for one in _spread(found) if isinstance(one, dict) and one.get(key) is not None]
    return found


def trait_values(traits: Mapping[str, Trait], path: str) -> list[JsonValue]:
    """The values of a trait by its name, or by a path into it; [] when it is missing or was removed."""
    if path in traits or "." not in path:
        value = traits[path].value if path in traits else None
        return [] if value is None else [value]
    name, _, rest = path.partition(".")
    value = traits[name].value if name in traits else None
    return [one for part in _spread([value]) if isinstance(part, dict) for one in values_at(part, rest)]


def trait_names(path: str) -> tuple[str, ...]:
    """The traits that `trait_values` looks at for this path."""
    name, dot, _ = path.partition(".")
    return (path, name) if dot else (path,)


def _spread(values: list[JsonValue]) -> list[JsonValue]:
    spread: list[JsonValue] = []
    for value in values:
        spread.extend(value) if isinstance(value, list) else spread.append(value)
    return spread
