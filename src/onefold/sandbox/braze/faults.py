"""Failures on demand: error statuses, 429 storms, slowness, broken connections, a success that is none.

In: rules posted by a test or a rehearsal. Out: for each request the first rule that strikes. A rule
strikes the next N matching requests, or a share of them drawn from a seeded generator, and either
instead of the work or after it.
"""

from __future__ import annotations

import random
from typing import Literal, get_args

import msgspec

FAULTS_MAX = 100
# These strike the next segment export or delivery of engagement events, not a request.
WorkFault = Literal[
    "export_slow",
    "export_fail",
    "export_broken_line",
    "export_missing_file",
    "export_expired_url",
    "export_callback",
    "currents_duplicate",
    "currents_added_field",
]
WORK_FAULTS: frozenset[str] = frozenset(get_args(WorkFault))


class Fault(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One rule; `when` says whether the work is left undone ("before") or done and then denied ("after")."""

    kind: Literal["status", "throttle", "slow", "reset", "message"] | WorkFault
    path: str | None = None
    rate: float = 1.0
    next: int | None = None
    when: Literal["before", "after"] = "before"
    status: int = 503
    message: str | None = None
    delay_ms: float = 1_000.0
    retry_after_s: int = 1
    struck: int = 0

    def __post_init__(self) -> None:
        """Refuse rules that cannot be carried out."""
        if not 0.0 <= self.rate <= 1.0:
            raise ValueError("rate must be between 0 and 1")
        if self.next is not None and self.next < 1:
            raise ValueError("next must be at least 1")
        if not 400 <= self.status <= 599:
            raise ValueError("status must be between 400 and 599")
        if not 0 <= self.delay_ms <= 600_000:
            raise ValueError("delay_ms must be between 0 and 600000")


class Faults:
    """The active rules, in the order in which they were added."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.rules: list[Fault] = []
        self.struck_total = 0

    def add(self, rule: Fault) -> None:
        """Add a rule after the others."""
        if len(self.rules) >= FAULTS_MAX:
            raise ValueError(f"at most {FAULTS_MAX} rules")
        self.rules.append(rule)

    def clear(self) -> None:
        """Remove all rules."""
        self.rules.clear()

    def strike(self, path: str) -> Fault | None:
        """Return the first rule that strikes this request; spent rules go."""
        matching = [
            rule
            for rule in self.rules
            if rule.kind not in WORK_FAULTS and (rule.path is None or rule.path == path)
        ]
        return self._strike_first(matching)

    def strike_work(self, kind: WorkFault) -> Fault | None:
        """Return the first rule of a kind that strikes work beside the requests."""
        return self._strike_first([rule for rule in self.rules if rule.kind == kind])

    def _strike_first(self, matching: list[Fault]) -> Fault | None:
        for rule in matching:
            if rule.rate < 1.0 and self._rng.random() >= rule.rate:
                continue
            rule.struck += 1
            self.struck_total += 1
            if rule.next is not None:
                rule.next -= 1
                if rule.next == 0:
                    self.rules.remove(rule)
            return rule
        return None
