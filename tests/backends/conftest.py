"""What the tests of this folder share."""

import pytest

from onefold.testing.fold import StateTemplate


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> StateTemplate:
    return StateTemplate(tmp_path_factory.mktemp("template"))
