"""Whether the books balance: what one stage handed on, the next has received, or it waits.

In: a `Look`. Out: the sums that do not agree, in words; none is what a healthy workspace gives at any moment.
Nothing repairs by it: it is told.
"""

from onefold.model.outcome import Kind
from onefold.observe.look import Look
from onefold.observe.totals import StageTotals


def check_balance(look: Look) -> list[str]:
    """Empty as long as nothing got lost between two stages, or within one."""
    stages = look.stages
    captured, folded = stages["capture"].by_kind[Kind.PASSED], _ended(stages["unify"])
    problems = []
    waiting = look.waiting.get("unify", 0)
    if captured != folded + waiting:
        problems.append(f"capture passed {captured}; unify received {folded}, and {waiting} wait")
    unified, segmented = stages["unify"].by_kind[Kind.PASSED], _ended(stages["segment"])
    if unified != segmented:
        problems.append(f"unify passed {unified}; segment received {segmented}")
    for name, stage in stages.items():
        reasons = sum(stage.reasons.values())
        left_out = stage.by_kind[Kind.FILTERED] + stage.by_kind[Kind.REJECTED]
        if reasons != left_out:
            problems.append(f"{name} filtered and rejected {left_out}; the reasons add up to {reasons}")
    return problems


def _ended(stage: StageTotals) -> int:
    return sum(stage.by_kind.values())
