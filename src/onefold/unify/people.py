"""The people around a batch of events: who is known, and what changed. The working set of unify.

In: identifiers and profiles as the store had them. Out: the same, changed, with everything a store must
write noted beside. One writer; a commit that failed makes all of it void.
"""

from onefold.model.profile import NEVER, Profile
from onefold.unify.interaction import INTERACTIONS_MAX
from onefold.unify.link import Link


class People:
    """Profiles and identifiers of this batch (and cached from earlier ones), and the notes of the batch."""

    __slots__ = (
        "attached",
        "dirty",
        "disturbed",
        "identifiers",
        "interactions_max",
        "known",
        "links",
        "merged",
        "next_id",
        "profiles",
    )

    def __init__(self, next_id: int = 1, known: int = 0, *, interactions_max: int = INTERACTIONS_MAX) -> None:
        self.profiles: dict[int, Profile] = {}
        self.identifiers: dict[str, int] = {}
        """Identifier key -> profile id; 0 = the store does not know it. Holds every key of the batch."""
        self.next_id = next_id
        self.interactions_max = interactions_max
        """Kept a profile."""
        self.known = known
        """Profiles with any identifier besides anonymous ids."""
        self.dirty: set[int] = set()
        self.attached: set[str] = set()
        """Keys whose profile changed in this batch."""
        self.links: list[Link] = []
        self.merged: list[tuple[Profile, int]] = []
        """The loser as it was, and the id of the survivor, in order."""
        self.disturbed: list[Profile] = []
        """Profiles that lost an identifier to another one."""

    def start_batch(self) -> None:
        """Forget the notes of the batch before; call after its commit."""
        self.dirty = set()
        self.attached = set()
        self.links = []
        self.merged = []
        self.disturbed = []

    def add_profile(self, at: int) -> Profile:
        """A new profile, first known at `at`; the fold says when the person was seen."""
        profile = Profile(self.next_id, at, NEVER, {}, {}, {}, b"", {}, 0, [], {}, {})
        self.profiles[profile.id] = profile
        self.next_id += 1
        return profile

    def assign(self, key: str, profile_id: int) -> None:
        """From now on the identifier belongs to that profile."""
        self.identifiers[key] = profile_id
        self.attached.add(key)
