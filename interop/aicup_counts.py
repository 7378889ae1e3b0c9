"""Counts what a stroke table holds with SQL, and knows nothing of Topspin: rally lengths, placements, services and third
balls by player, as JSON.

    python3 interop/aicup_counts.py strokes.csv [--without uids.txt]

DuckDB reads the file where its Python module is there, else SQLite does, which is a part of Python. `--without` names a file
of rally ids, one a line, that are not counted: those that an import left out.
"""

import argparse
import csv
import json
import sqlite3
import sys
from pathlib import Path

try:
    import duckdb
except ImportError:
    duckdb = None

COLUMNS = (
    "rally_uid",
    "match",
    "strikeNumber",
    "pointId",
    "gamePlayerId",
    "serverGetPoint",
    "actionId",
    "handId",
    "spinId",
)

# The length of a rally is its highest number of a stroke.
LENGTHS = """
SELECT length, COUNT(*) FROM (SELECT MAX("strikeNumber") AS length FROM counted GROUP BY "rally_uid") AS rallies
GROUP BY length ORDER BY length
"""
PLACEMENTS = """
SELECT "strikeNumber", "pointId", COUNT(*) FROM counted GROUP BY "strikeNumber", "pointId" ORDER BY "strikeNumber", "pointId"
"""
# Of each player and kind of service, the rallies won and all.
SERVES = """
SELECT "gamePlayerId", "actionId", "spinId", "pointId", SUM("serverGetPoint"), COUNT(*) FROM counted
WHERE "strikeNumber" = 1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""
# Of each player, spin and zone of the service, and class, hand and zone of the third stroke.
THIRD_BALLS = """
SELECT third."gamePlayerId", serve."spinId", serve."pointId", third."actionId", third."handId", third."pointId",
    SUM(third."serverGetPoint"), COUNT(*)
FROM counted AS serve JOIN counted AS third ON serve."rally_uid" = third."rally_uid"
WHERE serve."strikeNumber" = 1 AND third."strikeNumber" = 3 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
"""
RALLIES = """
SELECT "match", COUNT(DISTINCT "rally_uid") FROM counted GROUP BY "match" ORDER BY "match"
"""


def with_duckdb(path, without):
    """A connection with the rows that count in a view."""
    database = duckdb.connect()
    database.execute("CREATE TABLE without (uid BIGINT)")
    if without:
        database.executemany("INSERT INTO without VALUES (?)", [(uid,) for uid in without])
    columns = ", ".join(f'"{column}"' for column in COLUMNS)
    database.execute(f"CREATE TABLE rows AS SELECT {columns} FROM read_csv_auto(?)", [str(path)])
    database.execute(
        'CREATE VIEW counted AS SELECT * FROM rows WHERE "rally_uid" NOT IN (SELECT uid FROM without)'
    )
    return database


def with_sqlite(path, without):
    """The same in SQLite."""
    database = sqlite3.connect(":memory:")
    columns = ", ".join(f'"{column}" INTEGER' for column in COLUMNS)
    database.execute(f"CREATE TABLE rows ({columns})")
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = ([int(row[column]) for column in COLUMNS] for row in csv.DictReader(file))
        marks = ", ".join("?" for _ in COLUMNS)
        database.executemany(f"INSERT INTO rows VALUES ({marks})", rows)
    database.execute("CREATE TABLE without (uid INTEGER)")
    database.executemany("INSERT INTO without VALUES (?)", [(uid,) for uid in without])
    database.execute(
        'CREATE VIEW counted AS SELECT * FROM rows WHERE "rally_uid" NOT IN (SELECT uid FROM without)'
    )
    return database


def counts(database):
    """What is compared."""
    placements = {}
    for stroke, zone, count in database.execute(PLACEMENTS).fetchall():
        placements.setdefault(str(stroke), {})[str(zone)] = count
    rallies = {str(match): count for match, count in database.execute(RALLIES).fetchall()}
    lengths = {str(length): count for length, count in database.execute(LENGTHS).fetchall()}
    return {
        "matches": len(rallies),
        "rallies": sum(rallies.values()),
        "strokes": sum(sum(zones.values()) for zones in placements.values()),
        "lengths": lengths,
        "placements": placements,
        "rallies_by_match": rallies,
        "serves": [[int(cell) for cell in row] for row in database.execute(SERVES).fetchall()],
        "third_balls": [[int(cell) for cell in row] for row in database.execute(THIRD_BALLS).fetchall()],
    }


def main():
    """Prints the counts of a file."""
    parser = argparse.ArgumentParser(description="What a stroke table holds, counted with SQL, as JSON.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--without", type=Path, help="rally ids that are not counted, one a line")
    args = parser.parse_args()
    without = [int(line) for line in args.without.read_text().split()] if args.without else []
    database = with_duckdb(args.path, without) if duckdb else with_sqlite(args.path, without)
    counted = {"tool": "duckdb" if duckdb else "sqlite", **counts(database)}
    json.dump(counted, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
