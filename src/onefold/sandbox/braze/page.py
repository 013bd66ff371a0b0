"""The plain page at /: numbers, people, one person, last requests, data points by field."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import islice
from typing import cast
from urllib.parse import quote

import msgspec

from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.views import entry_view, find_profiles, profile_view, stats_view, user_row
from onefold.sandbox.braze.workspace import Workspace

CONTENT_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
)
USERS_SHOWN = 25
REQUESTS_SHOWN = 20
FIELDS_SHOWN = 40
BODY_CHARS_SHOWN = 20_000

STYLE = """
:root { color-scheme: light dark; --line: #d5d9e0; --soft: #5b6472; --card: #f5f7fa; --ink: #12161c;
  --ground: #ffffff; --bar: #3b6fd4; }
@media (prefers-color-scheme: dark) { :root { --line: #333b47; --soft: #98a3b3; --card: #1b2028;
  --ink: #e8ecf2; --ground: #12151a; --bar: #6c9bf5; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1.5rem;
  color: var(--ink); background: var(--ground); }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
a { color: var(--bar); } .soft { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .75rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.card b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .3rem .5rem;
  border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .7rem;
  overflow: auto; max-height: 24rem; font-size: 13px; }
.bar { background: var(--bar); height: .6rem; border-radius: .3rem; min-width: 2px; }
input { font: inherit; padding: .3rem .5rem; }
"""

# Only the numbers refresh by themselves: a list that moves under the reader's eyes cannot be read.
SCRIPT = """
async function refresh() {
  try {
    const answer = await fetch('/__sandbox/stats');
    const stats = await answer.json();
    stats.data_points_total = stats.data_points.total;
    for (const cell of document.querySelectorAll('[data-number]')) {
      const value = stats[cell.dataset.number];
      if (value !== undefined) cell.textContent = Number(value).toLocaleString('en-US');
    }
  } catch (error) { /* The sandbox was stopped; the numbers stay as they were. */ }
}
setInterval(refresh, 1000);
"""

NUMBERS = (
    ("users", "Users"),
    ("requests", "Requests"),
    ("objects", "Objects accepted"),
    ("objects_refused", "Objects refused"),
    ("events", "Events"),
    ("purchases", "Purchases"),
    ("data_points_total", "Data points"),
    ("objects_per_second", "Objects a second"),
    ("pending_requests", "Waiting requests"),
)


def render(workspace: Workspace, query: Mapping[str, str]) -> str:
    """Return the whole page; `user` shows one person, `search` filters the list."""
    stats = stats_view(workspace)
    points = cast(dict[str, object], stats["data_points"])
    stats["data_points_total"] = points["total"]
    body = [
        "<h1>Local Braze</h1><p class=soft>A stand-in that keeps everything in memory until it stops.</p>",
        _cards(stats),
    ]
    if "user" in query:
        body.append(_user(workspace, query["user"]))
    body += [
        _users(workspace, query.get("search", "")),
        _segments(workspace),
        _exports(workspace),
        _sends(workspace),
        _requests(workspace),
        _points(cast(dict[str, int], points["by_field"])),
        _ignored(cast(dict[str, int], stats["ignored"])),
    ]
    return (
        '<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">'
        f"<title>Local Braze</title><style>{STYLE}</style><body>{''.join(body)}<script>{SCRIPT}</script>"
    )


def _cards(stats: JsonObject) -> str:
    cards = "".join(
        f'<div class=card><b data-number="{key}">{cast(float, stats[key]):,}</b>{label}</div>'
        for key, label in NUMBERS
    )
    return f"<div class=cards>{cards}</div>"


def _users(workspace: Workspace, search: str) -> str:
    profiles, _ = find_profiles(workspace, search, 0, USERS_SHOWN)
    rows = "".join(_user_row(user_row(profile)) for profile in profiles)
    return (
        f"<h2>Users</h2><form><label>Search <input name=search value='{escape(search)}'></label></form>"
        "<table><tr><th>External id<th>Email<th>Aliases<th class=n>Events<th class=n>Purchases"
        f"<th class=n>Data points<th>Updated</tr>{rows}</table>"
    )


def _user_row(row: JsonObject) -> str:
    key = str(row["external_id"] or row["braze_id"])
    aliases = ", ".join(f"{label}:{name}" for label, name in cast(dict[str, str], row["aliases"]).items())
    return (
        f"<tr><td><a href='/?user={quote(key, safe='')}'>{escape(key)}</a>"
        f"<td>{escape(str(row['email'] or ''))}"
        f"<td>{escape(aliases)}<td class=n>{row['events']}<td class=n>{row['purchases']}"
        f"<td class=n>{row['data_points']}<td>{row['updated_at']}</tr>"
    )


def _user(workspace: Workspace, key: str) -> str:
    store = workspace.store
    profile = store.by_external_id(key) or store.by_braze_id(key)
    if profile is None:
        return f"<h2>User {escape(key)}</h2><p>Nobody has this id.</p>"
    return f"<h2>User {escape(key)}</h2>{_pre(profile_view(profile, workspace.settings))}"


def _segments(workspace: Workspace) -> str:
    rows = "".join(
        f"<tr><td>{escape(segment.definition.name)}<td>{escape(segment.id)}<td>{escape(segment.text())}</tr>"
        for segment in islice(workspace.segments.values(), USERS_SHOWN)
    )
    if not rows:
        return ""
    return f"<h2>Segments</h2><table><tr><th>Name<th>Id<th>Who is in it</tr>{rows}</table>"


def _exports(workspace: Workspace) -> str:
    rows = ""
    for export in reversed([*workspace.exports.by_prefix.values()][-REQUESTS_SHOWN:]):
        error = f": {escape(export.error)}" if export.error else ""
        url = f"<a href='{escape(export.url)}'>file</a>" if export.url and export.state == "done" else ""
        rows += (
            f"<tr><td>{escape(export.segment_id)}<td>{export.state}{error}<td class=n>{export.users:,}"
            f"<td class=n>{len(export.files)}<td>{url}</tr>"
        )
    if not rows:
        return ""
    head = "<tr><th>Segment<th>State<th class=n>Users<th class=n>Files<th></tr>"
    return f"<h2>Segment exports</h2><table>{head}{rows}</table>"


def _sends(workspace: Workspace) -> str:
    rows = "".join(
        f"<tr><td>{escape(str(send['at']))}<td>{escape(str(send['name'] or 'messages'))}"
        f"<td class=n>{send['people']}</tr>"
        for send in list(workspace.messaging.sends)[-REQUESTS_SHOWN:]
    )
    return f"<h2>Sends</h2><table><tr><th>At<th>What<th class=n>People</tr>{rows}</table>" if rows else ""


def _requests(workspace: Workspace) -> str:
    parts = ["<h2>Last requests</h2>"]
    for entry in workspace.journal.newest(REQUESTS_SHOWN):
        view = entry_view(entry)
        fault = f" · fault: {escape(entry.fault)}" if entry.fault else ""
        parts.append(
            f"<details><summary>#{entry.id} {view['at']} {escape(entry.method)} {escape(entry.path)} → "
            f"<b>{entry.status}</b> · {entry.objects} objects · {entry.data_points} data points{fault}"
            f"</summary><p class=soft>Body</p>{_pre(view['body'])}"
            f"<p class=soft>Answer</p>{_pre(view['answer'])}</details>"
        )
    return "".join(parts)


def _pre(value: object) -> str:
    text = msgspec.json.format(msgspec.json.encode(value)).decode()
    cut = text[:BODY_CHARS_SHOWN] + ("\n…" if len(text) > BODY_CHARS_SHOWN else "")
    return f"<pre>{escape(cut)}</pre>"


def _points(by_field: Mapping[str, int]) -> str:
    ranked = sorted(by_field.items(), key=lambda item: -item[1])[:FIELDS_SHOWN]
    most = ranked[0][1] if ranked else 1
    rows = "".join(
        f"<tr><td>{escape(name)}<td class=n>{points:,}"
        f"<td style='width:50%'><div class=bar style='width:{100 * points / most:.1f}%'></div></tr>"
        for name, points in ranked
    )
    return f"<h2>Data points by field</h2><table>{rows}</table>"


def _ignored(by_reason: Mapping[str, int]) -> str:
    if not by_reason:
        return ""
    rows = "".join(f"<tr><td>{escape(name)}<td class=n>{n:,}</tr>" for name, n in by_reason.items())
    return f"<h2>Accepted but ignored, as Braze does</h2><table>{rows}</table>"
