"""Templates: each value is encoded by the place where it stands, and nothing else gets in or out."""

import hashlib
import json
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.connectors.http.fault import TemplateFaultError
from onefold.connectors.http.template import Named, Place, Secrets, compile_template

TRAITS = {
    "plan": "gold",
    "name": 'Ada "the" Countess\n',
    "age": 36,
    "tags": ["a", "b"],
    "items": 3,
    "none": None,
}
ROOTS = {"profile": frozenset({"traits", "id"}), "secrets": None}
VALUES = {
    "profile": Named("profile", {"id": 7, "traits": Named("profile.traits", TRAITS)}),
    "secrets": Secrets("n0"),
}


def render(source, place=Place.TEXT):
    template, problems = compile_template(source, place, ROOTS)
    assert problems == []
    return template.render(VALUES)


def problems_of(source, place=Place.TEXT):
    template, problems = compile_template(source, place, ROOTS)
    assert template is None
    return " ".join(problems)


def test_values_in_json_are_values_and_between_quotes_their_text():
    source = """{"name": {{ profile.traits.name }}, "hello": "Hi {{ profile.traits.name }}!",
        "age": {{ profile.traits.age }}, "tags": {{ profile.traits.tags }},
        "as text": "{{ profile.traits.age }}", "gone": {{ profile.traits.none }}}"""
    assert json.loads(render(source, Place.JSON)) == {
        "name": TRAITS["name"],
        "hello": f"Hi {TRAITS['name']}!",
        "age": 36,
        "tags": ["a", "b"],
        "as text": "36",
        "gone": None,
    }


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
AS_VALUE, _ = compile_template('{"a": {{ profile.id }}, "b": [{{ profile.id }}]}', Place.JSON, ROOTS)
AS_TEXT, _ = compile_template('{"a": "x{{ profile.id }}y"}', Place.JSON, ROOTS)
AS_PART, _ = compile_template("/a/{{ profile.id }}/b?c={{ profile.id }}", Place.URL, ROOTS)
AS_FIELD, _ = compile_template("a={{ profile.id }}&b=1", Place.FORM, ROOTS)


@given(JSON_VALUES)
def test_any_value_in_json_is_that_value_and_nothing_more(value):
    assert json.loads(AS_VALUE.render({"profile": {"id": value}})) == {"a": value, "b": [value]}


@given(st.text())
def test_any_text_is_one_text_one_part_and_one_field(text):
    values = {"profile": {"id": text}}
    assert json.loads(AS_TEXT.render(values)) == {"a": f"x{text}y"}
    found = urlsplit(AS_PART.render(values))
    assert [unquote(part) for part in found.path.split("/")] == ["", "a", text, "b"]
    assert parse_qsl(found.query, keep_blank_values=True) == [("c", text)]
    assert found.fragment == ""
    assert parse_qsl(AS_FIELD.render(values), keep_blank_values=True) == [("a", text), ("b", "1")]


def test_json_made_by_a_filter_is_not_encoded_twice():
    assert render("{{ profile.traits.tags | tojson }}", Place.JSON) == '["a","b"]'
    assert json.loads(render('{"a": "{{ profile.traits.tags | tojson }}"}', Place.JSON)) == {"a": '["a","b"]'}


def test_quotes_count_through_conditions_and_loops():
    source = (
        '[{% for tag in profile.traits.tags %}"x{{ tag }}"{% if not loop.last %},{% endif %}{% endfor %}]'
    )
    assert json.loads(render(source, Place.JSON)) == ["xa", "xb"]


def test_a_quote_within_a_quote_does_not_end_it():
    assert (
        json.loads(render(r'{"a": "\"{{ profile.traits.name }}\""}', Place.JSON))["a"]
        == f'"{TRAITS["name"]}"'
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{"a": {% if profile.traits.plan %}"{% endif %}x', "one case only"),
        ('{% for tag in profile.traits.tags %}"{% endfor %}', "within a loop"),
        ('{"a": "x}', "not closed"),
    ],
)
def test_quotes_that_depend_on_values_are_refused(source, words):
    assert words in problems_of(source, Place.JSON)


@pytest.mark.parametrize(
    ("value", "encoded"), [("a b", "a%20b"), ("../x?y=1&z#", "..%2Fx%3Fy%3D1%26z%23"), ("ü", "%C3%BC")]
)
def test_a_value_in_a_url_is_one_part_of_it(value, encoded):
    template, _ = compile_template("/u/{{ profile.id }}", Place.URL, ROOTS)
    assert template.render({"profile": Named("profile", {"id": value})}) == f"/u/{encoded}"


