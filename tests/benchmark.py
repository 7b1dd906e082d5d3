"""How long does the work take?  `make bench`; not a test.

Times one reading, a small grid and the loading of the panel: the shortest and
the median of several runs, in milliseconds.
"""

import statistics
import time

from casebook import claims, data, productivity, readings

SETTINGS, PANEL = data.settings("yangtze"), data.load("yangtze")
CHOICES = readings.Choices(SETTINGS["choices"])
FIELDS = CHOICES.fields(SETTINGS["reading"])
FEW = readings.Choices({name: SETTINGS["choices"][name] for name in ("weights", "rule", "divisor")})
REST = {name: label for name, label in SETTINGS["reading"].items() if name not in FEW.levels}


def small_grid():
    fixed = CHOICES.fields(REST)
    for row in FEW.table().to_dict("records"):
        productivity.outcomes(PANEL, SETTINGS, **fixed, **FEW.fields(row))


WORK = {
    "load and check the panel": lambda: data.load("yangtze"),
    "one reading": lambda: productivity.outcomes(PANEL, SETTINGS, **FIELDS),
    f"{len(FEW.table())} readings, one after the other": small_grid,
    "the ledger": claims.ledger,
}


def main(runs=7):
    print(f"{'milliseconds':40} {'least':>8} {'median':>8}")
    for name, work in WORK.items():
        work()
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            work()
            times.append(1000 * (time.perf_counter() - began))
        print(f"{name:40} {min(times):8.1f} {statistics.median(times):8.1f}", flush=True)


if __name__ == "__main__":
    main()
