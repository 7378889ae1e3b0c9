"""Pathway: a count, and the maximum of what is not yet forgotten as the days of the data pass."""

import sys

import pathway as pw

from common import DAY_MS, months_before, tell


class Rally(pw.Schema):
    player: int
    strokes: int
    at: int


RECORDS = 0
COUNTS, LONGEST = {}, {}

rallies = pw.io.csv.read(sys.argv[1], schema=Rally, mode="static")
counts = rallies.groupby(pw.this.player).reduce(pw.this.player, count=pw.reducers.count())
# The time of the data: the end of its last day.
last = rallies.reduce(end=pw.reducers.max(pw.this.at))


def bound(end: int) -> int:
    return months_before(end // DAY_MS * DAY_MS + DAY_MS)


oldest = last.select(oldest=pw.apply_with_type(bound, int, pw.this.end))
joined = rallies.join(oldest).select(pw.left.player, pw.left.strokes, pw.left.at, pw.right.oldest)
recent = joined.filter(pw.this.at > pw.this.oldest)
longest = recent.groupby(pw.this.player).reduce(pw.this.player, longest=pw.reducers.max(pw.this.strokes))


def keep(into, name):
    def on_change(key, row, time, is_addition):
        if is_addition:
            into[row["player"]] = row[name]

    return on_change


pw.io.subscribe(counts, on_change=keep(COUNTS, "count"))
pw.io.subscribe(longest, on_change=keep(LONGEST, "longest"))
pw.run(monitoring_level=pw.MonitoringLevel.NONE)
tell("pathway, once over all", sum(COUNTS.values()), COUNTS, LONGEST)
