"""Reading the values that a goal's mappings name from a profile.

In: a person, the clock. Out: one value a mapping row, in their order; None for none. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from onefold.activate.interactions import compile_seen
from onefold.activate.person import Person, decode_counters, decode_interactions, decode_traits
from onefold.clock import day_of, to_iso
from onefold.model.interaction import Interactions
from onefold.model.json import JsonValue
from onefold.model.mapping import (
    ConsentValue,
    CounterValue,
    IdentifierValue,
    InteractionsValue,
    InteractionValue,
    SeenValue,
    SegmentsValue,
    SegmentValue,
    TemplateValue,
    TextValue,
    TraitValue,
    ValueSource,
)
from onefold.model.mapping import Mapping as Row
from onefold.model.profile import NEVER, Counter, Trait, latest
from onefold.plugin import Refusal
from onefold.plugin.template import TemplateFaultError, check_template, compile_template

VARIABLES = ("traits", "identifiers", "counters", "first_seen", "last_seen")
"""What templates may name."""


class _Source:
    """A person with traits, counters and interactions decoded once, if a row asks."""

    __slots__ = ("_counters", "_interactions", "_traits", "_variables", "clock", "names", "person")

    def __init__(self, person: Person, clock: int, names: Mapping[int, str]) -> None:
        self.person = person
        self.clock = clock
        self.names = names
        self._variables: dict[str, JsonValue] | None = None
        self._traits: dict[str, Trait] | None = None
        self._counters: dict[str, Counter] | None = None
        self._interactions: Interactions | None = None

    @property
    def traits(self) -> dict[str, Trait]:
        if self._traits is None:
            self._traits = decode_traits(self.person.traits)
        return self._traits

    @property
    def counters(self) -> dict[str, Counter]:
        if self._counters is None:
            self._counters = decode_counters(self.person.counters)
        return self._counters

    @property
    def interactions(self) -> Interactions:
        if self._interactions is None:
            self._interactions = decode_interactions(self.person.interactions)
        return self._interactions

    @property
    def variables(self) -> dict[str, JsonValue]:
        """What templates may name."""
        if self._variables is None:
            person = self.person
            self._variables = {
                "traits": {name: one.value for name, one in self.traits.items() if one.value is not None},
                "identifiers": {kind: _identifier(person, kind) for kind in person.identifiers},
                "counters": {
                    key[2:]: _total(self.counters, key, None) for key in self.counters if key.startswith("c:")
                },
                "first_seen": to_iso(person.first_seen),
                "last_seen": to_iso(person.last_seen),
            }
        return self._variables


Reader = Callable[[_Source], JsonValue]


NO_NAMES: Mapping[int, str] = {}


def needs_names(rows: Sequence[Row]) -> bool:
    """Whether a row tells segments by their names."""
    return any(isinstance(row.source, SegmentsValue) for row in rows)


def compile_mappings(rows: Sequence[Row]) -> Callable[..., list[JsonValue]]:
    """A function that reads all rows of a person at a clock; a value may be a `Refusal`.

    Its third argument are the names of segments, for rows that tell them.
    """
    readers = [_compile(row.source) for row in rows]

    def read(person: Person, clock: int, names: Mapping[int, str] = NO_NAMES) -> list[JsonValue]:
        source = _Source(person, clock, names)
        return [reader(source) for reader in readers]

    return read


def _compile(source: ValueSource) -> Reader:
    match source:
        case TraitValue(trait=name):
            return lambda one: _trait(one.traits, name)
        case IdentifierValue(identifier=kind):
            return lambda one: _identifier(one.person, kind)
        case SegmentValue(segment_id=segment_id):
            return lambda one: one.person.is_member(segment_id)
        case SegmentsValue(segment_ids=ids):
            return lambda one: _segments(one, ids)
        case ConsentValue(purpose=purpose):
            return lambda one: _consent(one.person, purpose)
        case InteractionsValue() | InteractionValue():
            read_seen = compile_seen(source)
            return lambda one: read_seen(one.interactions, one.clock)
        case TemplateValue(template=template):
            return _compile_template(template)
        case TextValue(text=text):
            return lambda _: text
        case SeenValue(which="first"):
            return lambda one: to_iso(one.person.first_seen)
        case SeenValue():
            return lambda one: None if one.person.last_seen == NEVER else to_iso(one.person.last_seen)
        case CounterValue():
            return _compile_counter(source)


def _compile_counter(source: CounterValue) -> Reader:
    key = f"c:{source.event}"
    if source.measure == "revenue":
        key = f"s:{source.event}:revenue:{source.currency}"
    days = source.days
    return lambda one: _total(one.counters, key, day_of(one.clock) - days if days else None)


def _trait(traits: Mapping[str, Trait], name: str) -> JsonValue:
    found = traits.get(name)
    return None if found is None else found.value


def _identifier(person: Person, kind: str) -> JsonValue:
    values = person.identifiers.get(kind)
    return latest(values) if values else None


def _compile_template(source: str) -> Reader:
    """One that cannot be used is refused for everyone."""
    if problem := check_template(source, VARIABLES):
        refusal = _refuse_template(problem)
        return lambda _: refusal
    render = compile_template(source)

    def read(one: _Source) -> JsonValue | Refusal:
        try:
            return render(one.variables)
        except TemplateFaultError as error:
            return _refuse_template(str(error))

    return read


def _refuse_template(reason: str) -> Refusal:
    hint = "Mend the template of the mapping, or guard it: {{ traits.age | default(0) | int + 1 }}."
    return Refusal("activate.template", "", reason, hint)


def _consent(person: Person, purpose: str) -> JsonValue:
    found = person.consents.get(purpose)
    return "unset" if found is None else str(found.state)


def _segments(one: _Source, ids: Sequence[int]) -> JsonValue:
    """In the order of ids, which stays: a list that was only put in another order is no change."""
    return [
        name
        for segment_id, name in sorted(one.names.items())
        if (not ids or segment_id in ids) and one.person.is_member(segment_id)
    ]


def _total(counters: Mapping[str, Counter], key: str, after_day: int | None) -> JsonValue:
    """Exact: amounts are whole numbers or decimals."""
    counter = counters.get(key)
    if counter is None:
        return 0
    total: int | Decimal = sum(
        amount for day, amount in counter.days.items() if after_day is None or day > after_day
    )
    return total
