"""A comparison: what a destination really holds of people, beside its ledger and what a goal would send.

Kept with its run (`model/goal_run.py`): counts of people and of fields, and how far it has come. Samples of
people, with values, are kept apart, since they hold personal data.
"""

from enum import StrEnum

import msgspec

SAMPLE_DEFAULT = 1000
SAMPLE_MAX = 100_000
"""Of more, all of them can as well be read."""


class FieldState(StrEnum):
    """How what the destination holds in a field stands to what the goal would send."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    """The goal has a value, and the destination has none."""
    UNEXPECTED = "unexpected"
    """The destination has a value, and the goal has none."""
    REFUSED = "refused"
    """The goal's value cannot be sent, or was refused by the destination: there is nothing to compare."""


class FieldCounts(msgspec.Struct):
    """People by how a field of theirs stands."""

    same: int = 0
    differs: int = 0
    missing: int = 0
    unexpected: int = 0
    refused: int = 0
    drifted: int = 0
    """Of those that are not the same, where the ledger says otherwise: somebody else changed it there."""

    def add(self, state: FieldState, *, drifted: bool) -> None:
        """Count one person."""
        name = str(state)
        setattr(self, name, getattr(self, name) + 1)
        self.drifted += drifted


class Wish(msgspec.Struct, frozen=True):
    """What to compare."""

    sample: int = 0
    """So many people at most, evenly spread over all; 0: everyone."""
    repairs: bool = False
    """What was read becomes the truth of the ledger, and what differs is sent."""
    is_first: bool = False
    """Before the goal compares people with the ledger: what was read becomes its truth, too, and everyone
    whom the goal is for is read. The goal itself sends what differs, afterwards."""


class Comparison(msgspec.Struct):
    """What was asked for, and what was found: people = same + differing + missing + all `left_out`."""

    wish: Wish = Wish()
    is_sample: bool = False
    """There are more people than were asked for."""
    version: int = 0
    """Of the goal that people are compared for."""
    last_id: int = 0
    """The highest profile id as it began: a sample is spread up to here."""
    windows_done: int = 0
    """Of a sample: how many of its windows of ids were read."""
    people: int = 0
    same: int = 0
    """Nothing of theirs would be sent."""
    differing: int = 0
    missing: int = 0
    """The destination does not know them."""
    left_out: dict[str, int] = {}
    """Why others were not compared: code -> people."""
    fields: dict[str, FieldCounts] = {}
    unread: list[str] = []
    """Mapped fields that the destination does not tell."""
    samples: int = 0
    """People kept to look at."""
    fault: str = ""
    """Why it could not go on, in words."""

    def leave_out(self, code: str, count: int = 1) -> None:
        """Count people who are not compared."""
        self.people += count
        self.left_out[code] = self.left_out.get(code, 0) + count

    @property
    def words(self) -> str:
        """The result in a sentence."""
        read = self.same + self.differing
        found = f"{self.people:,} people: {read:,} read back, {self.missing:,} not there"
        if self.left_out:
            found += f", {sum(self.left_out.values()):,} left out"
        return f"{found}. {self.differing:,} of those read back differ."


class Difference(msgspec.Struct, frozen=True):
    """One person of a comparison to look at: holds personal data, and goes with its run."""

    run: int
    profile_id: int
    body: bytes
    """JSON: [{field, state, ours, theirs}]; of someone who is not there, `theirs` is null throughout."""
