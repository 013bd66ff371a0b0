"""The API asked everything that its own document allows, and what it forbids, of a whole server.

As somebody who may do anything, and as a viewer: whatever is asked, no bug answers, what comes back is what
the document says, and a refusal says what to do in its one shape.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = {GenerationMode.POSITIVE: 2, GenerationMode.NEGATIVE: 1}
"""For each operation and caller, of what is allowed and of what is not: enough for a minute in all."""
LEFT_OUT = frozenset({"/api/v1/flow/stream"})
"""It has no end."""
PROBLEM = "application/problem+json"
pytestmark = [pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def server(serve_on: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with serve_on(tmp_path_factory.mktemp("fuzz") / "data") as running:
        yield running


def operations(schema: Any) -> Iterator[Any]:
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in LEFT_OUT:
            yield operation


def check(case: Any, token: str) -> int:
    answer = case.call(headers={"authorization": f"Bearer {token}"}, timeout=20)
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        assert answer.headers["content-type"][0].startswith(PROBLEM), answer.headers
        told = answer.json()
        assert told["status"] == answer.status_code
        assert told["code"]
        assert told["detail"]
    return int(answer.status_code)


def ask(operation: Any, mode: GenerationMode, token: str, answered: Counter[int]) -> str:
    """What is wrong with the answers; empty where nothing is."""

    @settings(
        max_examples=EXAMPLES[mode],
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check_each(case: Any) -> None:
        answered[check(case, token)] += 1

    try:
        check_each()
    except Unsatisfiable:
        # Of an operation that takes nothing, nothing is forbidden.
        return "" if mode is GenerationMode.NEGATIVE else f"{operation.label}\nnothing is allowed"
    except Exception as error:  # every operation is asked, whatever came of others
        return f"{operation.label}\n{error}"
    return ""


@pytest.mark.parametrize("rights", [[], ["--right", "see"]], ids=["anything", "viewer"])
def test_whatever_is_asked_is_answered_as_the_document_says(server: Any, rights: list[str]) -> None:
    token = server.cli("tokens", "create", f"fuzz {len(rights)}", *rights)["token"]
    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{server.port}/api/v1/openapi.json")
    answered = Counter[int]()
    failures = [
        told
        for operation in operations(schema)
        for mode in EXAMPLES
        if (told := ask(operation, mode, token, answered))
    ]
    assert failures == [], "\n\n".join(failures)
    # It did get in, and was refused.
    assert min(answered[200], answered[404], answered[403 if rights else 400]) > 5, answered
