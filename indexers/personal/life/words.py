"""The words a generated life is made of: names, cities, hotels, things to buy, to watch, to read and to hear.

All made up but for the cities, whose coordinates are rounded to a hundredth of a degree (about a kilometre).
Knows words; knows nothing of days or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class City:
    """Somewhere to go. `sight` and `dish` are what people write home about."""

    name: str
    country: str
    latitude: float
    longitude: float
    code: str
    sight: str
    dish: str


FIRST: Final = (
    "Anna", "Jonas", "Mette", "Oskar", "Priya", "Tomas", "Ingrid", "Samuel", "Leila", "Marek", "Freja", "Dominic",
    "Yuki", "Camille", "Bruno", "Sigrid", "Amara", "Felix", "Noor", "Hannah", "Emil", "Rosalind", "Kofi", "Tilde",
    "Mateo", "Astrid", "Ravi", "Beatrix", "Lukas", "Esther", "Dagny", "Iris", "Pavel", "Wanda", "Julius", "Maren",
)  # fmt: skip

LAST: Final = (
    "Thorsgaard", "Vestergren", "Okonjo", "Lindqvarn", "Marchetta", "Brightwell", "Haldane", "Kowalke", "Sørensby",
    "Duvalier", "Achterberg", "Rautavaara", "Pemberlow", "Nakagiri", "Castellane", "Fjordholm", "Mukherji", "Ostrowe",
    "Quillfeather", "Abernath", "Zielonka", "Trevisan", "Bækgaard", "Holloway", "Ferreiro", "Grünwald", "Tamminen",
    "Ashcombe", "Velasko", "Wintermark", "Ørnskov", "Delacroy", "Papazian", "Stavnes", "Crowhurst", "Lammers",
)  # fmt: skip

HOMES: Final = (("Aarhus", "Copenhagen"), ("Odense", "Aarhus"), ("Copenhagen", "Aalborg"))
"""Where the person lives before and after the move; all in one time zone, Europe/Copenhagen."""

STREETS: Final = (
    "Mejlgade", "Vestre Ringvej", "Skovbrynet", "Kastanievej", "Havnegade", "Nørre Allé", "Jægergårdsvej", "Møllestien",
    "Strandboulevarden", "Kirkebakken", "Lærkevej", "Fyrretoppen",
)  # fmt: skip

CITIES: Final = (
    City("Lisbon", "Portugal", 38.72, -9.14, "LIS", "the tiled stairs of Alfama", "grilled sardines"),
    City("Porto", "Portugal", 41.15, -8.61, "OPO", "the iron bridge over the Douro", "francesinha"),
    City("Seville", "Spain", 37.39, -5.99, "SVQ", "the gardens of the Alcázar", "salmorejo"),
    City("Valencia", "Spain", 39.47, -0.38, "VLC", "the old river bed turned park", "paella with rabbit"),
    City("Bologna", "Italy", 44.49, 11.34, "BLQ", "the two leaning towers", "tagliatelle al ragù"),
    City("Palermo", "Italy", 38.12, 13.36, "PMO", "the Ballarò market", "arancine"),
    City("Turin", "Italy", 45.07, 7.69, "TRN", "the film museum in the Mole", "agnolotti"),
    City("Vienna", "Austria", 48.21, 16.37, "VIE", "the butterfly house", "Tafelspitz"),
    City("Ljubljana", "Slovenia", 46.06, 14.51, "LJU", "the dragon bridge", "štruklji"),
    City("Kraków", "Poland", 50.06, 19.94, "KRK", "the cloth hall", "pierogi with plums"),
    City("Prague", "Czechia", 50.08, 14.44, "PRG", "the library of Strahov", "svíčková"),
    City("Budapest", "Hungary", 47.50, 19.04, "BUD", "the Széchenyi baths", "lángos"),
    City("Tallinn", "Estonia", 59.44, 24.75, "TLL", "the old town walls", "black bread ice cream"),
    City("Riga", "Latvia", 56.95, 24.11, "RIX", "the zeppelin market halls", "grey peas with bacon"),
    City("Helsinki", "Finland", 60.17, 24.94, "HEL", "the rock church", "salmon soup"),
    City("Bergen", "Norway", 60.39, 5.32, "BGO", "the wooden wharf of Bryggen", "fish soup"),
    City("Reykjavik", "Iceland", 64.15, -21.94, "KEF", "the harbour whales", "lamb stew"),
    City("Edinburgh", "United Kingdom", 55.95, -3.19, "EDI", "the climb to Arthur's Seat", "cullen skink"),
    City("Dublin", "Ireland", 53.35, -6.26, "DUB", "the long room of Trinity", "coddle"),
    City("Ghent", "Belgium", 51.05, 3.72, "GNE", "the altarpiece in Saint Bavo", "waterzooi"),
    City("Utrecht", "Netherlands", 52.09, 5.12, "UTC", "the canals below street level", "bitterballen"),
    City("Lyon", "France", 45.76, 4.84, "LYS", "the hidden passages of Croix-Rousse", "quenelles"),
    City("Marseille", "France", 43.30, 5.37, "MRS", "the walk to the Calanques", "bouillabaisse"),
    City("Leipzig", "Germany", 51.34, 12.37, "LEJ", "the cotton mill galleries", "Leipziger Allerlei"),
    City("Hamburg", "Germany", 53.55, 9.99, "HAM", "the model railway", "Labskaus"),
    City("Athens", "Greece", 37.98, 23.73, "ATH", "the hill of the Muses at dusk", "gemista"),
    City("Chania", "Greece", 35.51, 24.02, "CHQ", "the Venetian lighthouse", "dakos"),
    City("Split", "Croatia", 43.51, 16.44, "SPU", "the cellars of Diocletian", "pašticada"),
    City("Sofia", "Bulgaria", 42.70, 23.32, "SOF", "the mountain tram to Vitosha", "banitsa"),
    City("Kyoto", "Japan", 35.01, 135.77, "UKY", "the moss temple", "yudofu"),
    City("Montréal", "Canada", 45.50, -73.57, "YUL", "the Sunday drums on Mount Royal", "poutine"),
    City("Marrakesh", "Morocco", 31.63, -8.01, "RAK", "the dyers' souk", "pastilla"),
)  # fmt: skip

HOTELS: Final = (
    "Casa do Sino", "Hotel Meridiana", "The Brass Lantern", "Pension Aurelia", "Villa Corvina", "Hotel Drei Linden",
    "The Quiet Heron", "Albergo Sant'Orso", "Hostal Las Golondrinas", "Maison Verveine", "Hotel Polarstern",
    "The Copper Kettle Inn", "Gasthof Nachtigall", "Residenz Belvoir", "Hotel Vltavín", "The Old Customs House",
    "Rooms at Nine Elms", "Hotel Kormoran", "Palazzo Ginestra", "The Tidewaiter", "Auberge du Cèdre", "Hotel Zum Anker",
    "Locanda Tre Pini", "The Lamplighter", "Hotel Estrela", "Kapitanshaus", "The Almond Court", "Hotel Pasadena Azul",
    "Zajazd Pod Lipami", "Penzion Kolibřík", "The Ferryman's Rest", "Hotel Silberdistel",
)  # fmt: skip

TABLES: Final = (
    "Sjömagasinet Lille", "Osteria della Volpe", "Café Persimmon", "The Salted Plum", "Taverna Glaukos", "Bodega Nueve",
    "Restaurant Hyld", "Kantine 44", "Trattoria Zafferano", "The Burnt Fig", "Chez Odile", "Spisehuset Rug", "Mama Lin",
    "Pho Corner", "Gasthaus Krähe", "Bar Limón", "The Smoked Oyster", "Ramen Ichiro", "Kitchen Saffron",
    "Brasserie Nord",
    "Izakaya Kitsune", "Pizzeria Vesta", "Grill Anatolia", "Madhuset Enghave", "Sticks & Stones", "Café Kornblomst",
)  # fmt: skip

AIRLINES: Final = (("Nordwing", "NW"), ("Skylark Air", "SK"), ("Balticjet", "BJ"), ("Meridian Airways", "MQ"))

PRODUCTS: Final = (
    ("cargo bike", "Velokraft"), ("espresso machine", "Caldo & Co"), ("noise-cancelling headphones", "Lydhuset"),
    ("standing desk", "Kontorlab"), ("mountain tent", "Fjeldgrej"), ("sewing machine", "Stofhylden"),
    ("cast-iron pan", "Køkkenstof"), ("robot vacuum", "Elgaarden"), ("down jacket", "Fjeldgrej"),
    ("e-reader", "Boghjørnet"), ("record player", "Lydhuset"), ("inflatable kayak", "Havsport"),
    ("telescope", "Stjerneoptik"), ("bread mixer", "Køkkenstof"), ("pair of walking boots", "Fjeldgrej"),
    ("film camera", "Fotosmeden"), ("cordless drill", "Byggelageret"), ("garden shredder", "Grønthandel"),
    ("electric piano", "Klaverloftet"), ("road helmet", "Velokraft"), ("sleeping bag", "Havsport"),
    ("ice cream maker", "Caldo & Co"), ("projector", "Elgaarden"), ("wool rug", "Stofhylden"),
)  # fmt: skip

BOOKS: Final = (
    "The Salt Cartographer", "Nine Winters", "A Field Guide to Silence", "The Clockmaker's Niece", "Low Tide Letters",
    "The Orchard of Numbers", "What the Ferry Knew", "Glass Harvest", "A House Facing North", "The Last Lamplighter",
    "Small Gods of the Harbour", "Marginalia", "The Bee Inspector", "An Atlas of Rain", "Seven Borrowed Coats",
    "The Understudy's Dream", "Paper Lighthouses", "The Weight of Feathers", "Northern Recipes", "The Quiet Strike",
)  # fmt: skip

SERIES: Final = (
    "Harbour Lights", "The Cartel of Bees", "Slow Trains", "Kingdom of Salt", "Detective Ravn", "Under the Glacier",
    "Night Shift at Nine", "The Great Loaf", "Borderlines", "Dynasty of Dust", "Lighthouse Keepers", "Second Violin",
)  # fmt: skip

FILMS: Final = (
    "The Paper Whale", "Midnight in Malmö", "Ashes and Elderflower", "A Letter from Turku", "The Ninth Passenger",
    "Copper Sky", "Breakwater", "Seven Kinds of Snow", "The Violin Thief", "Dust over Andalusia", "Tomorrow's Weather",
    "Cold Harbour", "The Gardener's Alibi", "Platform Twelve", "Nothing but Larks", "The Tin Orchestra",
)  # fmt: skip

CHANNELS: Final = (
    "Slow Travel Notes", "Pan & Flame", "Bike Shed Mechanics", "Tiny Orchestra", "The Curious Carpenter",
    "Nordic Garden",
    "Ten Minute Maths", "Kayak Diaries", "Old Maps Explained", "The Bread Bench", "Circuit Sunday", "Running Late",
)  # fmt: skip

ARTISTS: Final = (
    "Velvet Harbour", "Nadia Kestrel", "The Low Countries", "Emberline", "Okapi", "Saint Tilda", "Northern Post",
    "Juno Marsh", "The Paper Kites of Fyn", "Sol y Sal", "Brass Quarter", "Ida Lund Trio",
)  # fmt: skip

SONGS: Final = (
    "Tidewater", "Second Snow", "Letters Home", "Amber Street", "Halfway to Skagen", "Kite Season", "Lanterns",
    "Ferry 19",
    "Undertow", "Blue Hour", "Seven Bells", "Little Engines", "Sunday Iron", "Moth Song", "Glass Canal", "Old Coats",
)  # fmt: skip

HOBBIES: Final = ("kayaking", "sourdough", "film photography", "choir", "bouldering", "astronomy", "bike repair",
"chess")

CLINICS: Final = (
    ("dentist", "Dr. Ellemann", "tooth"), ("physiotherapist", "Kirsten Dahl", "knee"), ("optician", "Synscentrum",
    "eye"),
    ("vet", "Dyrlæge Holm", "ear of the cat"), ("dermatologist", "Dr. Sandvik", "mole"), ("hairdresser", "Salon Saks",
    "fringe"),
)  # fmt: skip

PROJECTS: Final = (
    "Heron", "Basalt", "Wicker", "Tangent", "Lodestar", "Marzipan", "Quarry", "Sextant", "Bluebell", "Anvil", "Thimble",
    "Juniper",
)  # fmt: skip

EMPLOYERS: Final = ("Fjordlys Energi", "Kystdata", "Møllehaven Design", "Nordhavn Logistics")
