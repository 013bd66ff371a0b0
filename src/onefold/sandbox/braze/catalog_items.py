"""Items of a catalog: up to fifty at a time and a little later, or one at once.

Source: Braze's pages on asynchronous and synchronous catalog items (July 2026).
"""

from __future__ import annotations

from collections.abc import Callable

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.catalog import (
    ITEMS_MAX,
    NAME_CHARS_MAX,
    NAME_FORM,
    Catalog,
    Problem,
    change_array,
    check_item,
    refuse_catalog,
)
from onefold.sandbox.braze.catalogs import find_catalog
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import next_link, read_cursor
from onefold.sandbox.braze.workspace import Workspace

PAGE_ITEMS = 50
_Write = Callable[[Catalog, str, JsonObject], str | None]


def _create(catalog: Catalog, item_id: str, values: JsonObject) -> str | None:
    if item_id in catalog.items:
        return "item-already-exists"
    catalog.items[item_id] = values
    return None


def _update(catalog: Catalog, item_id: str, values: JsonObject) -> str | None:
    item = catalog.items.get(item_id)
    if item is None:
        return "item-not-found"
    for name, value in values.items():
        item[name] = change_array(item.get(name), value)
    return None


def _replace(catalog: Catalog, item_id: str, values: JsonObject) -> str | None:
    catalog.items[item_id] = values
    return None


def _delete(catalog: Catalog, item_id: str, _values: JsonObject) -> str | None:
    return None if catalog.items.pop(item_id, None) is not None else "item-not-found"


def create_items(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue new items."""
    return _change(workspace, body, entry, _create)


def update_items(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue changed fields of items."""
    return _change(workspace, body, entry, _update)


def replace_items(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue whole items."""
    return _change(workspace, body, entry, _replace)


def delete_items(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue removals."""
    return _change(workspace, body, entry, _delete)


def _change(workspace: Workspace, body: JsonObject, entry: Entry, write: _Write) -> Answer:
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    items = _read_items(body)
    if isinstance(items, Problem):
        return refuse_catalog(400, items)
    checked: dict[str, JsonObject] = {}
    for item in items:
        values = check_item(catalog, item, is_update=write is _update)
        if isinstance(values, Problem):
            return refuse_catalog(400, values)
        checked[str(item["id"])] = values
    entry.objects = len(checked)
    workspace.submit(lambda: _apply(workspace, catalog, checked, write, entry))
    return Answer(202, {"message": texts.SUCCESS})


def _read_items(body: JsonObject) -> list[JsonObject] | Problem:
    items = body.get("items")
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        return Problem("item-array-invalid")
    if len(items) > ITEMS_MAX:
        return Problem("request-includes-too-many-items")
    ids = [item.get("id") for item in items]
    if any(one is None for one in ids):
        return Problem("items-missing-ids")
    if not all(isinstance(one, str) for one in ids):
        return Problem("ids-not-strings")
    if any(len(one) > NAME_CHARS_MAX for one in ids):
        return Problem("ids-too-large")
    if not all(NAME_FORM.match(one) for one in ids):
        return Problem("invalid-ids")
    return Problem("ids-not-unique") if len(set(ids)) < len(ids) else items


def _apply(
    workspace: Workspace, catalog: Catalog, items: dict[str, JsonObject], write: _Write, entry: Entry
) -> None:
    for item_id, values in items.items():
        reason = write(catalog, item_id, values)
        if reason is not None:
            workspace.ignored.note(reason, entry.id, f"{catalog.name}/{item_id}")
    catalog.updated_at = workspace.clock.now()


def list_items(workspace: Workspace, query: JsonObject, entry: Entry) -> Answer:
    """Answer with fifty items and a link to the next."""
    catalog, place = find_catalog(workspace, entry), read_cursor(query)
    if isinstance(catalog, Answer):
        return catalog
    if place is None:
        return refuse_catalog(400, Problem("invalid-cursor", ["cursor"]))
    end = place + PAGE_ITEMS
    rows = [_row(item_id, values) for item_id, values in list(catalog.items.items())[place:end]]
    headers = next_link(entry, end) if end < len(catalog.items) else ()
    return Answer(200, {"items": rows, "message": texts.SUCCESS}, headers)


def _row(item_id: str, values: JsonObject) -> JsonObject:
    return {"id": item_id, **values}


def get_item(workspace: Workspace, _query: JsonObject, entry: Entry) -> Answer:
    """Answer with one item."""
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    item_id = entry.path_values["item"]
    if item_id not in catalog.items:
        return refuse_catalog(404, Problem("item-not-found"))
    return Answer(200, {"items": [_row(item_id, catalog.items[item_id])], "message": texts.SUCCESS})


def create_item(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Make one item at once."""
    return _change_one(workspace, body, entry, _create, 201)


def update_item(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Change fields of one item at once."""
    return _change_one(workspace, body, entry, _update, 200)


def replace_item(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Replace one item at once."""
    return _change_one(workspace, body, entry, _replace, 200)


def delete_item(workspace: Workspace, _query: JsonObject, entry: Entry) -> Answer:
    """Remove one item."""
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    reason = _delete(catalog, entry.path_values["item"], {})
    return Answer(202, {"message": texts.SUCCESS}) if reason is None else refuse_catalog(404, Problem(reason))


def _change_one(workspace: Workspace, body: JsonObject, entry: Entry, write: _Write, status: int) -> Answer:
    catalog, item_id, items = find_catalog(workspace, entry), entry.path_values["item"], body.get("items")
    if isinstance(catalog, Answer):
        return catalog
    if not isinstance(items, list) or len(items) != 1 or not isinstance(items[0], dict):
        return refuse_catalog(400, Problem("item-array-invalid"))
    if "id" in items[0]:
        return refuse_catalog(400, Problem("id-in-body"))
    problem = _read_items({"items": [{"id": item_id}]})
    if isinstance(problem, Problem):
        return refuse_catalog(400, problem)
    values = check_item(catalog, items[0], is_update=write is _update)
    if isinstance(values, Problem):
        return refuse_catalog(400, values)
    reason = write(catalog, item_id, values)
    if reason is not None:
        return refuse_catalog(404 if reason == "item-not-found" else 400, Problem(reason))
    catalog.updated_at = workspace.clock.now()
    return Answer(status, {"message": texts.SUCCESS})
