"""Buckets of latency: a percentile is never more than a fifth too high."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from onefold.activate.latency import BUCKETS_MAX, bucket_ms, bucket_of, percentile_ms


@given(st.integers(1_001, 10**12))
def test_a_bucket_holds_its_times(latency):
    bucket = bucket_of(latency)
    assert latency / 1000 <= bucket_ms(bucket) * 1.000001
    assert latency / 1000 > bucket_ms(bucket - 1) * 0.999999


def test_the_ends():
    assert bucket_of(-5) == bucket_of(0) == bucket_of(1000) == 0
    assert bucket_of(10**18) == BUCKETS_MAX


def test_percentiles():
    counts = Counter(bucket_of(ms * 1000) for ms in range(1, 101))
    assert 50 <= percentile_ms(counts, 0.5) <= 60
    assert 99 <= percentile_ms(counts, 0.99) <= 119
    assert percentile_ms({}, 0.5) is None
