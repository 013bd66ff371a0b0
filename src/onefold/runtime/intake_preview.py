"""What an import goal would change: its first rows compared with the profiles that there are.

In: a run of kind INTAKE_PREVIEW. Out: a report, kept with the run; nothing is appended. Braze has to write
the export all the same: it cannot be asked for a part of a segment.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import islice

import msgspec

from onefold.acquire.intake import Built, RowBuilder, RowFault
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.model.intake import Intake, Row
from onefold.model.json import JsonValue
from onefold.model.profile import Profile, decode_profile, encode_profile
from onefold.pipeline.worker import make_normaliser
from onefold.plugin.origin import BadRow
from onefold.run.progress import Progress
from onefold.runtime.intake_work import Hands, begun, open_intake
from onefold.runtime.work_tools import Tools, check
from onefold.unify.normalise import Normaliser
from onefold.unify.traits import Origin, Strategy, Write, make_trait, write_trait

ROWS_MAX = 2000
"""Enough to see what a mapping does; more would make people wait."""
SAMPLES_MAX = 10
Key = tuple[str, str]


class Change(msgspec.Struct, frozen=True):
    """One trait of one person, before and after."""

    trait: str
    before: JsonValue
    after: JsonValue


class Sample(msgspec.Struct, frozen=True):
    """One row: whose it is (0: a new person), and what it changes."""

    identifiers: dict[str, JsonValue]
    profile_id: int
    changes: list[Change]


class Report(msgspec.Struct):
    """What the first rows would do."""

    rows: int = 0
    matched: int = 0
    new: int = 0
    """People that would be created."""
    unmatched: int = 0
    """Rows that match nobody, and are left out."""
    without_identifier: int = 0
    rejected: int = 0
    is_whole: bool = False
    """Whether these are all rows that there are."""
    changes: dict[str, int] = {}
    """Trait -> people for whom it would change."""
    reasons: dict[str, int] = {}
    """Why rows were rejected."""
    samples: list[Sample] = []


def preview(progress: Progress, tools: Tools) -> str:
    """The work of the run."""
    with open_intake(progress, tools) as (origin, goal, intake):
        hands = Hands(progress)
        ticket = begun(origin, goal, hands)
        rows = (row for page in origin.read(goal, ticket, 0, hands) for row in page.rows)
        taken = list(islice(rows, ROWS_MAX))
        is_whole = next(rows, None) is None
    check(progress)
    normaliser = make_normaliser(tools.rules().now)
    people = EmbeddedPeople(tools.directory.root)
    try:
        report = _Preview(intake, normaliser, people, ticket.started_at).run(taken)
    finally:
        people.close()
    report.is_whole = is_whole
    progress.note(preview=msgspec.json.encode(report).decode())
    progress.report(report.rows, report.rows, "people")
    some = "" if is_whole else "first "
    return (
        f"Of the {some}{report.rows:,} rows {report.matched:,} match a profile, {report.new:,} would be new, "
        f"{report.unmatched + report.without_identifier:,} left out, {report.rejected:,} refused."
    )


def clear_report(report: str, profile_ids: Collection[int], mentions: Callable[[bytes], bool]) -> str:
    """A report without the samples of these profiles, and those that name their person; numbers stay."""
    found = msgspec.json.decode(report, type=Report)
    kept = [
        sample
        for sample in found.samples
        if sample.profile_id not in profile_ids and not mentions(msgspec.json.encode(sample))
    ]
    if len(kept) == len(found.samples):
        return report
    found.samples = kept
    return msgspec.json.encode(found).decode()


class _Preview:
    """Works out the report."""

    def __init__(
        self, intake: Intake, normaliser: Normaliser, people: EmbeddedPeople, occurred_at: int
    ) -> None:
        self._intake = intake
        self._builder = RowBuilder(intake)
        self._normaliser = normaliser
        self._people = people
        self._origin = Origin(occurred_at, 1 << 62)
        self._report = Report()
        self._changes: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()

    def run(self, rows: Sequence[Row | BadRow]) -> Report:
        report = self._report
        report.rows = len(rows)
        built = [one for row in rows if (one := self._build(row)) is not None]
        keys = [self._keys(one) for one in built]
        holders = self._people.find_many([key for found in keys for key in found])
        ids = sorted(set(holders.values()))
        profiles = self._people.profiles(ids)
        for one, found in zip(built, keys, strict=True):
            profile_id = next((holders[key] for key in found if key in holders), 0)
            self._look(one, found, profiles.get(profile_id))
        report.changes = dict(self._changes.most_common())
        report.reasons = dict(self._reasons.most_common())
        return report

    def _build(self, row: Row | BadRow) -> Built | None:
        built = RowFault("", row.reason) if isinstance(row, BadRow) else self._builder.build(row)
        if isinstance(built, RowFault):
            self._report.rejected += 1
            self._reasons[built.reason] += 1
            return None
        return built

    def _keys(self, built: Built) -> list[str]:
        named = [
            (kind, self._normaliser.value(kind, value))
            for kind, value in built.identifiers
            if isinstance(value, str | int | float)
        ]
        return [f"{kind}:{value}" for kind, value in named if value]

    def _look(self, built: Built, keys: list[str], profile: Profile | None) -> None:
        report = self._report
        if not keys:
            report.without_identifier += 1
            return
        if profile is not None:
            report.matched += 1
        elif self._intake.create:
            report.new += 1
        else:
            report.unmatched += 1
            return
        changes = self._changed(built, profile)
        self._changes.update(change.trait for change in changes)
        if changes and len(report.samples) < SAMPLES_MAX:
            sample = Sample(dict(built.identifiers), profile.id if profile else 0, changes)
            report.samples.append(sample)

    def _changed(self, built: Built, profile: Profile | None) -> list[Change]:
        after = decode_profile(encode_profile(profile)) if profile else Profile(0, 0, 0)
        before = {name: after.trait(name) for name, _, _ in built.writes}
        for name, strategy, value in built.writes:
            trait = make_trait(Write(name, Strategy(strategy), value), self._origin)
            if trait is not None:
                write_trait(after, name, trait)
        return [
            Change(name, value, after.trait(name))
            for name, value in before.items()
            if after.trait(name) != value
        ]
