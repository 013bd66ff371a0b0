"""Buckets of latency: a percentile is never more than a fifth too high."""

from hypothesis import given
from hypothesis import strategies as st

from onefold.activate.latency import BUCKETS_MAX, bucket_ms, bucket_of


@given(st.integers(1_001, 10**12))
def test_a_bucket_holds_its_times(latency):
    bucket = bucket_of(latency)
    assert latency / 1000 <= bucket_ms(bucket) * 1.000001
    assert latency / 1000 > bucket_ms(bucket - 1) * 0.999999


def test_the_ends():
    assert bucket_of(-5) == bucket_of(0) == bucket_of(1000) == 0
    assert bucket_of(10**18) == BUCKETS_MAX
