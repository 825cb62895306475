"""List the aerodromes of Europe with an ICAO code, from the airportsdata package.

Nothing is computed but metres from feet. An elevation of 0 ft stands for "not known" in the source (it gives it to
aerodromes in the Alps too), so it is left out here.

Usage, with the development dependencies installed:

    python geodata/build_aerodromes.py
"""

import csv
import hashlib
import io
import re
from importlib.metadata import version
from pathlib import Path

import airportsdata

OUTPUT = Path(__file__).parent / "aerodromes" / "europe.csv"
SOURCE_VERSION = "20260905"
METRES_PER_FOOT = 0.3048
COLUMNS = ("icao", "iata", "name", "city", "country", "lon", "lat", "elevation_m")

# ISO 3166-1, alpha-2 to alpha-3: the EU with its outermost regions, the EEA, Switzerland, Great Britain and Northern
# Ireland, and the small states, islands and neighbours in between.
COUNTRIES = dict(
    pair.split(":")
    for pair in [
        "AT:AUT",
        "BE:BEL",
        "BG:BGR",
        "HR:HRV",
        "CY:CYP",
        "CZ:CZE",
        "DK:DNK",
        "EE:EST",
        "FI:FIN",
        "FR:FRA",
        "DE:DEU",
        "GR:GRC",
        "HU:HUN",
        "IE:IRL",
        "IT:ITA",
        "LV:LVA",
        "LT:LTU",
        "LU:LUX",
        "MT:MLT",
        "NL:NLD",
        "PL:POL",
        "PT:PRT",
        "RO:ROU",
        "SK:SVK",
        "SI:SVN",
        "ES:ESP",
        "SE:SWE",
        "AX:ALA",
        "BL:BLM",
        "GF:GUF",
        "GP:GLP",
        "MF:MAF",
        "MQ:MTQ",
        "RE:REU",
        "YT:MYT",
        "IS:ISL",
        "LI:LIE",
        "NO:NOR",
        "SJ:SJM",
        "CH:CHE",
        "GB:GBR",
        "AD:AND",
        "FO:FRO",
        "GG:GGY",
        "GI:GIB",
        "IM:IMN",
        "JE:JEY",
        "MC:MCO",
        "SM:SMR",
        "VA:VAT",
        "AL:ALB",
        "BA:BIH",
        "MD:MDA",
        "ME:MNE",
        "MK:MKD",
        "RS:SRB",
        "UA:UKR",
        "XK:XKX",
    ]
)


def main() -> None:
    """Write the list and print its digest."""
    if version("airportsdata") != SOURCE_VERSION:
        raise SystemExit(f"this was made for airportsdata {SOURCE_VERSION}")
    rows = [_row(each) for each in airportsdata.load("ICAO").values() if each["country"] in COUNTRIES]
    # Codes with digits in them are national ones.
    rows = sorted(row for row in rows if re.fullmatch("[A-Z]{4}", row[0]))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    content = text.getvalue().encode()
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(content)
    print(f"{len(rows)} aerodromes, {len(content)} bytes")
    print(f"{OUTPUT.name} sha256 {hashlib.sha256(content).hexdigest()}")


def _row(aerodrome: "airportsdata.Airport") -> tuple[str, ...]:
    feet = aerodrome["elevation"]
    return (
        aerodrome["icao"],
        aerodrome["iata"],
        " ".join(aerodrome["name"].split()),
        " ".join(aerodrome["city"].split()),
        COUNTRIES[aerodrome["country"]],
        str(aerodrome["lon"]),
        str(aerodrome["lat"]),
        f"{feet * METRES_PER_FOOT:.1f}" if feet else "",
    )


if __name__ == "__main__":
    main()
