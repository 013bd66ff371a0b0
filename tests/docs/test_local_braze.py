"""The page on the local Braze names every endpoint, control action, fault and setting that exists."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from onefold.sandbox.braze.control import Control
from onefold.sandbox.braze.endpoints import ENDPOINTS
from onefold.sandbox.braze.faults import Fault, WorkFault
from onefold.sandbox.braze.rates import FIXED_GROUPS
from onefold.sandbox.braze.settings import FIXED_FIELDS, SandboxSettings
from onefold.sandbox.braze.workspace import Workspace

PAGE = (Path(__file__).parents[2] / "docs/reference/local-braze.md").read_text(encoding="utf-8")
CALL = re.compile(r"`((?:GET|POST|PUT|PATCH|DELETE) [^`]+)`")
ONE_USER = "GET users/ID"


def test_the_endpoints_shown_are_those_that_exist() -> None:
    shown = {call for call in CALL.findall(PAGE) if "/" in call.split(" ")[1][:1]}
    assert shown == {f"{method} {path}" for method, path in ENDPOINTS}


def test_the_control_actions_shown_are_those_that_exist() -> None:
    section = PAGE.split("## The control API")[1].split("## Faults")[0]
    actions = Control(Workspace(SandboxSettings()), {}).actions
    assert set(CALL.findall(section)) == {f"{method} {name}" for method, name in actions} | {ONE_USER}


def test_the_faults_shown_are_those_that_exist() -> None:
    section = PAGE.split("## Faults")[1].split("## Settings")[0]
    shown = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) - {"kind"}
    kinds = get_args(get_type_hints(Fault)["kind"])
    existing = {name for kind in kinds for name in (get_args(kind) or (kind,))}
    assert set(get_args(WorkFault)) < existing
    assert shown == existing


@pytest.mark.parametrize("field", msgspec.structs.fields(SandboxSettings), ids=lambda field: field.name)
def test_every_setting_is_described(field: msgspec.structs.FieldInfo) -> None:
    section = PAGE.split("## Settings")[1].split("## What differs")[0]
    assert field.name in FIXED_FIELDS or f"`{field.name}`" in section


@pytest.mark.parametrize("group", sorted(FIXED_GROUPS))
def test_every_group_of_limits_is_named(group: str) -> None:
    assert f"`{group}`" in PAGE


@pytest.mark.parametrize("block", re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
def test_settings_shown_can_be_used(block: str) -> None:
    assert msgspec.json.decode(block, type=SandboxSettings).s3 is not None
