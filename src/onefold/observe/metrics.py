"""What Prometheus reads at /metrics: the same totals as the flow, under names of their own.

In: a `Look`. Out: text. Labels are stages, codes, roles and ids of connections and segments, so their number
is bounded by what the user defined; no names, no data of people. Documented in docs/reference/metrics.md.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from onefold.clock import SECOND
from onefold.model.outcome import Kind
from onefold.observe.flow import DOWN
from onefold.observe.look import Look
from onefold.observe.store import DATA_POINTS, STAGES

LATENCY_BOUNDS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Boundaries of the histogram: fine around the second that the design promises."""


class MetricInfo(NamedTuple):
    """A metric as it is documented."""

    name: str
    kind: str
    labels: tuple[str, ...]
    help: str


METRICS = (
    MetricInfo("onefold_items_total", "counter", ("stage", "outcome", "code"), "Items by how they ended."),
    MetricInfo("onefold_lag_records", "gauge", ("stage",), "Items that wait before a stage now."),
    MetricInfo("onefold_lag_seconds", "gauge", ("stage",), "Age of the oldest record or change that waits."),
    MetricInfo("onefold_latency_seconds", "histogram", (), "Receipt to acceptance, last five minutes."),
    MetricInfo("onefold_log_bytes", "gauge", (), "Bytes that the log uses."),
    MetricInfo("onefold_log_end", "gauge", (), "The newest offset of the log."),
    MetricInfo("onefold_disk_free_bytes", "gauge", (), "Bytes left on the disk of the data directory."),
    MetricInfo("onefold_role_up", "gauge", ("role",), "1 while the role runs."),
    MetricInfo("onefold_dead_letters", "gauge", ("stage",), "Dead letters that nobody has decided about."),
    MetricInfo("onefold_people", "gauge", ("known",), "Profiles; known: by more than an anonymous id."),
    MetricInfo("onefold_segment_people", "gauge", ("segment_id",), "Members of a segment."),
    MetricInfo("onefold_connection_up", "gauge", ("connection_id",), "1 while it delivers."),
    MetricInfo("onefold_delivered_total", "counter", ("connection_id",), "Items accepted by it."),
    MetricInfo("onefold_data_points_total", "counter", ("connection_id",), "Data points spent there."),
)  # fmt: skip


class LookCollector(Collector):
    """Makes metrics of one look."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def collect(self) -> Iterator[Metric]:
        """Every metric of `METRICS`, in that order."""
        for info in METRICS:
            yield _FILLS[info.name](info, self._look)


def render_metrics(look: Look) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LookCollector(look))
    return generate_latest(registry)


def _items(info: MetricInfo, look: Look) -> Metric:
    family = CounterMetricFamily(info.name, info.help, labels=info.labels)
    for name in STAGES:
        stage = look.stages[name]
        for kind in (Kind.PASSED, Kind.FILTERED, Kind.REJECTED):
            rest = stage.by_kind[kind]
            for (reason_kind, code), count in stage.reasons.items():
                if reason_kind is kind:
                    family.add_metric((name, kind.name.lower(), code), count)
                    rest -= count
            if rest or kind is Kind.PASSED:
                family.add_metric((name, kind.name.lower(), ""), rest)
    return family


def _lag(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    for stage in ("unify", "activate"):
        family.add_metric((stage,), look.waiting.get(stage, 0))
    return family


def _lag_seconds(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    for stage, since in (("unify", look.log.waiting_since), ("activate", look.planned_since)):
        family.add_metric((stage,), max(0, look.at - since) / SECOND if since else 0)
    return family


def _latency(info: MetricInfo, look: Look) -> Metric:
    counts = look.delivery.latencies
    buckets: list[float] = [0.0] * (len(LATENCY_BOUNDS_S) + 1)
    for longest_ms, count in counts.items():
        place = sum(longest_ms > bound * 1000 for bound in LATENCY_BOUNDS_S)
        buckets[place] += count
    names = [*(str(bound) for bound in LATENCY_BOUNDS_S), "+Inf"]
    total = sum(longest_ms / 1000 * count for longest_ms, count in counts.items())
    return HistogramMetricFamily(
        info.name, info.help, buckets=list(zip(names, accumulate(buckets), strict=True)), sum_value=total
    )


def _roles(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    for one in look.roles:
        family.add_metric((one.role,), one.status == "running")
    return family


def _letters(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    for stage, count in look.letters.items():
        family.add_metric((stage,), count)
    return family


def _people(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    family.add_metric(("yes",), look.people.known)
    family.add_metric(("no",), look.people.total - look.people.known)
    return family


def _segments(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    for one in look.worker.segments:
        family.add_metric((str(one.id),), one.people)
    return family


def _connections(info: MetricInfo, look: Look) -> Metric:
    family = GaugeMetricFamily(info.name, info.help, labels=info.labels)
    for one in look.config.connections:
        if one.enabled:
            state = look.delivery.states.get(one.id)
            family.add_metric((str(one.id),), state is None or state.state not in DOWN)
    return family


def _sum_by_connection(stage: str) -> Callable[[MetricInfo, Look], Metric]:
    def fill(info: MetricInfo, look: Look) -> Metric:
        totals: dict[str, int] = {}
        for (one, subject, kind, _), count in look.sums.items():
            if one == stage and kind is Kind.PASSED:
                connection_id = subject.partition("/")[0]
                totals[connection_id] = totals.get(connection_id, 0) + count
        family = CounterMetricFamily(info.name, info.help, labels=info.labels)
        for connection_id, total in totals.items():
            family.add_metric((connection_id,), total)
        return family

    return fill


def _number(value: Callable[[Look], int]) -> Callable[[MetricInfo, Look], Metric]:
    return lambda info, look: GaugeMetricFamily(info.name, info.help, value=value(look))


_FILLS: dict[str, Callable[[MetricInfo, Look], Metric]] = {
    "onefold_items_total": _items,
    "onefold_lag_records": _lag,
    "onefold_lag_seconds": _lag_seconds,
    "onefold_latency_seconds": _latency,
    "onefold_log_bytes": _number(lambda look: look.log.used_bytes),
    "onefold_log_end": _number(lambda look: look.log.end),
    "onefold_disk_free_bytes": _number(lambda look: look.log.disk_free_bytes),
    "onefold_role_up": _roles,
    "onefold_dead_letters": _letters,
    "onefold_people": _people,
    "onefold_segment_people": _segments,
    "onefold_connection_up": _connections,
    "onefold_delivered_total": _sum_by_connection("activate"),
    "onefold_data_points_total": _sum_by_connection(DATA_POINTS),
}
