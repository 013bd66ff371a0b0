"""Every problem at once, each with its path."""

from onefold.config.connection import ConnectionDocument
from onefold.config.decode import find_problems

DOCUMENT = {
    "kind": "connection",
    "name": "Braze",
    "spec": {
        "connector": "braze",
        "goals": [
            {
                "kind": "export",
                "name": "People",
                "mappings": [{"field": "plan", "source": {"kind": "trait", "trait": "plan"}}],
            }
        ],
    },
}


def paths(document: object) -> set[str]:
    return {problem.path for problem in find_problems(document, ConnectionDocument)}


def test_a_right_document_has_none() -> None:
    assert paths(DOCUMENT) == set()


def test_all_are_told_at_once() -> None:
    wrong = {
        "kind": "source",
        "spec": {
            "lables": ["a"],
            "enabled": "yes",
            "labels": ["a", 1],
            "secrets": {"api_key": "plain"},
            "goals": [
                {"kind": "export", "mappings": [{"field": 1, "source": {"kind": "tait"}}, "row"]},
                {"kind": 2, "name": "x", "mappings": [{"source": {"kind": "trait"}}], "segment": None},
                "goal",
            ],
        },
    }
    assert paths(wrong) == {
        "kind",
        "name",
        "spec.connector",
        "spec.lables",
        "spec.enabled",
        "spec.labels.1",
        "spec.secrets",
        "spec.goals.0.name",
        "spec.goals.0.mappings.0.field",
        "spec.goals.0.mappings.0.source",
        "spec.goals.0.mappings.1",
        "spec.goals.1.kind",
        "spec.goals.1.segment",
        "spec.goals.1.mappings.0.field",
        "spec.goals.1.mappings.0.source.trait",
        "spec.goals.2",
    }


def test_what_is_no_object_at_all_is_told() -> None:
    for document in (None, [], "x", 3):
        assert paths(document) == {""}
