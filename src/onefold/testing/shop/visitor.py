"""Someone who comes to the shop: unknown at first, with a device or three, and habits of her own."""

import random
from decimal import Decimal
from uuid import UUID

from onefold.model.json import JsonObject
from onefold.testing.shop.catalogue import CATEGORIES, CHANNELS, FIRST_NAMES, LAST_NAMES, PLACES


class Visitor:
    """The person behind the clicks; the shop itself sees only what her devices send."""

    __slots__ = (
        "busy_until",
        "channel",
        "devices",
        "favourite",
        "is_known",
        "known_devices",
        "number",
        "orders",
        "spent",
        "temper",
        "traits",
    )

    def __init__(self, number: int, chance: random.Random) -> None:
        self.number = number
        first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
        city, country = chance.choice(PLACES)
        mailbox = f"{first}.{last}.{number}".lower().replace("ü", "ue")
        self.traits: JsonObject = {
            "email": f"{mailbox}@mail.example",
            "firstName": first,
            "lastName": last,
            "city": city,
            "country": country,
            "newsletter": chance.random() < 0.4,
            "birthday": f"{chance.randint(1950, 2006)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        }
        count = chance.choices((1, 2, 3), (60, 32, 8))[0]
        self.devices = [str(UUID(int=chance.getrandbits(128), version=4)) for _ in range(count)]
        self.known_devices: set[str] = set()
        self.favourite = chance.choice(CATEGORIES)
        self.channel = chance.choice(CHANNELS)
        self.temper = chance.betavariate(2, 5)
        """How easily she buys, 0 to 1."""
        self.busy_until = 0
        """She is in the shop until then: nobody visits twice at a time."""
        self.is_known = False
        self.orders = 0
        self.spent = Decimal(0)

    @property
    def user_id(self) -> str:
        """What the shop calls her once she has signed up."""
        return f"customer-{self.number}"

    def identity(self, device: str) -> JsonObject:
        """Who an event of this device says that it is of."""
        identity: JsonObject = {"anonymous_id": device}
        if device in self.known_devices:
            identity["user_id"] = self.user_id
        return identity