def test_a_value_in_a_form_is_one_value_of_it():
    assert render("plan={{ profile.traits.plan }}&n={{ 'a&b=c' }}", Place.FORM) == "plan=gold&n=a%26b%3Dc"


def test_what_is_missing_is_named():
    with pytest.raises(TemplateFaultError) as caught:
        render("{{ profile.traits.city.name }}")
    assert caught.value.field == "profile.traits.city"
    with pytest.raises(TemplateFaultError):
        render("{% if profile.traits.city %}x{% endif %}")


def test_what_is_missing_within_an_object_is_named_by_its_whole_path():
    traits = {"address": {"city": "Ulm"}}
    template, _ = compile_template("{{ profile.traits.address.zip }}", Place.TEXT, ROOTS)
    values = {"profile": Named("profile", {"traits": Named("profile.traits", traits)})}
    with pytest.raises(TemplateFaultError) as caught:
        template.render(values)
    assert caught.value.field == "profile.traits.address.zip"


def test_what_may_be_missing_has_a_default():
    assert (
        render("{{ profile.traits.city | default('?') }}{% if profile.traits.city is defined %}x{% endif %}")
        == "?"
    )


def test_a_trait_may_be_called_as_a_method_is():
    assert render("{{ profile.traits.items }}") == "3"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ person.email }}", "nothing called 'person'"),
        ("{{ profile.trait.email }}", "no profile.trait"),
        ("{{ profile.traits.x", "Line 1"),
        ("{% include 'x' %}", "Include"),
        ("{% import 'x' as y %}", "Import"),
        ("{% macro a() %}{% endmacro %}", "Macro"),
        ("{{ profile.id | attr('x') }}", "attr"),
        ("{{ profile.id | _plain }}", "_plain"),
        ("{% for a in [1] recursive %}{% endfor %}", "For"),
        ("{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "nested"),
        ("{% if 1 %}" * 150 + "{% endif %}" * 150, "nested"),
        ("{{ " + "not " * 5000 + "1 }}", "nested"),
        ("{{ 1 }}" * 5000, "too many parts"),
    ],
)
def test_a_wrong_template_is_refused_when_it_is_kept(source, words):
    assert words in problems_of(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ profile.traits.plan.__class__ }}",
        "{{ profile.traits['__class__'] }}",
        "{{ profile.traits.get.__self__ }}",
        "{{ profile.traits.plan.format(1) }}",
        "{{ profile.traits.plan() }}",
        "{{ [profile] | map(attribute='__class__') | list }}",
        "{{ range(100000) }}",
        "{{ 'a' * 1000000 }}",
        "{{ '%1000000d' % 3 }}",
        "{{ 10 ** 1000 }}",
        "{{ 1 / 0 }}",
        "{{ profile.traits.pop('plan') }}",
        "{{ profile.traits.plan | date }}",
        "{{ 0 | date('%1000000d') }}",
        "{{ 'text' | dictsort }}",
        "{{ profile.traits.plan | map('nothing') | list }}",
        "{{ '\\ud800' }}",
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 20 + "{{ a }}",
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a + a %}" * 20 + "{{ a }}",
        "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a | replace('x', 'xxxxxxxxxx') %}" * 8,
        "{% for a in range(1000) %}{% for b in range(10) %}{{ 'x' * 1 }}{% endfor %}{% endfor %}",
        "{% for a in range(1000) %}{{ '" + "x" * 1000 + "' }}{% endfor %}",
    ],
)
def test_the_sandbox_gives_nothing_away_and_ends(source):
    with pytest.raises(TemplateFaultError):
        render(source)


def test_what_people_need_of_text_and_dates_works():
    hashed = hashlib.sha256(b"ada@example.org").hexdigest()
    assert render("{{ 'Ada@Example.org'.lower() | sha256 }}") == hashed
    assert render("{{ 'a,b'.split(',') | join('-') }}") == "a-b"
    assert render("{{ '2026-11-27T23:30:00Z' | date('%d.%m. %H:%M', 'Europe/Berlin') }}") == "28.11. 00:30"
    assert render("{{ profile.traits.age + 1 }} {{ (profile.traits.age / 10) | round(1) }}") == "37 3.6"
    assert render("{{ profile.traits.tags | tojson }}") == '["a","b"]'
