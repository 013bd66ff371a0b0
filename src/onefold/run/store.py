"""What running long work needs of a store. Suites for backends: `tests/unit/run`."""

from collections.abc import Sequence
from typing import Protocol

from onefold.model.run import Run


class RunStore(Protocol):
    """Runs by id; one writer a workspace."""

    def claim(self, run: Run) -> tuple[Run, int] | None:
        """Begin or go on with a run: it as it now stands, and its position; None when it has ended."""
        ...

    def save(self, run: Run, position: int) -> None:
        """Progress or end, with where to go on; durable when it returns."""
        ...

    def find(self, run_id: str) -> Run | None:
        """One run."""
        ...

    def ended(self, run_ids: Sequence[str]) -> set[str]:
        """Those that need no more work."""
        ...
