"""Saved views, as control.db keeps them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.callers import MACHINE
from onefold.backends.embedded.control.saved_views import OWN_MAX, SHARED_MAX, SavedViewStore, StoredView
from onefold.backends.embedded.control.team import TeamStore
from onefold.errors import RequestError
from onefold.model.access import Role
from onefold.model.saved_view import ListPage

AT = 1_795_000_000_000_000
ADA, BOB = 1, 2


@pytest.fixture
def database(tmp_path: Path) -> Iterator[ControlDatabase]:
    opened = ControlDatabase.writer(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def views(database: ControlDatabase) -> SavedViewStore:
    return SavedViewStore(database)


def make_view(name: str = "Gold", owner_id: int = ADA, **more: Any) -> StoredView:
    view = StoredView(0, owner_id, ListPage.PROFILES, name, {"segment": "1"}, {}, False, 1, AT, AT)
    return msgspec.structs.replace(view, **more)


def taken(views: SavedViewStore, view: StoredView) -> bool:
    try:
        views.save(view)
    except RequestError as error:
        return error.code == "api.name_taken"
    return False


def test_a_teammate_has_their_own_and_the_shared_ones_of_each_page(views: SavedViewStore) -> None:
    own = views.save(make_view())
    shared = views.save(make_view("Team", BOB, shared=True, personal_filters={"search": "ada"}))
    views.save(make_view("Secret", BOB))
    runs = views.save(make_view("Files", page=ListPage.RUNS))
    assert views.page(owner_id=ADA) == [own, shared, runs]
    assert views.page(owner_id=ADA, of_page=ListPage.RUNS) == [runs]
    assert views.page(owner_id=None) == [shared]
    assert views.page(owner_id=ADA, after=own.id, count_max=1) == [shared]
    assert views.find(shared.id) == shared


def test_a_name_stands_once_in_what_is_ones_own_and_once_in_what_is_the_teams(views: SavedViewStore) -> None:
    own = views.save(make_view())
    assert taken(views, make_view())
    assert taken(views, make_view(shared=True)), "to its owner it would stand there twice"
    assert not taken(views, make_view(page=ListPage.RUNS))
    assert not taken(views, make_view(owner_id=BOB, shared=True))
    assert taken(views, msgspec.structs.replace(own, shared=True))
    assert not taken(views, msgspec.structs.replace(own, filters={"segment": "2"})), "its own name is free"


def test_a_page_has_so_many_views_and_no_more(views: SavedViewStore) -> None:
    for shared, count_max in ((False, OWN_MAX), (True, SHARED_MAX)):
        made = [views.save(make_view(f"{shared} {number}", shared=shared)) for number in range(count_max)]
        with pytest.raises(RequestError) as refused:
            views.save(make_view("One more", shared=shared))
        assert refused.value.code == "api.too_many_views"
        views.save(msgspec.structs.replace(made[0], name=f"Renamed {shared}"))
        views.save(make_view(f"More {shared}", owner_id=BOB, page=ListPage.RUNS, shared=shared))


def test_who_leaves_takes_what_is_theirs_alone(views: SavedViewStore, database: ControlDatabase) -> None:
    team = TeamStore(database)
    team.create("boss@example.org", "Boss", Role.OWNER, AT, personal=True)
    max_ = team.create("max@example.org", "Max", Role.MARKETER, AT, personal=True)
    own = views.save(make_view("Own", max_.id))
    shared = views.save(make_view("Team", max_.id, shared=True))
    views.save(make_view("Team", MACHINE))
    team.remove(max_.id)
    assert views.find(own.id) is None
    assert views.find(shared.id) == msgspec.structs.replace(shared, owner_id=MACHINE)


def test_views_that_name_a_person_go(views: SavedViewStore) -> None:
    kept = views.save(make_view())
    views.save(make_view("Ada", personal_filters={"search": "ada@example.org"}))
    assert views.forget_naming(lambda value: value == "ada@example.org") == 1
    assert views.page(owner_id=ADA) == [kept]
    assert views.forget_naming(lambda value: True) == 0
