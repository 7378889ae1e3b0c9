"""What all programs here share: the window, and how results are told."""

import json
import resource
import sys
import time
from datetime import datetime, timezone

DAY_MS = 86_400_000
BEGAN = time.monotonic()


def months_before(at_ms, months=24):
    """The same day so many calendar months before, clipped to the month's end; milliseconds, UTC."""
    at = datetime.fromtimestamp(at_ms / 1000, timezone.utc)
    month = at.year * 12 + at.month - 1 - months
    year, month = divmod(month, 12)
    month += 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    then = at.replace(year=year, month=month, day=min(at.day, days))
    return int(then.timestamp()) * 1000


def tell(name, records, counts, longest):
    """Prints what a program came to: the sums are those of `topspin bench months`."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    cpu = usage.ru_utime + usage.ru_stime
    print(
        json.dumps(
            {
                "program": name,
                "records": records,
                "seconds": time.monotonic() - BEGAN,
                "cpu_s": cpu,
                "records_per_core_s": records / cpu,
                "peak_rss_mb": usage.ru_maxrss // 1024,
                "sum_of_counts": sum((player + 1) * value for player, value in counts.items()),
                "sum_of_longest": sum((player + 1) * value for player, value in longest.items()),
            },
            indent=2,
        )
    )
    sys.stdout.flush()
