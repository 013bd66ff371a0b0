"""Who would be in a segment now, before anyone is: counted over the profiles as they are.

In: a condition, the definitions that are kept already, profiles in blocks of ids. Out: a `Tally`. The
blocks are looked at spread over all ids, so that a count that has to end early is a fair sample of everyone;
the same condition looks at the same people, so that a count does not jump while somebody types.

Plain counts and revenue are known of everyone; what else a condition counts is known only if a segment that
is kept counts the very same (its aggregate is borrowed). Otherwise there are bounds (`segment/bounds.py`),
and the answer says what only a fill can tell.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import gcd

import msgspec

from onefold.model.profile import Profile
from onefold.model.segment import All, Condition, EventCondition, SegmentDefinition
from onefold.segment.bounds import narrowest, widest
from onefold.segment.compile import compile_function
from onefold.segment.features import Feature, event_conditions, features_of, key_of

BLOCK_IDS = 200
"""Ids looked at between two looks at the clock: some ten milliseconds."""
SAMPLE_PEOPLE = 10
SPREAD = 0.618
"""The golden ratio: stepping by it leaves gaps of at most three sizes, wherever one stops (Steinhaus)."""
DRAFT_ID = 0
"""No segment has it: ids begin with 1."""

Between = Callable[[int, int], Iterable[Profile]]
"""The profiles with ids first..last."""


class Question(msgspec.Struct, frozen=True):
    """A condition, ready to be asked of one profile after the other."""

    condition: Condition
    borrowed: dict[str, str]
    """Key of what the condition counts -> key under which a profile keeps the same for a segment."""
    needs: tuple[EventCondition, ...]
    """What nobody counts yet."""


class Tally(msgspec.Struct):
    """What was found among those that were looked at. Numbers of people are of those, not of everyone."""

    least: int = 0
    most: int = 0
    entering: int = 0
    leaving: int = 0
    coverage: dict[str, int] = {}
    """Of those who may be in: how many have an identifier of a kind."""
    sample: list[Profile] = []
    people_looked_at: int = 0
    ids_looked_at: int = 0
    ids: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether everyone was looked at."""
        return self.ids_looked_at >= self.ids

    def of_all(self, count: int) -> int:
        """A number of those looked at as one of everyone."""
        return count if self.is_whole else round(count * self.ids / max(self.ids_looked_at, 1))


def ask(condition: Condition, kept: Sequence[SegmentDefinition]) -> Question:
    """Make a condition ready; `kept` are the segments whose aggregates stand in the profiles."""
    draft = _draft(condition)
    known = {
        (_meaning(feature), hours): feature.key
        for definition in kept
        for feature in features_of(definition)
        for hours in {False, feature.hours}
    }
    borrowed: dict[str, str] = {}
    for feature in features_of(draft):
        key = known.get((_meaning(feature), feature.hours))
        if key is not None:
            borrowed[feature.key] = key
    needs = {
        msgspec.json.encode((one.event, one.measure, one.property, one.where)): one
        for one in event_conditions(condition)
        if (key := key_of(draft, one)).startswith("f:") and key not in borrowed
    }
    return Question(condition, borrowed, tuple(needs.values()))


def features_needed(needs: Sequence[EventCondition]) -> tuple[Feature, ...]:
    """What has to be counted to answer the conditions that `ask` says nobody counts."""
    return features_of(_draft(All(list(needs))))


def answered(question: Question) -> Question:
    """The question once what it needs stands in the profiles, under the keys of `features_needed`."""
    return msgspec.structs.replace(question, needs=())


def tally(
    question: Question,
    between: Between,
    *,
    ids: int,
    clock: int,
    segment_id: int = 0,
    is_over: Callable[[], bool],
) -> Tally:
    """Ask everyone, or as many as there is time for; at least one block.

    Args:
        question: what `ask` made.
        between: reads profiles.
        ids: the highest id of a profile.
        clock: how late it is for windows.
        segment_id: whose members enter and leave; 0: nobody's.
        is_over: asked after every block; true ends the count.
    """
    is_in_least, is_in_most = _compile(question)
    found = Tally(ids=ids)
    for first, last in blocks(ids):
        for profile in between(first, last):
            _borrow(profile, question.borrowed)
            may_be_in = is_in_most(profile, clock)
            is_in = may_be_in and (is_in_least is is_in_most or is_in_least(profile, clock))
            _add(found, profile, is_in=is_in, may_be_in=may_be_in, segment_id=segment_id)
        found.ids_looked_at += last - first + 1
        if is_over():
            break
    return found


def blocks(ids: int, size: int = BLOCK_IDS) -> Iterator[tuple[int, int]]:
    """Ranges of ids that together are 1..ids, each once, in an order that is spread over all of them."""
    count = -(-ids // size)
    step = max(round(count * SPREAD), 1)
    while count and gcd(step, count) != 1:
        step += 1
    for number in range(count):
        place = number * step % count
        yield place * size + 1, min((place + 1) * size, ids)


def _compile(question: Question) -> tuple[Callable[[Profile, int], bool], Callable[[Profile, int], bool]]:
    """The narrower and the wider condition; the same where everything is known."""
    unknown = {key_of(_draft(question.condition), one) for one in question.needs}

    def is_unknown(one: EventCondition) -> bool:
        return key_of(_draft(question.condition), one) in unknown

    narrow, wide = (bound(question.condition, is_unknown) for bound in (narrowest, widest))
    is_in_most = _decide(wide)
    return (is_in_most if narrow == wide else _decide(narrow)), is_in_most


def _decide(condition: Condition) -> Callable[[Profile, int], bool]:
    evaluate = compile_function([_draft(condition)])
    bit = 1 << DRAFT_ID
    return lambda profile, clock: bool(evaluate(profile, clock, bit, profile.mask)[0] & bit)


def _draft(condition: Condition) -> SegmentDefinition:
    return SegmentDefinition(DRAFT_ID, 0, "", condition)


def _meaning(feature: Feature) -> bytes:
    return msgspec.json.encode(
        (feature.event, feature.measure, feature.property, feature.where), order="sorted"
    )


def _borrow(profile: Profile, borrowed: Mapping[str, str]) -> None:
    for key, kept in borrowed.items():
        counter = profile.counters.get(kept)
        if counter is not None:
            profile.counters[key] = counter


def _add(found: Tally, profile: Profile, *, is_in: bool, may_be_in: bool, segment_id: int) -> None:
    found.people_looked_at += 1
    is_member = bool(segment_id and profile.mask >> segment_id & 1)
    found.least += is_in
    found.most += may_be_in
    found.entering += is_in and not is_member
    found.leaving += is_member and not may_be_in
    if not may_be_in:
        return
    for kind, values in profile.identifiers.items():
        if values:
            found.coverage[kind] = found.coverage.get(kind, 0) + 1
    if len(found.sample) < SAMPLE_PEOPLE:
        found.sample.append(profile)
