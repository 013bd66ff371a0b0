"""Checking whom a goal is for and how they are found: match keys, and the people of test mode."""

from onefold.model.goal import Goal
from onefold.plugin.declare import TEST_PEOPLE, GoalKind, Problem

KEYS_MAX = 10
"""Each is looked for in every profile; nobody is known by more."""
LABEL_CHARS_MAX = 100
TEST_PEOPLE_MAX = 1000
"""More are a segment."""


def check_match(kind: GoalKind, goal: Goal) -> list[Problem]:
    """What is wrong with the keys by which people are found."""
    if not goal.match:
        return []
    if not kind.match:
        return [Problem("match", f"A goal {kind.name!r} has no say in how people are found.")]
    if len(goal.match) > KEYS_MAX:
        return [Problem("match", f"At most {KEYS_MAX} keys can be tried.")]
    problems: list[Problem] = []
    if goal.settings.get("anonymous") == "alias":
        problems.append(
            Problem("settings.anonymous", "With keys of its own a goal has no other: name alias.")
        )
    targets = {target.name: target for target in kind.match}
    seen = set[tuple[str, str, str]]()
    for place, key in enumerate(goal.match):
        path = f"match.{place}"
        target = targets.get(key.key)
        if target is None:
            names = ", ".join(targets)
            problems.append(Problem(f"{path}.key", f"There is no key {key.key!r}; there are: {names}."))
        elif key.label and not target.labelled:
            problems.append(Problem(f"{path}.label", f"{target.title} has no label."))
        if not key.identifier.strip():
            problems.append(Problem(f"{path}.identifier", "A kind of identifier is needed."))
        if len(key.label) > LABEL_CHARS_MAX or not key.label.isprintable():
            problems.append(Problem(f"{path}.label", f"A label has at most {LABEL_CHARS_MAX} characters."))
        if (one := (key.key, key.identifier, key.label)) in seen:
            problems.append(Problem(path, "This key is tried already."))
        seen.add(one)
    return problems


def check_test_people(goal: Goal) -> list[Problem]:
    """What is wrong with the people of test mode."""
    named = goal.settings.get(TEST_PEOPLE.name)
    if not isinstance(named, list):
        return []
    if len(named) > TEST_PEOPLE_MAX:
        return [Problem("settings.test_people", f"At most {TEST_PEOPLE_MAX} people; more are a segment.")]
    wrong = [one for one in named if isinstance(one, str) and not all(one.partition(":"))]
    return [
        Problem("settings.test_people", f"{one!r} is no KIND:VALUE, such as email:ann@example.com.")
        for one in wrong[:1]
    ]
