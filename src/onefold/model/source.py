"""Sources: where events come from, and the public keys that name them when they write."""

import msgspec

HTTP = "http"
IMPORT = "import"


class Source(msgspec.Struct, frozen=True):
    """One sender of events. `id` stands in every record; 0 is Onefold itself."""

    id: int
    name: str
    enabled: bool = True
    rate_per_s: int = 0
    """Events a second admitted, as a token bucket with one second of burst; 0 = unlimited."""
    drop_ip: bool = False
    drop_bots: bool = False
    created_at: int = 0
    kind: str = HTTP
    """What it takes: what SDKs and servers send (`http`), runs of an import (`import`), or what a destination
    tells of (a kind that its connector names, such as `braze-currents`)."""

    @property
    def is_feedback(self) -> bool:
        """A destination tells its events by it."""
        return self.kind not in (HTTP, IMPORT)


class WriteKey(msgspec.Struct, frozen=True):
    """A key of a source. Rotation: create the new one, move the senders, disable the old one."""

    key: str
    source_id: int
    enabled: bool = True
    created_at: int = 0
