"""What the routes work with: put together by `runtime`, handed to each route as `workspace`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from litestar.di import NamedDependency

from onefold.backends.embedded.control.audit import AuditStore
from onefold.backends.embedded.control.callers import CallerStore
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.control.decisions import DecisionStore, RunRequestStore
from onefold.backends.embedded.control.identity import IdentityStore
from onefold.backends.embedded.control.mail_wishes import MailWishStore
from onefold.backends.embedded.control.saved_views import SavedViewStore
from onefold.backends.embedded.control.second_factor import SecondFactorStore
from onefold.backends.embedded.control.segments import SegmentStore
from onefold.backends.embedded.control.sources import SourceStore
from onefold.backends.embedded.control.team import TeamStore
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.event_totals import EmbeddedEventTotals
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.letters import EmbeddedLetters
from onefold.backends.embedded.mails import EmbeddedMailReader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.segment_days import EmbeddedSegmentDays
from onefold.backends.embedded.tasks import EmbeddedRunReader
from onefold.backends.embedded.timeline import EmbeddedTimeline
from onefold.capture.settings import CaptureSettings
from onefold.clock import Clock
from onefold.log.log import LogReader
from onefold.model.erasure import Removal, Removed
from onefold.model.event import Event
from onefold.model.identity_rules import IdentityRules
from onefold.model.letter import Letter
from onefold.model.mail import Mail
from onefold.model.mark import Mark
from onefold.model.oidc_settings import OidcSettings
from onefold.model.outcome import Count
from onefold.model.record import Record
from onefold.observe.observatory import Observatory
from onefold.observe.received import Identify
from onefold.observe.received_store import ReceivedStore
from onefold.observe.store import RoleStatus
from onefold.pipeline.worker import make_finder, make_normaliser, make_reader
from onefold.plugin.discover import Found
from onefold.unify.identify import Identifiers
from onefold.unify.normalise import Normaliser
from onefold.unify.read import Reader


class Append(Protocol):
    """Makes records, counts and dead letters durable together."""

    async def __call__(
        self,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> int:
        """The last offset of the group they were written with; raises StorageError when that cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """What the settings say to the API."""

    body_bytes_max: int
    requests_per_s: int
    session_days: int
    link_minutes: int
    segments_max: int
    metrics_public: bool
    retention_days: int = 0
    log_bytes_max: int = 0


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace, as the API sees it."""

    name: str
    version: str
    public_url: str
    data_dir: Path
    limits: ApiLimits
    capture: CaptureSettings
    """By which a replayed dead letter is judged."""
    clock: Clock
    sources: SourceStore
    callers: CallerStore
    team: TeamStore
    second_factors: SecondFactorStore
    audit: AuditStore
    saved_views: SavedViewStore
    segments: SegmentStore
    identity: IdentityStore
    server_rules: IdentityRules
    """Those of the settings: they hold where the workspace sets nothing."""
    connections: ConnectionStore
    connectors: Callable[[], Found]
    """Those installed; the first call loads them."""
    delivery: EmbeddedDeliveryStatus
    goal_runs: EmbeddedGoalRuns
    decisions: DecisionStore
    letters: EmbeddedLetters
    mails: EmbeddedMailReader
    mail_wishes: MailWishStore
    run_requests: RunRequestStore
    runs: EmbeddedRunReader
    people: EmbeddedPeople
    timeline: EmbeddedTimeline
    segment_days: EmbeddedSegmentDays
    totals: EmbeddedEventTotals
    observatory: Observatory
    received: ReceivedStore
    log: LogReader
    append: Append
    trim: Callable[[int], Awaitable[int]]
    """Deletes the records before an offset; returns how many went."""
    erase: Callable[[Removal], Awaitable[Removed]]
    """Takes a person's events and dead letters out of the log."""
    roles: Callable[[], Sequence[RoleStatus]]
    """Each role as it is now."""
    sources_changed: Callable[[], None]
    """Capture keeps sources in memory: it looks again."""
    wake: Callable[[str], None]
    """Tells a role that control.db changed."""
    has_mail: bool
    """Whether a mail server is set."""
    send_mail: Callable[[Mail], Awaitable[None]]
    """Raises an OnefoldError that says what is wrong."""
    oidc: OidcSettings = field(default_factory=OidcSettings)
    """Who else than us says who somebody is."""
    is_stopping: Callable[[], bool] = field(default=lambda: False)
    """Streams end themselves when the server drains."""

    @property
    def rules(self) -> IdentityRules:
        """The rules of identity by which the worker reads. One query."""
        held = self.people.identity()
        return held.rules if held else self.server_rules

    @property
    def normaliser(self) -> Normaliser:
        """What identifiers look like in their stored form, for who looks for somebody."""
        return make_finder(self.rules)

    def make_reader(self) -> Reader:
        """One that reads events as the worker does, from now on."""
        return make_reader(self.rules)

    def make_identify(self) -> Identify:
        """What tells which identifiers an event carries."""
        rules = self.rules
        normaliser = make_normaliser(rules)

        def identify(event: Event) -> list[str]:
            # One an event: what it remembers is for one thread.
            return [one.key for one in Identifiers(normaliser, rules.trait_identifiers).of(event)[1]]

        return identify


Here = NamedDependency[Workspace]
"""The type of a route's parameter `workspace`."""
