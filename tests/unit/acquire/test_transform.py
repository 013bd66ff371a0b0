"""Transforms of values, and what is wrong with an intake."""

import msgspec
import pytest

from onefold.acquire.transform import check_intake, compile_transforms
from onefold.errors import RequestError
from onefold.model.intake import Intake, Transform
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin.template import TemplateFaultError


def transforms(*given: JsonObject) -> list[Transform]:
    return msgspec.convert(list(given), list[Transform])


@pytest.mark.parametrize(
    ("given", "value", "expected"),
    [
        ([{"kind": "trim"}, {"kind": "lower"}], "  Ada@X.ORG ", "ada@x.org"),
        ([{"kind": "trim"}], [" a ", 1], ["a", 1]),
        ([{"kind": "upper"}], "de", "DE"),
        ([{"kind": "upper"}], None, None),
        ([{"kind": "number"}], " 19.90 ", 19.9),
        ([{"kind": "number"}], "7", 7),
        ([{"kind": "number"}], "", None),
        ([{"kind": "text"}], 7.5, "7.5"),
        ([{"kind": "text"}], True, "true"),
        ([{"kind": "date"}], "2024-05-06", "2024-05-06T00:00:00.000Z"),
        (
            [{"kind": "date", "format": "%d/%m/%Y %H:%M", "zone": "Europe/Paris"}],
            "06/05/2024 12:00",
            "2024-05-06T10:00:00.000Z",
        ),
        ([{"kind": "split", "separator": ";"}], "a; b;;c", ["a", "b", "c"]),
        ([{"kind": "constant", "value": "web"}], "anything", "web"),
        ([{"kind": "template", "template": "{{ first }} {{ value | upper }}"}], "b", "Ada B"),
        ([{"kind": "template", "template": "{{ nobody }}!"}], "b", None),
        ([{"kind": "template", "template": "{{ value | default('-') }}"}], None, "-"),
    ],
)
def test_values_on_their_way(given: list[JsonObject], value: JsonValue, expected: JsonValue) -> None:
    assert compile_transforms(transforms(*given))(value, {"first": "Ada"}) == expected


@pytest.mark.parametrize(
    ("given", "value"),
    [({"kind": "number"}, "many"), ({"kind": "date"}, "soon"), ({"kind": "text"}, ["a"])],
)
def test_a_value_that_does_not_fit_is_refused_without_being_told(given: JsonObject, value: JsonValue) -> None:
    with pytest.raises(ValueError, match=r"is no|no single") as refused:
        compile_transforms(transforms(given))(value, {})
    assert str(value) not in str(refused.value)


def test_a_template_that_fails_on_a_row_says_so_without_the_value() -> None:
    run = compile_transforms(transforms({"kind": "template", "template": "{{ value + 1 }}"}))
    with pytest.raises(TemplateFaultError, match="TypeError"):
        run("secret", {})


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "template", "template": "{{ open"},
        {"kind": "template", "template": "{% for a in value %}{{ value }}{% endfor %}"},
        {"kind": "date", "zone": "Mars/Olympus"},
        {"kind": "split", "separator": ""},
    ],
)
def test_a_transform_set_up_wrongly_is_told_when_it_is_saved(given: JsonObject) -> None:
    with pytest.raises(RequestError):
        compile_transforms(transforms(given))


def test_all_that_is_wrong_with_an_intake_is_told_at_once() -> None:
    intake = msgspec.convert(
        {
            "identifiers": [{"field": "external_id", "identifier": "user id"}],
            "rows": [
                {"field": "plan", "trait": "plan"},
                {"field": "tier", "trait": "plan"},
                {"field": "", "trait": "x"},
                {"field": "", "trait": "y", "transforms": [{"kind": "constant", "value": 1}]},
                {"field": "z", "trait": "z", "transforms": [{"kind": "date", "zone": "No/Where"}]},
            ],
        },
        Intake,
    )
    assert [problem.path for problem in check_intake(intake)] == [
        "intake.identifiers.0.identifier",
        "intake.rows.1.trait",
        "intake.rows.2.field",
        "intake.rows.4.transforms",
    ]
    assert [problem.path for problem in check_intake(Intake([]))] == ["intake.identifiers", "intake.rows"]
