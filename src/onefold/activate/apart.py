"""What of a person stands apart at a destination, until it is joined there.

Such a merge cannot be undone, and what was learned about a person a moment ago may be taken back: so it is
noted with the time until which it is held, and asked about again then. A while after the merge, fields
without a value are removed once more, for the destination fills gaps from what it joined. All of it is kept
as marks of a ledger of its own, a time each, so a restart goes on.
"""

from collections.abc import Iterable, Sequence

from onefold.activate.ledger import LedgerBook
from onefold.activate.store import Writes
from onefold.clock import SECOND
from onefold.plugin.contract import Apart, Draft

RETELL = ""
"""Marks when to remove once more what the merge may have filled in; nothing that stands apart has no name."""
SETTLE = 600 * SECOND
"""Braze takes seconds to minutes for a merge, and says not when it is done."""
LOOK_EVERY = 10 * SECOND
"""Between two looks at all that is held."""
FAR = 2**62
"""Later than any time."""
_LEDGERS = 2**40
"""Far from any other ledger."""


class Holds:
    """Of one connection."""

    def __init__(self, connection_id: int) -> None:
        self.ledger_id = -_LEDGERS - connection_id
        self.is_used = False
        """Whether anything is held; most connections never hold anything."""
        self.next_at = 0
        """When to look at all that is held; at once after a start."""
        self._noted_at = FAR

    def take(
        self, book: LedgerBook, writes: Writes, profile_id: int, apart: Sequence[Apart], now: int
    ) -> list[Draft]:
        """Of what stands apart, that which was held long enough; the rest is noted."""
        marks = book.expected(self.ledger_id, profile_id) if self.is_used else {}
        taken: list[Draft] = []
        for one in apart:
            at = marks.get(one.name, now + one.hold_s * SECOND)
            if at <= now:
                taken.append(one.draft)
                self._note(book, writes, profile_id, one.name, None)
                self._note(book, writes, profile_id, RETELL, now + SETTLE)
            elif one.name not in marks:
                self._note(book, writes, profile_id, one.name, at)
        return taken

    def drop(self, book: LedgerBook, writes: Writes, profile_ids: Iterable[int], now: int) -> None:
        """Forget what was due: it was asked about, whatever became of it."""
        for profile_id in profile_ids:
            for name, at in list(book.expected(self.ledger_id, profile_id).items()):
                if at <= now:
                    self._note(book, writes, profile_id, name, None)

    def rest(self, earliest: int, now: int) -> None:
        """All was looked at; the next is due then."""
        self.next_at = max(min(earliest, self._noted_at), now + LOOK_EVERY)
        self._noted_at = FAR

    def _note(self, book: LedgerBook, writes: Writes, profile_id: int, name: str, at: int | None) -> None:
        if at is not None:
            self.is_used = True
            self.next_at = min(self.next_at, at)
            self._noted_at = min(self._noted_at, at)
        elif not self.is_used:
            return
        book.note(self.ledger_id, profile_id, {name: at}, writes)
