"""What Prometheus reads: named as documented, bounded, the same numbers as the flow."""

import re
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from onefold.observe.metrics import METRICS, render_metrics

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"
ROW = re.compile(r"^\| `(onefold_[a-z_]+)` \| (\w+) \|([^|]*)\| ", re.MULTILINE)


def test_every_metric_is_documented_with_its_kind_and_labels() -> None:
    documented = {
        name: (kind, tuple(re.findall(r"`([a-z_]+)`", labels)))
        for name, kind, labels in ROW.findall(PAGE.read_text(encoding="utf-8"))
    }
    assert documented == {info.name: (info.kind, info.labels) for info in METRICS}


def test_metrics_agree_with_the_counters(site: Any) -> None:
    site.capture({"messageId": "1"}, {"messageId": "1"})
    site.refuse("2")
    site.fold()
    site.capture({"messageId": "3"})
    families = {one.name: one for one in text_string_to_metric_families(render_metrics(site.look()).decode())}
    assert {f"{one.name}_total" if one.type == "counter" else one.name for one in families.values()} == {
        info.name for info in METRICS
    }
    items = {tuple(sorted(one.labels.items())): one.value for one in families["onefold_items"].samples}
    expected = {
        ("capture", "passed", ""): 3,
        ("capture", "rejected", "capture.missing_field"): 1,
        ("unify", "passed", ""): 1,
        ("unify", "filtered", "unify.duplicate"): 1,
        ("segment", "passed", ""): 1,
        ("activate", "passed", ""): 0,
    }
    assert items == {
        (("code", code), ("outcome", outcome), ("stage", stage)): count
        for (stage, outcome, code), count in expected.items()
    }
    lag = {one.labels["stage"]: one.value for one in families["onefold_lag_records"].samples}
    assert lag == {"unify": 1, "activate": 0}
    letters = {one.labels["stage"]: one.value for one in families["onefold_dead_letters"].samples}
    assert letters["capture"] == 1


def test_metrics_hold_no_names_and_no_values_of_people(site: Any) -> None:
    site.sources.create("my secret source", site.now)
    site.capture({"messageId": "1", "userId": "ada@example.org"})
    site.fold()
    text = render_metrics(site.look()).decode()
    assert "secret" not in text
    assert "ada" not in text
