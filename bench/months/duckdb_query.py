"""DuckDB: the same two tables, once, over all rows: what a batch costs."""

import sys

import duckdb

from common import DAY_MS, months_before, tell

db = duckdb.connect()
db.execute("SET threads = 1")
db.execute("CREATE TABLE rallies AS SELECT * FROM read_csv(?)", [sys.argv[1]])
counts = dict(db.execute("SELECT player, count(*) FROM rallies GROUP BY player").fetchall())
end = db.execute("SELECT max(rallies.at) FROM rallies").fetchone()[0] // DAY_MS * DAY_MS + DAY_MS
query = "SELECT player, max(strokes) FROM rallies WHERE rallies.at > ? GROUP BY player"
longest = dict(db.execute(query, [months_before(end)]).fetchall())
tell("duckdb, once over all", sum(counts.values()), counts, longest)
