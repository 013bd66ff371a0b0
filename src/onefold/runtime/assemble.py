"""Puts the web role together on one data directory; the CLI does the same when no server runs.

In: the directory, the settings, the environment (for the secret key). Out: `Web`: the application and
what must be closed.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

import msgspec

from onefold import __version__
from onefold.api import ApiLimits, Workspace, api_app
from onefold.api.identity import reconcile_identity
from onefold.api.inward_runs import ask_due
from onefold.api.segments import put_segment
from onefold.backends.embedded.base import find_base
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.audit import AuditStore
from onefold.backends.embedded.control.callers import CallerStore
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.control.decisions import DecisionStore, RunRequestStore
from onefold.backends.embedded.control.identity import IdentityStore
from onefold.backends.embedded.control.mail_wishes import MailWishStore
from onefold.backends.embedded.control.saved_views import SavedViewStore
from onefold.backends.embedded.control.second_factor import SecondFactorStore
from onefold.backends.embedded.control.segments import NOT_PUT, SegmentStore
from onefold.backends.embedded.control.sources import SourceStore
from onefold.backends.embedded.control.team import TeamStore
from onefold.backends.embedded.log import EmbeddedLog
from onefold.capture import capture_app
from onefold.clock import DAY, SECOND
from onefold.errors import RequestError
from onefold.log.committer import Committer
from onefold.log.wake import Waker
from onefold.model.erasure import Removal, Removed
from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count
from onefold.model.record import Record, RecordKind
from onefold.model.run import RunKind
from onefold.observe.observatory import Observatory
from onefold.plugin.discover import find_connectors
from onefold.plugin.feedback import PushReader, find_push_reader
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import Application, front_app
from onefold.runtime.mail import send_mail
from onefold.runtime.readers import Readers
from onefold.runtime.role_file import ROLES, RoleState, read_roles
from onefold.runtime.secret_key import load_cipher
from onefold.runtime.settings import Settings
from onefold.runtime.source_directory import MemoryDirectory
from onefold.runtime.steady_clock import SteadyClock
from onefold.ui import ui_app
from onefold.unify.mention import Mentions

RETENTION_STEP_DAYS = 1
"""Records go by the day, not by the hour: a run a day is enough to look through."""
URGENT_SHARE = 0.8
"""Of the log's size limit: then whatever may go goes at the next tidying, within the hour."""


