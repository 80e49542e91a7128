"""What Halden Energy has bought: twelve invented publishers, and how much of each product is used.

The products are others than those of samples/, so that a sheet which is uploaded adds to the book.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Line:
    """One product line of the buyer. `share` is the part of the rights that is held; days count back from today:
    `started` when the right began, `ends_in` when it ends (None: perpetual), `notice` days before the end."""

    publisher: str
    product: str
    edition: str
    metric: str
    model: str
    rights: int
    share: float
    unit_price: str
    currency: str
    billing: str
    started: int
    ends_in: int | None
    notice: int
    auto_renew: bool
    cost_centre: str

    @property
    def price(self) -> Decimal:
        return Decimal(self.unit_price)


LINES = (
    Line(
        "Corvid Works",
        "Corvid Meetings",
        "Enterprise",
        "named_user",
        "subscription",
        2100,
        0.88,
        "14.20",
        "EUR",
        "monthly",
        340,
        215,
        90,
        True,
        "4100",
    ),
    Line(
        "Corvid Works",
        "Corvid Files",
        "",
        "named_user",
        "subscription",
        2100,
        0.41,
        "1.90",
        "EUR",
        "monthly",
        340,
        215,
        90,
        True,
        "4100",
    ),
    Line(
        "Lumen CAD",
        "Lumen Plant",
        "Professional",
        "named_user",
        "subscription",
        160,
        0.93,
        "1980.00",
        "EUR",
        "yearly",
        300,
        65,
        60,
        False,
        "5200",
    ),
    Line(
        "Lumen CAD",
        "Lumen Render",
        "",
        "concurrent_user",
        "subscription",
        25,
        0.60,
        "740.00",
        "EUR",
        "yearly",
        300,
        65,
        60,
        False,
        "5200",
    ),
    Line(
        "Brightfold",
        "Brightfold Boards",
        "Team",
        "named_user",
        "subscription",
        400,
        0.34,
        "96.00",
        "EUR",
        "yearly",
        250,
        115,
        30,
        True,
        "4100",
    ),
    Line(
        "Northlake Data",
        "Northlake Cache",
        "Standard",
        "core",
        "perpetual",
        96,
        0.75,
        "1450.00",
        "EUR",
        "once",
        364,
        None,
        0,
        False,
        "4300",
    ),
    Line(
        "Quillmark",
        "Quillmark Sign",
        "Pro",
        "named_user",
        "subscription",
        600,
        0.71,
        "118.00",
        "EUR",
        "yearly",
        200,
        165,
        45,
        True,
        "4100",
    ),
    Line(
        "Pallas Software",
        "Pallas Reports",
        "Explorer",
        "named_user",
        "subscription",
        220,
        0.52,
        "29.00",
        "USD",
        "monthly",
        280,
        85,
        60,
        False,
        "6100",
    ),
    Line(
        "Harrow",
        "Harrow Service Desk",
        "Agent",
        "named_user",
        "subscription",
        90,
        0.97,
        "49.00",
        "EUR",
        "monthly",
        320,
        45,
        30,
        True,
        "4200",
    ),
    Line(
        "Wexmoor",
        "Wexmoor Backup",
        "",
        "device",
        "subscription",
        350,
        0.83,
        "22.00",
        "EUR",
        "yearly",
        180,
        185,
        30,
        True,
        "4300",
    ),
    Line(
        "Ostra",
        "Ostra Signatures",
        "",
        "unit",
        "subscription",
        5000,
        0.0,
        "0.35",
        "EUR",
        "once",
        150,
        215,
        30,
        False,
        "6100",
    ),
    Line(
        "Fenwick",
        "Fenwick Code Review",
        "",
        "named_user",
        "subscription",
        140,
        0.79,
        "19.00",
        "USD",
        "monthly",
        310,
        55,
        30,
        True,
        "4400",
    ),
)

# The figures above are for a directory of this size.
FULL_SIZE = 2400

# The planted breaches, one for each rule of the scan.
OVER_ALLOCATED_PUBLISHER = "Tessel Geosystems"
OVER_ALLOCATED = "Tessel Maps"
WAITING_GROUP = "Map project"
OVER_ALLOCATED_PERPETUAL = 100
OVER_ALLOCATED_ENDED = 20
OVER_ALLOCATED_SEATS = 110
EXPIRED_PUBLISHER = "Strand Networks"
EXPIRED = "Strand Remote"
EXPIRED_RIGHTS = 40
EXPIRED_SEATS = 25
EXPIRED_SINCE_DAYS = 20

DEPARTMENTS = (
    "Grid operations",
    "Trading",
    "Engineering",
    "Finance",
    "IT",
    "People",
    "Legal",
    "Field service",
    "Customer care",
)
COST_CENTRES = {
    "4100": "Workplace",
    "4200": "Service management",
    "4300": "Infrastructure",
    "4400": "Development",
    "5200": "Engineering",
    "6100": "Business systems",
}
GIVEN_NAMES = """
    Ingrid Lars Maja Jonas Freja Anders Sofie Emil Astrid Oskar Linnea Henrik Klara Mikkel Signe Nils Amalie
    Viktor Thea Rasmus Elin Magnus Ida Tobias Hanna Sander Julie Aksel Nora Filip Karla Johan Saga Malte Liv
    Erik Alma Sven Tuva Kasper
""".split()
FAMILY_NAMES = """
    Solberg Nyström Halvorsen Lindqvist Bakke Holm Dahl Berglund Moen Sandberg Vik Ekström Haugen Lund Strand
    Aas Nygård Falk Rønning Hedlund Foss Söderberg Tangen Wallin Myhre Åkesson Lie Norberg Ruud Sjöberg Krogh
    Engström Hagen Blomqvist Brekke Nordin Skaar Ahlgren Vold Palm Eide Sundin Grøn Hallberg Tveit Forsberg
    Lykke Öberg Kvam Zetterlund Bø Fransson Gran Malm Nes Rask Stene Tjäder Ulstein Wiik
""".split()
