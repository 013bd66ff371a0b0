"""What a mapping tells of the messages and content that a person saw.

In: the interactions of a profile, a source, the clock. Out: a list of names or ids, or whether one was seen.
Windows go by whole days of UTC, as those of counters do. Pure.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from onefold.clock import day_of
from onefold.model.interaction import Interaction, Interactions
from onefold.model.json import JsonValue
from onefold.model.mapping import InteractionsValue, InteractionValue

Asked = InteractionsValue | InteractionValue


def compile_seen(source: Asked) -> Callable[[Interactions, int], JsonValue]:
    """Reads what was seen by a clock: a list, or whether one was."""
    return _compile_list(source) if isinstance(source, InteractionsValue) else _compile_one(source)


def _compile_list(source: InteractionsValue) -> Callable[[Interactions, int], JsonValue]:
    """None where nothing was seen, so that whoever never saw anything costs nothing."""
    are_ids = source.what == "ids"

    def read(interactions: Interactions, clock: int) -> JsonValue:
        # What ties in time is told in one order, or a list would change by itself.
        found = sorted(
            ((one.last, one_id, one) for one_id, one in _asked(source, interactions, clock)),
            key=lambda seen: seen[:2],
            reverse=True,
        )
        words = dict.fromkeys(one_id if are_ids else _name(one_id, one) for _, one_id, one in found)
        return list(islice(words, source.limit)) or None

    return read


def _compile_one(source: InteractionValue) -> Callable[[Interactions, int], bool]:
    def read(interactions: Interactions, clock: int) -> bool:
        return any(
            one_id == source.interaction_id if source.interaction_id else _name(one_id, one) == source.name
            for one_id, one in _asked(source, interactions, clock)
        )

    return read


def _name(interaction_id: str, one: Interaction) -> str:
    """Its id stands for what nobody named."""
    return one.name or interaction_id


def _asked(source: Asked, interactions: Interactions, clock: int) -> Iterator[tuple[str, Interaction]]:
    """Those of the channel and the window that a source asks for."""
    channel = source.channel.strip().lower()
    after = day_of(clock) - source.days if source.days else None
    for one_channel, ones in interactions.items():
        if channel and one_channel != channel:
            continue
        for one_id, one in ones.items():
            if after is None or day_of(one.last) > after:
                yield one_id, one