class Web:
    """The web role's parts. Make and use it inside a running event loop."""

    def __init__(
        self,
        directory: DataDirectory,
        settings: Settings,
        environ: Mapping[str, str],
        *,
        public_url: str,
        is_stopping: Callable[[], bool] = lambda: False,
        clock: SteadyClock | None = None,
    ) -> None:
        root = directory.root
        self._settings = settings
        self._clock = clock or SteadyClock()
        self._is_stopping = is_stopping
        cipher = load_cipher(root, environ)
        self._control = ControlDatabase.writer(root)
        self._log = EmbeddedLog(root, settings.log, clock=self._clock)
        self._wakers: dict[str, Waker] = {
            role: Waker(directory.wake_socket(role)) for role in ROLES if role != "web"
        }
        self._committer = Committer(self._log, settings.log, committed=self._wakers["worker"].wake)
        self._connectors = cache(find_connectors)
        self._readers = Readers(root, lambda: self._connectors().connectors)
        self._memory = MemoryDirectory(SourceStore(self._control))
        self.capture = capture_app(
            settings.capture, self._memory, self._committer, self._clock, push_readers=self._push_readers
        )
        self.workspace = self._make_workspace(
            directory,
            public_url,
            ConnectionStore(self._control, cipher),
            SecondFactorStore(self._control, cipher),
        )
        self.api = api_app(self.workspace)
        self.application: Application = front_app(self.capture, self.api, ui_app())

    def _make_workspace(
        self,
        directory: DataDirectory,
        public_url: str,
        connections: ConnectionStore,
        second_factors: SecondFactorStore,
    ) -> Workspace:
        settings, control, readers = self._settings, self._control, self._readers
        roles = partial(read_roles, directory.run)
        return Workspace(
            name=settings.server.workspace,
            version=__version__,
            public_url=public_url,
            data_dir=directory.root,
            limits=_limits(settings),
            capture=settings.capture,
            clock=self._clock,
            sources=SourceStore(control),
            callers=CallerStore(control),
            team=TeamStore(control),
            second_factors=second_factors,
            audit=AuditStore(control),
            saved_views=SavedViewStore(control),
            segments=SegmentStore(control),
            identity=IdentityStore(control),
            server_rules=settings.unify,
            connections=connections,
            connectors=self._connectors,
            delivery=readers.delivery,
            goal_runs=readers.goal_runs,
            decisions=DecisionStore(control),
            letters=readers.letters,
            mails=readers.mails,
            mail_wishes=MailWishStore(control),
            run_requests=RunRequestStore(control),
            runs=readers.runs,
            people=readers.people,
            timeline=readers.timeline,
            segment_days=readers.segment_days,
            totals=readers.totals,
            log=self._log,
            observatory=self._make_observatory(roles),
            received=readers.received,
            append=self.append,
            trim=self.trim,
            erase=self.erase,
            roles=roles,
            sources_changed=self._memory.refresh,
            wake=self._wake,
            has_mail=bool(settings.mail.host),
            send_mail=partial(send_mail, settings.mail),
            oidc=settings.oidc,
            is_stopping=self._is_stopping,
        )

    def _push_readers(self) -> dict[str, PushReader]:
        """How what destinations push is read, by the kind of the source that it is for."""
        found = self._connectors().connectors.values()
        readers = {one.info.source_kind: find_push_reader(one) for one in found}
        return {kind: reader for kind, reader in readers.items() if reader is not None}

    def _make_observatory(self, roles: Callable[[], Sequence[RoleState]]) -> Observatory:
        clock = self._clock
        return Observatory(
            self._readers.looks,
            self._readers.traces,
            roles,
            self._settings.log,
            clock=clock,
            clock_step=lambda: clock.step,
            is_stopping=self._is_stopping,
        )

    async def append(
        self,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> int:
        """Make them durable together; records without a time are received now, and none later."""
        at = self._clock()
        stamped = [_stamped(record, at) for record in records]
        return await self._committer.submit(stamped, counts, letters, mark)

    async def reconcile(self) -> None:
        """Bring what a crash left between control.db and the log to its end: definitions not yet put."""
        await reconcile_identity(self.workspace)
        for stored in await asyncio.to_thread(self.workspace.segments.page):
            if stored.put_offset == NOT_PUT:
                await put_segment(self.workspace, stored, by="onefold")

    async def tidy(self) -> None:
        """Remove what the settings no longer want kept: old dead letters, files of old imports."""
        await asyncio.to_thread(self._log.trim_letters)
        await asyncio.to_thread(self._log.fold_counters, self._settings.retention.counter_days)
        await asyncio.to_thread(self._remove_uploads)
        oldest = self._clock() - self._settings.retention.run_days * DAY
        await asyncio.to_thread(self.workspace.run_requests.forget, oldest)
        await asyncio.to_thread(self.workspace.mail_wishes.forget, oldest)
        audited = self._clock() - self._settings.retention.audit_days * DAY
        await asyncio.to_thread(self.workspace.audit.forget, audited)
        await asyncio.to_thread(self._ask_for_retention)

    def _ask_for_retention(self) -> None:
        settings, at = self._settings.log, self._clock()
        days = settings.retention_days
        if not days or self._log.offset_at(at - days * DAY) <= self._log.first():
            return
        is_urgent = settings.bytes_max and self._log.size_bytes() > settings.bytes_max * URGENT_SHARE
        oldest = at - (days + RETENTION_STEP_DAYS) * DAY
        if is_urgent or self._log.offset_at(oldest) > self._log.first():
            self.workspace.run_requests.ask(RunKind.RETENTION, "log", {}, by="onefold", at=at)
            self._wake("tasks")

    def _remove_uploads(self) -> None:
        oldest = time.time() - self._settings.retention.upload_days * DAY / SECOND
        for path in (self.workspace.data_dir / "uploads").iterdir():
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    async def trim(self, before_offset: int) -> int:
        """Delete the records before an offset; capture goes on meanwhile.

        Raises:
            RequestError: no registered base snapshot holds what they say.
        """
        base = await asyncio.to_thread(find_base, self.workspace.data_dir)
        if base is None or before_offset > base.offset + 1:
            raise RequestError(
                "log.no_base",
                "No base snapshot holds what these records say.",
                status=409,
                hint="Run retention again.",
            )
        return await asyncio.to_thread(self._log.trim, before_offset)

    async def erase(self, removal: Removal) -> Removed:
        """Take a person's events and dead letters out of the log, and views that name them.

        Capture goes on meanwhile.
        """
        events, letters = 0, list[int]()
        if removal.places:
            events = await asyncio.to_thread(self._log.erase_events, removal.places)
        if removal.keys:
            mentions = Mentions(removal.keys, self.workspace.normaliser)
            letters = await asyncio.to_thread(self._log.erase_letters, mentions)
            await asyncio.to_thread(self.workspace.saved_views.forget_naming, mentions.in_search)
        for stage, numbers in (("capture", letters), ("unify", removal.letters)):
            if numbers:
                await asyncio.to_thread(self.workspace.decisions.forget_letters, stage, numbers)
        return Removed(events, len(letters))

    async def tick(self) -> None:
        """Move the fold's clock on, so that windows expire without an event."""
        await self.append([Record(RecordKind.TICK, 0, 0, 0, b"")])

    async def run_due(self) -> None:
        """Ask for the runs whose time has come."""
        await asyncio.to_thread(ask_due, self.workspace)

    async def close(self) -> None:
        """Write what is queued, then give everything back."""
        await self.capture.close()
        await self._committer.close()
        self._log.close()
        self._readers.close()
        self._control.close()
        for waker in self._wakers.values():
            waker.close()

    def _wake(self, role: str) -> None:
        self._wakers[role].wake()


def _stamped(record: Record, at: int) -> Record:
    """Other roles look at clocks of their own, of which this one decides: nothing was received after now."""
    if 0 < record.received_at <= at:
        return record
    return msgspec.structs.replace(record, received_at=at)


def _limits(settings: Settings) -> ApiLimits:
    return ApiLimits(
        body_bytes_max=settings.server.api_body_bytes_max,
        requests_per_s=settings.server.api_requests_per_s,
        session_days=settings.security.session_days,
        link_minutes=settings.security.link_minutes,
        segments_max=settings.segments.count_max,
        metrics_public=settings.security.metrics_public,
        retention_days=settings.log.retention_days,
        log_bytes_max=settings.log.bytes_max,
    )
