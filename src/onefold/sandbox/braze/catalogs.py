"""Catalogs: /catalogs, their fields and selections.

Source: Braze's pages "Create catalog", "List catalogs", "Delete catalog", "Create catalog fields" and
"Create selection" (July 2026).
"""

from __future__ import annotations

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.catalog import (
    ITEMS_MAX,
    NAME_CHARS_MAX,
    NAME_FORM,
    TYPES,
    Catalog,
    Problem,
    refuse_catalog,
)
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.workspace import Workspace

FIELDS_MAX = 500
FILTERS_MAX = 4
RESULTS_MAX = 50


def create_catalog(workspace: Workspace, body: JsonObject, _entry: Entry) -> Answer:
    """Make one catalog."""
    wanted = body.get("catalogs")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
        return refuse_catalog(400, Problem("catalog-array-invalid"))
    if len(wanted) > 1:
        return refuse_catalog(400, Problem("too-many-catalog-atoms"))
    catalog = _read_catalog(workspace, wanted[0])
    if isinstance(catalog, Problem):
        return refuse_catalog(400, catalog)
    workspace.catalogs[catalog.name] = catalog
    return Answer(201, {"catalogs": [catalog.view()], "message": texts.SUCCESS})


def _read_catalog(workspace: Workspace, wanted: JsonObject) -> Catalog | Problem:
    name, description = wanted.get("name"), wanted.get("description", "")
    if not isinstance(name, str) or not NAME_FORM.match(name):
        return Problem("invalid-catalog-name", ["name"], [name])
    if len(name) > NAME_CHARS_MAX:
        return Problem("catalog-name-too-large", ["name"], [name])
    if name in workspace.catalogs:
        return Problem("catalog-name-already-exists", ["name"], [name])
    if not isinstance(description, str) or len(description) > NAME_CHARS_MAX:
        return Problem("description-too-long", ["description"])
    fields = _read_fields(wanted.get("fields"))
    if isinstance(fields, Problem):
        return fields
    if next(iter(fields.items())) != ("id", "string"):
        return Problem("id-not-first-column", ["id"])
    return Catalog(name, description, fields, workspace.clock.now())


def _read_fields(wanted: object) -> dict[str, str] | Problem:
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, dict) for one in wanted):
        return Problem("invalid-fields", ["fields"])
    if len(wanted) > FIELDS_MAX:
        return Problem("too-many-fields", ["fields"])
    fields: dict[str, str] = {}
    for one in wanted:
        name, kind = one.get("name"), one.get("type")
        if not isinstance(name, str) or not NAME_FORM.match(name):
            return Problem("invalid-field-names", ["name"], [name])
        if len(name) > NAME_CHARS_MAX:
            return Problem("field-names-too-large", ["name"], [name])
        if name in fields:
            return Problem("field-names-not-unique", ["name"], [name])
        if not isinstance(kind, str) or kind not in TYPES:
            return Problem("invalid-field-types", ["type"], [kind])
        fields[name] = kind
    return fields


def list_catalogs(workspace: Workspace, _query: JsonObject, _entry: Entry) -> Answer:
    """Answer with all catalogs; there are no pages."""
    views = [catalog.view() for catalog in workspace.catalogs.values()]
    return Answer(200, {"catalogs": views, "message": texts.SUCCESS})


def delete_catalog(workspace: Workspace, _query: JsonObject, entry: Entry) -> Answer:
    """Remove a catalog with its items."""
    if workspace.catalogs.pop(entry.path_values["catalog"], None) is None:
        return refuse_catalog(404, Problem("catalog-not-found"))
    return Answer(200, {"message": texts.SUCCESS})


def find_catalog(workspace: Workspace, entry: Entry) -> Catalog | Answer:
    """Return the catalog of the path, or the refusal."""
    catalog = workspace.catalogs.get(entry.path_values["catalog"])
    return catalog if catalog is not None else refuse_catalog(404, Problem("catalog-not-found"))


def create_fields(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Add up to fifty fields."""
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    fields = _read_fields(body.get("fields"))
    if isinstance(fields, Problem):
        return refuse_catalog(400, fields)
    if len(fields) > ITEMS_MAX or len(fields) + len(catalog.fields) > FIELDS_MAX:
        return refuse_catalog(400, Problem("too-many-fields", ["fields"]))
    taken = sorted(fields.keys() & catalog.fields.keys())
    if taken:
        return refuse_catalog(400, Problem("field-names-not-unique", taken))
    workspace.submit(lambda: catalog.fields.update(fields))
    return Answer(202, {"message": texts.SUCCESS})


def delete_field(workspace: Workspace, _query: JsonObject, entry: Entry) -> Answer:
    """Remove a field other than the id."""
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    name = entry.path_values["field"]
    if name == "id" or name not in catalog.fields:
        return refuse_catalog(404, Problem("field-not-found", [name]))

    def apply() -> None:
        catalog.fields.pop(name, None)
        for item in catalog.items.values():
            item.pop(name, None)

    workspace.submit(apply)
    return Answer(202, {"message": texts.SUCCESS})


def create_selection(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Add a selection with up to four filters and fifty results."""
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    wanted = body.get("selection")
    filters = wanted.get("filters", []) if isinstance(wanted, dict) else None
    limit = wanted.get("results_limit", RESULTS_MAX) if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("name"), str):
        return refuse_catalog(400, Problem("selection-invalid", ["name"]))
    if not isinstance(filters, list) or len(filters) > FILTERS_MAX:
        return refuse_catalog(400, Problem("selection-invalid", ["filters"]))
    if type(limit) is not int or not 1 <= limit <= RESULTS_MAX:
        return refuse_catalog(400, Problem("selection-invalid", ["results_limit"]))
    if wanted.get("source", "custom") not in ("custom", "Shopify"):
        return refuse_catalog(400, Problem("selection-invalid", ["source"]))
    workspace.submit(lambda: catalog.selections.update({wanted["name"]: wanted}))
    return Answer(202, {"message": texts.SUCCESS})


def delete_selection(workspace: Workspace, _query: JsonObject, entry: Entry) -> Answer:
    """Remove a selection."""
    catalog = find_catalog(workspace, entry)
    if isinstance(catalog, Answer):
        return catalog
    if catalog.selections.pop(entry.path_values["selection"], None) is None:
        return refuse_catalog(404, Problem("selection-not-found"))
    return Answer(202, {"message": texts.SUCCESS})
