"""The documents that browser SDKs fetch before they send anything.

In: the source, its write key and where we can be reached. Out: JSON. Segment's analytics-next needs
`integrations["Segment.io"]`; Rudder's needs `source` with an empty list of destinations. Both learned
from the published clients.
"""

from collections.abc import Mapping

from onefold.capture.settings import CaptureSettings
from onefold.clock import to_iso
from onefold.model.json import JsonObject
from onefold.model.source import Source


def segment_settings(write_key: str, base_url: str) -> JsonObject:
    """What analytics-next fetches from `/v1/projects/{writeKey}/settings`. Own metrics are off."""
    protocol, _, host = base_url.partition("://")
    ours = {"apiKey": write_key, "apiHost": f"{host}/v1", "protocol": protocol}
    return {
        "integrations": {"Segment.io": ours},
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def source_config(source: Source, write_key: str, base_url: str) -> JsonObject:
    """What Rudder's analytics-js fetches from `/sourceConfig/`. Its own error reports are off."""
    changed_at = to_iso(source.created_at)
    return {
        "source": {
            "id": str(source.id),
            "name": source.name,
            "writeKey": write_key,
            "enabled": True,
            "workspaceId": "onefold",
            "config": {
                "statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}},
            },
            "connections": [],
            "destinations": [],
            "dataplanes": {"US": [{"url": base_url, "default": True}]},
            "updatedAt": changed_at,
        },
        "updatedAt": changed_at,
        "consentManagementMetadata": {"providers": []},
    }


def base_url(headers: Mapping[bytes, bytes], scheme: str, settings: CaptureSettings) -> str:
    """Where the browser reached us, so that it sends its events there, too."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = headers.get(b"host", b"localhost")
    if settings.forwarded_hops:
        host = headers.get(b"x-forwarded-host", host)
        scheme = headers.get(b"x-forwarded-proto", scheme.encode()).decode("latin-1")
    return f"{scheme}://{host.decode('latin-1')}"
