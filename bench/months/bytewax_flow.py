"""Bytewax: a keyed stateful step holds the count, and a queue of rallies that could still be the longest."""

import csv
import sys
from collections import deque

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from common import DAY_MS, months_before, tell

LATEST = {}
RECORDS = 0
END = 0


class Rows(StatelessSourcePartition):
    def __init__(self, path):
        self.rows = csv.reader(open(path))
        next(self.rows)

    def next_batch(self):
        batch = []
        for row in self.rows:
            batch.append((row[0], (int(row[1]), int(row[2]))))
            if len(batch) == 1_000:
                return batch
        if not batch:
            raise StopIteration()
        return batch


class Source(DynamicSource):
    def build(self, step_id, worker_index, worker_count):
        return Rows(sys.argv[1])


class Keep(StatelessSinkPartition):
    def write_batch(self, items):
        global RECORDS
        RECORDS += len(items)
        for player, told in items:
            LATEST[player] = told


class Sink(DynamicSink):
    def build(self, step_id, worker_index, worker_count):
        return Keep()


BOUNDS = {}


def bound(at):
    """The window as of the day that has begun."""
    day = at // DAY_MS * DAY_MS
    if day not in BOUNDS:
        BOUNDS[day] = months_before(day)
    return BOUNDS[day]


def step(state, rally):
    count, best = state if state is not None else (0, deque())
    strokes, at = rally
    while best and best[-1][0] <= strokes:
        best.pop()
    best.append((strokes, at))
    oldest = bound(at)
    while best[0][1] <= oldest:
        best.popleft()
    return (count + 1, best), (count + 1, best)


flow = Dataflow("months")
rallies = op.input("in", flow, Source())
told = op.stateful_map("longest", rallies, step)
op.output("out", told, Sink())
run_main(flow)

end = max(best[-1][1] for _, best in LATEST.values()) // DAY_MS * DAY_MS + DAY_MS
oldest = months_before(end)
counts = {int(player): count for player, (count, _) in LATEST.items()}
longest = {int(p): next(s for s, at in best if at > oldest) for p, (_, best) in LATEST.items()}
tell("bytewax", RECORDS, counts, longest)
