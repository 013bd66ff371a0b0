"""The formats and routes of the reference are those of the code: examples decode, each route is described."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from onefold.acquire.mapping import parse_mapping
from onefold.acquire.transform import check_intake
from onefold.api.application import ROOT_HANDLERS, ROUTERS
from onefold.api.config_plan import KINDS
from onefold.capture.routes import ROUTES, find_route, is_capture_path
from onefold.cli.condition import parse_condition
from onefold.config.connection import check_wanted, read_connection
from onefold.config.decode import find_problems
from onefold.config.text import read_text
from onefold.connectors.braze import connector
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import ValueSource, ValueType
from onefold.plugin.check import check_connection, check_goal
from onefold.runtime.load_settings import load_settings
from onefold.segment.check import check_condition
from onefold.segment.check import parse_condition as parse_tree
from onefold.unify.normalise import BLOCKED

DOCS = Path(__file__).parents[2] / "docs"
CONNECTIONS = (DOCS / "reference" / "connections.md").read_text(encoding="utf-8")
CAPTURE = (DOCS / "reference" / "capture.md").read_text(encoding="utf-8")
API = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")
BRAZE = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "guides").glob("braze*.md"))
IMPORT = (DOCS / "guides" / "import.md").read_text(encoding="utf-8")
PRODUCTION = (DOCS / "guides" / "production.md").read_text(encoding="utf-8")
SEGMENTS = (DOCS / "guides" / "segments.md").read_text(encoding="utf-8")
IDENTITY = (DOCS / "concepts" / "identity.md").read_text(encoding="utf-8")

SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}


def examples(text: str) -> list[dict]:
    return [
        msgspec.json.decode(one) for one in re.findall(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]


def first_cells(text: str) -> str:
    return "\n".join(re.findall(r"^\| (.*?) \|", text, re.MULTILINE))


def test_connection_shown_can_be_made() -> None:
    shown, *_ = examples(CONNECTIONS)
    goals = shown.pop("goals")
    connection = msgspec.convert({"id": 1, **shown}, Connection)
    assert goals == []
    assert check_connection(connector, connection) == []


def test_goals_shown_can_be_made() -> None:
    _, *goals = examples(CONNECTIONS)
    for shown in goals:
        goal = msgspec.convert({"id": 1, "connection_id": 1, **shown}, Goal)
        assert check_goal(connector, goal) == []
        assert goal.intake is None or check_intake(goal.intake) == []
    assert {shown["kind"] for shown in goals} == {"export", "events", "import"}


def test_document_shown_can_be_applied() -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", CONNECTIONS, re.MULTILINE | re.DOTALL)
    document = read_text(shown)
    document["spec"]["secrets"]["api_key"] = {"value": "read by the command"}
    wanted = read_connection(document, None, [], {"Buyers": 1, "VIP": 4}, 0).wanted
    assert wanted is not None
    assert check_wanted(wanted, None, connector, document["spec"]["secrets"]) == []


def test_every_source_and_type_of_a_mapping_is_described() -> None:
    kinds = [one.__struct_config__.tag for one in ValueSource.__args__]
    assert [kind for kind in [*kinds, *ValueType] if f"`{kind}`" not in CONNECTIONS] == []


@pytest.mark.parametrize("page", [CONNECTIONS, BRAZE], ids=["reference", "guides"])
def test_every_setting_of_braze_is_described(page: str) -> None:
    fields = [*connector.info.fields, *(field for goal in connector.info.goals for field in goal.fields)]
    assert [field.name for field in fields if field.name not in page] == []


def test_every_capture_route_is_described() -> None:
    described = set(re.findall(r"/[\w./{}-]+", first_cells(CAPTURE)))
    for letter, kind in SHORT.items():
        described |= {path.replace("track", kind) for path in described if path.endswith("/track")} | {
            f"/v1/{letter}"
        }
    missing = [path for path in ROUTES if path not in described and not path.startswith("/api/s/s2s/")]
    assert missing == ["/sourceConfig"]  # described with the slash that clients send
    assert find_route("/sourceConfig/") is not None
    assert all(is_capture_path(path) for path in described)


def api_paths() -> set[str]:
    paths = {path for one in (*ROUTERS, *ROOT_HANDLERS) for path in getattr(one, "paths", ())}
    paths |= {route.path for one in ROUTERS for route in getattr(one, "routes", ())}
    return {re.sub(r":\w+}", "}", path).removeprefix("/api/v1") for path in paths}


def test_every_noun_of_the_api_is_described() -> None:
    nouns = {path.split("/")[1] for path in api_paths()} - {"sign-out", "open", "internal", ""}
    assert sorted(noun for noun in nouns if f"`/{noun}" not in API) == []


def test_every_path_shown_of_the_api_exists() -> None:
    shown = re.findall(r"`(/[a-z][\w/{}-]*)`", first_cells(API))
    loose = {re.sub(r"{\w+}", "{}", path) for path in api_paths()}
    assert [path for path in shown if re.sub(r"{\w+}", "{}", path) not in loose] == []


def test_blocked_values_named_are_blocked() -> None:
    named = ["null", "undefined", "anonymous", "guest", "unknown", "true", "-1"]
    assert all(f"`{value}`" in IDENTITY and value in BLOCKED for value in named)


def toml_blocks(text: str) -> list[str]:
    return re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_settings_shown_can_be_loaded(tmp_path: Path) -> None:
    (text,) = toml_blocks(PRODUCTION)
    (tmp_path / "onefold.toml").write_text(text, encoding="utf-8")
    assert load_settings(tmp_path, environ={}).log.retention_days == 395


def test_mapping_of_the_guide_is_that_of_the_example() -> None:
    (text,) = toml_blocks(IMPORT)
    file = DOCS.parent / "examples" / "online-retail" / "mapping.toml"
    assert tomllib.loads(text) == tomllib.loads(file.read_text(encoding="utf-8"))
    assert parse_mapping(tomllib.loads(text), "guide").columns()


CONDITIONS = re.findall(r"`((?:trait|identifier|event|segment|not) [^`]*[a-z0-9\"])`", SEGMENTS)
CONDITIONS += re.findall(r"--condition '([^']+)'", SEGMENTS)


@pytest.mark.parametrize("text", sorted({one for one in CONDITIONS if not re.search("[A-Z]{3}|…", one)}))
def test_short_conditions_shown_can_be_used(text: str) -> None:
    condition, problems = parse_tree(parse_condition(text))
    assert problems == []
    assert condition is not None
    assert "segment" in text or check_condition(condition, {}) == []


CONFIG = (DOCS / "guides" / "config-as-code.md").read_text(encoding="utf-8")
CONFIG_DOCUMENTS = [
    text
    for text in re.findall(r"^```yaml\n(.*?)^```", CONFIG, re.MULTILINE | re.DOTALL)
    if text.startswith("kind:") and "spec:" in text
]


@pytest.mark.parametrize("text", CONFIG_DOCUMENTS)
def test_documents_of_the_config_shown_have_the_form_of_their_kind(text: str) -> None:
    document = read_text(text)
    (kind,) = [kind for kind in KINDS if kind.name == document["kind"]]
    assert find_problems(document, kind.document) == []


def test_the_guide_of_the_config_shows_documents() -> None:
    assert {read_text(text)["kind"] for text in CONFIG_DOCUMENTS} == {"identity", "source", "segment"}
