"""What the shop sells, and the names of those who come. All invented."""

from decimal import Decimal

import msgspec

CURRENCY = "EUR"


class Product(msgspec.Struct, frozen=True):
    """One article."""

    product_id: str
    name: str
    category: str
    price: Decimal
    season: tuple[int, ...] = ()
    """Months in which it sells three times as well."""


WINTER, SPRING, SUMMER = (11, 12, 1, 2), (3, 4, 5), (6, 7, 8)
_RANGE: dict[str, tuple[tuple[str, str, tuple[int, ...]], ...]] = {
    "shoes": (
        ("Trail Runner", "129.00", SPRING),
        ("City Sneaker", "89.90", ()),
        ("Snow Boot", "149.00", WINTER),
        ("Linen Sandal", "54.50", SUMMER),
    ),
    "jackets": (
        ("Rain Shell", "119.00", SPRING),
        ("Down Parka", "279.00", WINTER),
        ("Denim Jacket", "99.90", ()),
    ),
    "bags": (
        ("Canvas Tote", "34.90", ()),
        ("Commuter Backpack", "109.00", ()),
        ("Weekender", "159.00", SUMMER),
    ),
    "accessories": (
        ("Merino Beanie", "29.90", WINTER),
        ("Sun Hat", "32.00", SUMMER),
        ("Wool Socks", "14.90", WINTER),
        ("Water Bottle", "24.90", SUMMER),
    ),
    "home": (
        ("Oak Candle", "19.90", WINTER),
        ("Picnic Blanket", "49.90", SUMMER),
        ("Stoneware Mug", "17.50", ()),
    ),
}

PRODUCTS = tuple(
    Product(f"{category[:2].upper()}-{number}", name, category, Decimal(price), season)
    for category, articles in _RANGE.items()
    for number, (name, price, season) in enumerate(articles, 1)
)
CATEGORIES = tuple(_RANGE)

FIRST_NAMES = (
    "Amara", "Bela", "Cleo", "Dario", "Edda", "Falk", "Gesa", "Hanno", "Ilka", "Jorin", "Kaya", "Levin",
    "Mira", "Nilo", "Oona", "Pia", "Quirin", "Runa", "Silas", "Tilda", "Ulla", "Vito", "Wanda", "Yara",
)  # fmt: skip
LAST_NAMES = (
    "Abendrot", "Birkhain", "Dornbusch", "Eichenau", "Falkenried", "Grünwald", "Hollerbach", "Immergrün",
    "Kieselberg", "Lindenhof", "Morgenstern", "Nebelung", "Quellmoos", "Rosenhag", "Seewind", "Tannberg",
)  # fmt: skip
PLACES = (
    ("Vienna", "AT"), ("Graz", "AT"), ("Berlin", "DE"), ("Hamburg", "DE"), ("Munich", "DE"), ("Zurich", "CH"),
    ("Basel", "CH"), ("Bolzano", "IT"),
)  # fmt: skip
CHANNELS = ("direct", "search", "newsletter", "social", "partner")
