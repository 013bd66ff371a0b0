"""Numbers that are given once: of requests and of runs, unique among all connections."""


class Numbers:
    """The next number; shared by all couriers."""

    def __init__(self, start: int) -> None:
        self.next = start

    def take(self, count: int) -> int:
        """The first of `count` new numbers."""
        first = self.next
        self.next += count
        return first
