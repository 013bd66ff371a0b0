"""All that looks at a workspace, put together: what the API's routes of this package ask."""

from collections.abc import Callable

from onefold.clock import Clock, now
from onefold.log.settings import LogSettings
from onefold.observe.flow import Flow, FlowHistory, build_flow, build_history
from onefold.observe.health import Readiness, build_readiness
from onefold.observe.look import Look, Observer, Roles
from onefold.observe.metrics import render_metrics
from onefold.observe.store import FlowStore, TraceStore
from onefold.observe.ticker import Ticker
from onefold.observe.trace import Trace, trace_event


class Observatory:
    """One a web process. All but the ticker blocks for some milliseconds: call it off the event loop."""

    def __init__(
        self,
        store: FlowStore,
        traces: TraceStore,
        roles: Roles,
        log_settings: LogSettings,
        *,
        clock: Clock = now,
        clock_step: Callable[[], int] = lambda: 0,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._observer = Observer(store, roles, clock=clock, clock_step=clock_step)
        self._traces = traces
        self._roles = roles
        self._log_settings = log_settings
        self.ticker = Ticker(self.flow, is_stopping=is_stopping)

    def look(self) -> Look:
        """The workspace now."""
        return self._observer.look()

    def flow(self) -> Flow:
        """GET /api/v1/flow."""
        return build_flow(self.look(), self._log_settings)

    def history(self, minutes: int) -> FlowHistory:
        """The last full minutes."""
        is_new = not self.look().sums
        last, counts = self._observer.history(minutes)
        return build_history(last, minutes, counts, is_new=is_new)

    def metrics(self) -> bytes:
        """GET /metrics, as Prometheus reads it."""
        return render_metrics(self.look())

    def readiness(self) -> Readiness:
        """GET /readyz."""
        return build_readiness(self._observer.probe, self._roles, self._log_settings)

    def trace(self, message_id: str, source: str = "") -> Trace | None:
        """Every event with that message id, stage by stage; None if there is none."""
        return trace_event(self._traces, message_id, source)
