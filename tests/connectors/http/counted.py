"""How calls end, as the counters of a goal name it."""

from onefold.model.outcome import Kind

PASSED = (int(Kind.PASSED), "")


def filtered(code: str) -> tuple[int, str]:
    """Left out, and why."""
    return (int(Kind.FILTERED), code)
