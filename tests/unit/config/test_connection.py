"""A connection as a document: what is exported and applied changes nothing, whatever it holds."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from onefold.config.connection import (
    ConnectionDocument,
    Wanted,
    check_wanted,
    connection_schema,
    find_changes,
    read_connection,
    write_connection,
)
from onefold.config.text import read_text, write_text
from onefold.connectors.braze import connector
from onefold.model.connection import Connection
from onefold.model.event_mapping import EventMapping, OtherProperties
from onefold.model.goal import Goal
from onefold.model.intake import Intake, IntakeIdentifier, IntakeRow, Remaining, RowStrategy, Split, Trim
from onefold.model.mapping import (
    ConsentValue,
    CounterValue,
    IdentifierValue,
    InteractionsValue,
    InteractionValue,
    Mapping,
    SeenValue,
    SegmentsValue,
    SegmentValue,
    TemplateValue,
    TextValue,
    TraitValue,
    ValueType,
)
from onefold.model.match import MatchKey

NAMES = {1: "Gold", 2: "VIP: all", 3: "null"}
IDS = {name: segment_id for segment_id, name in NAMES.items()}
BRAZE = Connection(
    3, "Braze", "braze", True, {"endpoint": "https://rest.fra-01.braze.eu"}, {"api_key": "k"}, version=4
)
PEOPLE = Goal(
    7, 3, "export", "People", True, 1, [Mapping(TraitValue("plan"), "plan")], {"leaving": "null"}, version=2
)

words = st.text(min_size=1, max_size=8).filter(lambda text: text == text.strip() and text != "")
json_values = st.booleans() | st.integers(-(2**53), 2**53) | words | st.lists(words, max_size=2)
settings = st.dictionaries(words, json_values, max_size=3)
sources = st.one_of(
    st.builds(TraitValue, words),
    st.builds(IdentifierValue, words),
    st.builds(ConsentValue, words),
    st.builds(SegmentValue, st.sampled_from(sorted(NAMES))),
    st.builds(TextValue, st.text(max_size=8)),
    st.builds(SeenValue, st.sampled_from(["first", "last"])),
    st.builds(CounterValue, words, days=st.integers(0, 90)),
    st.builds(ConsentValue, words),
    st.builds(SegmentsValue, st.lists(st.sampled_from(sorted(NAMES)), max_size=2, unique=True)),
    st.builds(InteractionsValue, st.just("") | words, st.integers(0, 90), st.sampled_from(["names", "ids"])),
    st.builds(InteractionValue, words) | st.builds(InteractionValue, st.just(""), words),
    st.builds(TemplateValue, st.text(max_size=8)),
)
property_names = words | st.sampled_from(["segment", "segment_id"])
properties = st.dictionaries(property_names, st.none() | words, max_size=3)
event_rows = st.builds(EventMapping, words, words, properties, st.sampled_from(OtherProperties))
leaving = st.just(msgspec.UNSET) | st.none() | st.booleans() | words
rows = st.builds(Mapping, sources, words, st.sampled_from(ValueType), leaving)
keys = st.builds(MatchKey, words, words, st.text(max_size=4))
goals = st.builds(
    Goal,
    st.integers(1, 99),
    st.just(3),
    words,
    words,
    st.booleans(),
    st.sampled_from([0, *NAMES]),
    st.lists(rows, max_size=3, unique_by=lambda row: row.field),
    settings,
    version=st.integers(1, 9),
    created_at=st.integers(0, 9),
    enabled_at=st.integers(0, 9),
    event_mappings=st.lists(event_rows, max_size=3, unique_by=lambda row: row.event),
    match=st.lists(keys, max_size=2),
    purpose=st.just("") | words,
)
connections = st.builds(
    Connection,
    st.just(3),
    words,
    words,
    st.booleans(),
    settings,
    st.dictionaries(words, words, max_size=2),
    st.text(max_size=20),
    st.lists(words, max_size=3),
    st.booleans(),
    st.integers(1, 9),
    st.integers(0, 9),
    st.text(max_size=8),
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    connections,
    st.lists(goals, max_size=3, unique_by=(lambda goal: goal.name, lambda goal: goal.id)),
)
def test_what_is_exported_and_applied_changes_nothing(connection: Connection, its_goals: list[Goal]) -> None:
    its_goals = [msgspec.structs.replace(goal, position=place) for place, goal in enumerate(its_goals)]
    document = write_connection(connection, its_goals, NAMES)
    text = write_text(document)
    assert "secrets" not in document["spec"]
    read = read_text(text)
    assert read == msgspec.json.decode(msgspec.json.encode(document))
    reading = read_connection(read, connection, its_goals, IDS, 99)
    assert reading.problems == []
    assert reading.wanted == Wanted(connection, its_goals)
    assert find_changes(connection, its_goals, reading.wanted, NAMES) == []


def wanted_of(document: dict[str, Any], before: Connection | None = BRAZE, *goals_before: Goal) -> Wanted:
    reading = read_connection(document, before, goals_before, IDS, 99)
    assert reading.problems == []
    assert reading.wanted is not None
    return reading.wanted


def problems_of(
    document: dict[str, Any], before: Connection | None = BRAZE, *goals_before: Goal
) -> dict[str, str]:
    reading = read_connection(document, before, goals_before, IDS, 99)
    found = reading.problems
    if reading.wanted is not None:
        given_secrets = document["spec"].get("secrets", {})
        found = check_wanted(reading.wanted, before, connector, given_secrets)
    return {problem.path: problem.message for problem in found}


def exported() -> dict[str, Any]:
    return write_connection(BRAZE, [PEOPLE], NAMES)


def test_a_goal_keeps_its_identity_by_its_name() -> None:
    document = exported()
    document["spec"]["goals"][0]["segment"] = "VIP: all"
    document["spec"]["goals"].insert(0, {"kind": "events", "name": "Events"})
    wanted = wanted_of(document, BRAZE, PEOPLE)
    events, people = wanted.goals
    assert (events.id, events.created_at, events.connection_id, events.position) == (0, 99, 3, 0)
    assert (people.id, people.segment_id, people.version, people.position) == (7, 2, 2, 1)
    changes = {
        change.path: (change.before, change.after) for change in find_changes(BRAZE, [PEOPLE], wanted, NAMES)
    }
    assert changes["spec.goals.People.segment"] == ("Gold", "VIP: all")
    assert changes["spec.goals.Events"][0] is None
    assert changes["spec.goals"] == (["People"], ["Events", "People"])


def test_what_is_left_out_becomes_the_default_and_goals_go() -> None:
    before = msgspec.structs.replace(BRAZE, description="Old", labels=["a"])
    wanted = wanted_of(
        {"kind": "connection", "name": "Braze", "spec": {"connector": "braze"}}, before, PEOPLE
    )
    assert wanted.goals == []
    assert (wanted.connection.description, wanted.connection.settings) == ("", {})
    paths = [change.path for change in find_changes(before, [PEOPLE], wanted, NAMES)]
    assert "spec.goals.People" in paths
    assert "spec.description" in paths


def test_secrets_are_kept_given_or_removed_and_never_shown() -> None:
    document = exported()
    assert wanted_of(document).connection.secrets == {"api_key": "k"}
    document["spec"]["secrets"] = {
        "api_key": {"value": "very-secret"},
        "s3_secret_access_key": {"value": "new"},
    }
    changes = find_changes(BRAZE, [PEOPLE], wanted_of(document, BRAZE, PEOPLE), NAMES)
    assert {change.path: (change.before, change.after) for change in changes} == {
        "spec.secrets.api_key": ("set", "set to another value"),
        "spec.secrets.s3_secret_access_key": (None, "set"),
    }
    assert "very-secret" not in str(changes)
    document["spec"]["secrets"] = {"api_key": {"value": "k"}}
    assert find_changes(BRAZE, [PEOPLE], wanted_of(document, BRAZE, PEOPLE), NAMES) == []
    document["spec"]["secrets"] = {"api_key": None}
    assert wanted_of(document).connection.secrets == {}


def test_the_api_reads_no_file_and_no_variable() -> None:
    document = exported()
    document["spec"]["secrets"] = {
        "api_key": {"file": "/etc/passwd"},
        "a": {"env": "HOME"},
        "b": {},
        "c": {"env": "X", "value": "y"},
        "d": {"value": ""},
    }
    assert set(problems_of(document)) == {f"spec.secrets.{name}" for name in ("api_key", "a", "b", "c", "d")}


def test_a_kept_secret_is_not_sent_elsewhere_by_a_document() -> None:
    document = exported()
    document["spec"]["settings"]["endpoint"] = "https://collector.example.com"
    assert set(problems_of(document)) == {"spec.secrets.api_key"}
    document["spec"]["secrets"] = {"api_key": {"value": "again"}}
    assert problems_of(document) == {}


def test_what_cannot_be_is_told_with_the_path_of_the_document() -> None:
    document = exported()
    document["spec"]["settings"]["concurrency"] = 1000
    document["spec"]["goals"] += [
        {"kind": "letters", "name": "Post"},
        {
            "kind": "export",
            "name": "Again",
            "mappings": [{"field": "plan", "source": {"kind": "text", "text": "x"}}],
        },
    ]
    assert set(problems_of(document)) == {
        "spec.settings.concurrency",
        "spec.goals.1.kind",
        "spec.goals.2.mappings.0.field",
    }


def test_what_is_for_people_has_limits_here_too() -> None:
    document = exported()
    document["spec"] |= {"labels": ["", "x" * 101], "owner": "x" * 201, "description": "x" * 2001}
    assert set(problems_of(document)) == {
        "spec.labels.0",
        "spec.labels.1",
        "spec.owner",
        "spec.description",
    }


def test_segments_that_do_not_exist_and_goals_of_one_name_are_told() -> None:
    document = exported()
    row = {"field": "x", "source": {"kind": "segment", "segment": "Nobody"}}
    document["spec"]["goals"].append(
        {"kind": "export", "name": " People ", "segment": "Nowhere", "mappings": [row]}
    )
    document["spec"]["settings"]["alias_label"] = None
    assert set(problems_of(document)) == {
        "spec.goals.1.name",
        "spec.goals.1.segment",
        "spec.goals.1.mappings.0.source.segment",
        "spec.settings.alias_label",
    }


def test_a_connection_stays_of_its_connector() -> None:
    document = {"kind": "connection", "name": "Other", "spec": {"connector": "braze"}}
    before = msgspec.structs.replace(BRAZE, connector="other")
    assert "spec.connector" in problems_of(document, before)


def test_a_new_connection_needs_its_secrets() -> None:
    assert set(problems_of(exported(), None)) == {"spec.secrets.api_key"}


def test_the_schema_knows_what_the_decoder_knows() -> None:
    schema = connection_schema()
    spec = schema["$defs"]["ConnectionSpec"]["properties"]
    fields = msgspec.structs.fields(
        next(field.type for field in msgspec.structs.fields(ConnectionDocument) if field.name == "spec")
    )
    assert set(spec) == {field.name for field in fields}
    assert schema["$schema"].endswith("2020-12/schema")
    source = schema["$defs"]["SegmentValueDocument"]["properties"]
    assert set(source) == {"kind", "segment"}


def test_how_an_import_reads_its_rows_is_in_the_document() -> None:
    intake = Intake(
        [IntakeIdentifier("external_id", "user_id")],
        create=True,
        rows=[IntakeRow("points", "points", RowStrategy.SUM, [Trim(), Split(";")])],
        remaining=Remaining(prefix="braze_"),
    )
    goal = Goal(8, 3, "import", "Club", settings={"audience": "x"}, intake=intake)
    document = write_connection(BRAZE, [goal], NAMES)
    assert document["spec"]["goals"][0]["intake"]["rows"][0] == {
        "field": "points",
        "trait": "points",
        "strategy": "sum",
        "transforms": [{"kind": "trim"}, {"kind": "split", "separator": ";"}],
    }
    wanted = wanted_of(read_text(write_text(document)), BRAZE, goal)
    assert wanted.goals == [goal]
    assert find_changes(BRAZE, [goal], wanted, NAMES) == []
