"""Secrets of a whole config: references that name nothing twice, and what stands for what is kept."""

from onefold.config.secrets import apart, gives_secrets, keep_references, secret_references


def document(**secrets: object) -> dict[str, object]:
    return {"kind": "connection", "spec": {"secrets": secrets}}


def test_each_secret_has_a_variable_of_its_own() -> None:
    found = secret_references(
        [("Braze EU", ["api_key"]), ("Braze-EU", ["api_key"]), ("2nd", ["key"]), ("X", [])]
    )
    variables = [one["env"] for secrets in found.values() for one in secrets.values()]
    assert len(set(variables)) == 3
    assert all(name.startswith("BRAZE_EU_API_KEY_") for name in variables[:2])
    assert variables[2] == "_2ND_KEY"
    assert found["X"] == {}


def test_names_are_told_apart_by_what_they_are_of_not_by_their_order() -> None:
    names = {"A": "a", "a": "a", "b": "b"}
    found = apart(names, "-")
    assert found == apart(dict(reversed(names.items())), "-")
    assert (found["b"], len(set(found.values()))) == ("b", 3)


def test_an_unresolved_reference_keeps_what_there_is_and_nothing_else() -> None:
    given = document(kept={"env": "A"}, missing={"file": "b"}, new={"value": "c"}, gone=None)
    left = keep_references(given, {"kept": "1", "new": "2", "gone": "3"})
    assert left == document(missing={"file": "b"}, new={"value": "c"}, gone=None)
    assert keep_references({"spec": 1}, {}) == {"spec": 1}


def test_who_gives_or_takes_a_secret_is_told_from_who_keeps_it() -> None:
    assert gives_secrets(document(a={"value": "x"}))
    assert gives_secrets(document(a=None))
    assert not gives_secrets(document(a={"env": "A"}))
    assert not gives_secrets({"spec": {"secrets": []}})
