"""What the works of runs share: by which rules of identity the events of the log were read."""

import pytest

from onefold.model.identity_rules import IdentityRules
from onefold.pipeline.store import IdentityRow
from onefold.runtime.work_tools import RulesInTime
from onefold.unify.settings import UnifySettings

SERVER = UnifySettings(currency="JPY")
FIRST, SECOND, THIRD = (IdentityRules(currency=code) for code in ("USD", "EUR", "CHF"))
HISTORY = [IdentityRow(0, 0, 0, FIRST), IdentityRow(5, 1, 10, SECOND), IdentityRow(9, 2, 20, THIRD)]


@pytest.mark.parametrize(
    ("offset", "rules"), [(1, FIRST), (4, FIRST), (6, SECOND), (8, SECOND), (10, THIRD), (10**12, THIRD)]
)
def test_a_record_was_read_by_the_rules_before_it(offset: int, rules: IdentityRules) -> None:
    assert RulesInTime(HISTORY, SERVER).at(offset) == rules
    assert RulesInTime(HISTORY, SERVER).now == THIRD


def test_the_server_decides_while_no_record_does() -> None:
    assert RulesInTime([], SERVER).at(7) is SERVER
    assert RulesInTime([], SERVER).now is SERVER
