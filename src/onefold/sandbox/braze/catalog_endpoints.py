"""The paths of catalogs: permission, group of the rate limit, and what answers."""

from __future__ import annotations

from onefold.sandbox.braze import catalog_items, catalogs
from onefold.sandbox.braze.endpoint import Endpoint, Table
from onefold.sandbox.braze.rates import CATALOG_FIELDS, CATALOG_ITEM, CATALOG_ITEMS, CATALOGS

CATALOG = "/catalogs/{catalog}"
ITEMS = CATALOG + "/items"
ITEM = ITEMS + "/{item}"

CATALOG_ENDPOINTS: Table = {
    ("POST", "/catalogs"): Endpoint("catalogs.create", CATALOGS, catalogs.create_catalog),
    ("GET", "/catalogs"): Endpoint("catalogs.get", CATALOGS, catalogs.list_catalogs),
    ("DELETE", CATALOG): Endpoint("catalogs.delete", CATALOGS, catalogs.delete_catalog),
    ("POST", CATALOG + "/fields"): Endpoint("catalogs.create_fields", CATALOG_FIELDS, catalogs.create_fields),
    ("DELETE", CATALOG + "/fields/{field}"): Endpoint(
        "catalogs.delete_fields", CATALOG_FIELDS, catalogs.delete_field
    ),
    ("POST", CATALOG + "/selections"): Endpoint(
        "catalogs.create_selection", CATALOG_FIELDS, catalogs.create_selection
    ),
    ("DELETE", CATALOG + "/selections/{selection}"): Endpoint(
        "catalogs.delete_selection", CATALOG_FIELDS, catalogs.delete_selection
    ),
    ("POST", ITEMS): Endpoint("catalogs.add_items", CATALOG_ITEMS, catalog_items.create_items),
    ("PATCH", ITEMS): Endpoint("catalogs.update_items", CATALOG_ITEMS, catalog_items.update_items),
    ("PUT", ITEMS): Endpoint("catalogs.replace_items", CATALOG_ITEMS, catalog_items.replace_items),
    ("DELETE", ITEMS): Endpoint("catalogs.delete_items", CATALOG_ITEMS, catalog_items.delete_items),
    ("GET", ITEMS): Endpoint("catalogs.get_items", CATALOG_ITEM, catalog_items.list_items),
    ("GET", ITEM): Endpoint("catalogs.get_item", CATALOG_ITEM, catalog_items.get_item),
    ("POST", ITEM): Endpoint("catalogs.create_item", CATALOG_ITEM, catalog_items.create_item),
    ("PATCH", ITEM): Endpoint("catalogs.update_item", CATALOG_ITEM, catalog_items.update_item),
    ("PUT", ITEM): Endpoint("catalogs.replace_item", CATALOG_ITEM, catalog_items.replace_item),
    ("DELETE", ITEM): Endpoint("catalogs.delete_item", CATALOG_ITEM, catalog_items.delete_item),
}
