"""How long does the work take?  `make bench`; not a test.

Times one reading, a small grid and the loading of the panel: the shortest and
the median of several runs, in milliseconds.  Then spatial Durbin models of 13 to
6,000 regions beside the packages that estimate such models, with the memory they
take.  Each of those runs in a process of its own, with the same data and weights;
imports are not counted, and the first run of several isn't either.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from libpysal.weights import lat2W

from casebook import claims, convergence, coupling, data, doubts, gaps, intake, kuznets, precedence, productivity, readings, spatial

SHAPES = {50: (5, 10), 300: (15, 20), 600: (20, 30), 1200: (30, 40), 2850: (50, 57), 3000: (50, 60), 6000: (75, 80)}
LIMIT = 900  # seconds for what may never end
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}  # of linear algebra, so that
# times don't hang on what else the machine does
YEARS = 14
METHODS = ("transformation", "ml")


# ------------------------------------------------------------------------ readings
def small_work():
    settings, panel = data.settings("yangtze"), data.load("yangtze")
    choices = readings.Choices(settings["choices"])
    fields = choices.fields(settings["reading"])
    few = readings.Choices({name: settings["choices"][name] for name in ("weights", "rule", "divisor")})
    rest = choices.fields({name: label for name, label in settings["reading"].items() if name not in few.levels})

    def read(chosen):
        for part in productivity.MATTERS:
            productivity.outcomes(panel, settings, part, **chosen)

    def small_grid():
        for labels in few.readings():
            read(rest | few.fields(dict(zip(few.levels, labels))))

    city, years = data.load("shenzhen"), kuznets.Reading(income="gdp_per_head_revised", first=2011, last=2021)
    curve = kuznets.estimate(city, "Shenzhen", "industrial_so2", years)

    provinces, groups = data.load("provinces"), data.load("provinces", "regions")["group"]
    income = gaps.income_of(provinces, total="gdp_rev5", people="population_resident").dropna()
    rng = np.random.default_rng(0)
    levels = pd.DataFrame(rng.uniform(0.1, 1, (len(income), 2)), income.index, ["economy", "environment"])

    template = data.PROJECT / "data/templates/yangtze"
    counties = pd.MultiIndex.from_product([[f"county {i}" for i in range(2850)], range(2001, 2021)], names=["region", "year"])
    many = pd.DataFrame(np.exp(rng.normal(0.05, 0.04, (len(counties), 15)).cumsum(axis=0) % 3), counties, [f"x{i}" for i in range(15)])

    return {
        "a stranger's five regions, read and checked": lambda: intake.gather(template, template),
        "doubts about 2,850 regions x 20 years x 15": lambda: doubts.figures(many, {name: {} for name in many}),
        "Granger test both ways, 499 draws each": lambda: precedence.both_ways(levels["economy"], levels["environment"], draws=499, seed=0),
        "beta convergence between two years": lambda: convergence.beta_convergence(income, 2006, 2023),
        "coupling and coordination of two systems": lambda: coupling.coordination(levels, form="corrected"),
        "Theil's index of every year, split by groups": lambda: convergence.decompose(income, provinces["population_resident"].reindex(income.index), groups),
        "one Kuznets curve, with its tests": lambda: kuznets.estimate(city, "Shenzhen", "industrial_so2", years).sentence,
        "power of the U test, 2,000 samples at five depths": lambda: kuznets.power(curve.data["income"], [0.5, 1, 2, 3, 4]),
        "every position of a dial for one indicator": lambda: kuznets.every(city, "Shenzhen", ["industrial_so2"], incomes={"revised": "gdp_per_head_revised"}),
        "load and check the panel": lambda: data.load("yangtze"),
        "one reading": lambda: read(fields),
        f"{len(few.readings())} readings, one after the other": small_grid,
        "the ledger": claims.ledger,
    }


def timed(work, runs):
    """Seconds of each of several runs; one run is not preceded by another."""
    if runs > 1:
        work()
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


# ------------------------------------------------------------------------- spatial
def weights(regions):
    """Contiguity of the 13 cities, or a lattice with eight neighbours each."""
    if regions == 13:
        pairs = pd.read_csv(Path(data.__file__).parents[2] / "data" / "beijing-tianjin-hebei" / "adjacency.csv")
        pairs = pairs[pairs["contiguous_census"] == 1]
        return spatial.contiguity(pairs, sorted({*pairs["region"], *pairs["neighbour"]}))
    lattice = lat2W(*SHAPES[regions], rook=False)
    lattice.transform = "r"
    return lattice


def simulated(regions, years):
    """Arrays of shape (T, N) and (T, N, 4) from a spatial Durbin model with rho = 0.3."""
    W, rng = weights(regions), np.random.default_rng(1)
    matrix = W.sparse.tocsr()
    x = rng.normal(size=(years, regions, 4))
    lagged = np.stack([(matrix @ year) for year in x])
    y = x.sum(axis=-1) + lagged.sum(axis=-1) / 2 + rng.normal(size=regions) + rng.normal(size=(years, 1))
    y = rest = y + rng.normal(size=(years, regions))
    for _ in range(60):  # y / (I - 0.3 W) as a series
        rest = 0.3 * (matrix @ rest.T).T
        y = y + rest
    return y, x, W


def prepared(package, regions, years, method):
    """The work to be timed, with the data as the package wants them."""
    y, x, W = simulated(regions, years)
    if package == "spreg":
        from spreg import ML_LagFE

        # By year; without effects, which it would compute wrongly for a Durbin model.
        rows, columns = y.reshape(-1, 1), x.reshape(-1, x.shape[-1])
        return lambda: ML_LagFE(rows, columns, W, slx_lags=1, spat_impacts=None)
    index = pd.MultiIndex.from_product([range(2001, 2001 + years), W.id_order], names=["year", "region"])
    frame = pd.DataFrame(x.reshape(-1, x.shape[-1]), index, [f"x{i}" for i in range(x.shape[-1])]).swaplevel()
    dependent = pd.Series(y.ravel(), frame.index, name="y")
    return lambda: spatial.SpatialDurbin(dependent, frame, W).fit(method).effects()


def megabytes():
    """The most memory this process has held; Linux lets getrusage tell that of the process that started it, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def child(package, regions, years, method, runs):
    """In a process of its own: seconds, and memory before and after."""
    warnings.simplefilter("ignore")  # spreg says how it reads its input, each time
    work = prepared(package, int(regions), int(years), method)
    before = megabytes()
    times = timed(work, int(runs))
    print(json.dumps({"seconds": times, "before": before, "peak": megabytes()}))


def measured(package, regions, years=YEARS, method="", runs=1):
    """What :func:`child` tells, or None where it took longer than the limit."""
    command = [sys.executable, __file__, "--child", package, str(regions), str(years), method, str(runs)]
    if sys.stderr.isatty():
        print(f"  {package} {method}: {regions} regions, {years} years ...", end="\r", file=sys.stderr, flush=True)
    try:
        told = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None
    if told.returncode:
        return {"failed": (told.stderr.strip().splitlines() or [f"ended by signal {-told.returncode}"])[-1]}
    return json.loads(told.stdout.splitlines()[-1])


def shown(found):
    if found is None:
        return f"more than {LIMIT}"
    if "failed" in found:
        return found["failed"][:40]
    return f"{min(found['seconds']):.4f} / {statistics.median(found['seconds']):.4f}"


def beside_spreg():
    print(f"\nSpatial Durbin model, four regressors with lags, {YEARS} years: seconds, least / median")
    print("ours: region and year effects, standard errors, direct, indirect and total effects with theirs;")
    print("spreg: region effects, standard errors, none of the other effects; one thread each; MB beyond imports and data")
    print(f"{'regions':>8} {'runs':>5} {'transformation':>20} {'ml':>20} {'spreg ML_LagFE':>20} "
          f"{'spreg / ours':>13} {'MB ours':>8} {'spreg':>8}")
    for regions, runs in ((13, 9), (50, 9), (300, 5), (3000, 1)):
        ours = {method: measured("casebook", regions, method=method, runs=runs) for method in METHODS}
        other = measured("spreg", regions, runs=runs)
        least = min(ours["transformation"]["seconds"])
        ratio = ""
        if other is None:
            ratio = f"over {LIMIT / least:.0f}"
        elif "failed" not in other:
            ratio = f"{min(other['seconds']) / least:.1f}"
        used = [f"{m['peak'] - m['before']:.0f}" if m and "peak" in m else "" for m in (ours["transformation"], other)]
        print(f"{regions:8} {runs:5} {shown(ours['transformation']):>20} {shown(ours['ml']):>20} {shown(other):>20} "
              f"{ratio:>13} {used[0]:>8} {used[1]:>8}", flush=True)


def growing():
    print("\nTransformation likelihood with effects and their standard errors, one run each")
    print(f"{'regions':>8} {'years':>6} {'seconds':>9} {'MB before':>10} {'MB at peak':>11} {'MB of the fit':>14}")
    times = {}
    for regions, years in ((300, YEARS), (600, YEARS), (1200, YEARS), (3000, YEARS), (6000, YEARS), (2850, 20)):
        found = measured("casebook", regions, years, "transformation")
        if found is None or "failed" in found:
            print(f"{regions:8} {years:6} {shown(found)}", flush=True)
            continue
        if years == YEARS:
            times[regions] = found["seconds"][0]
        print(f"{regions:8} {years:6} {found['seconds'][0]:9.3f} {found['before']:10.0f} {found['peak']:11.0f} "
              f"{found['peak'] - found['before']:14.0f}", flush=True)
    exponent = np.polyfit(np.log(list(times)), np.log(list(times.values())), 1)[0]
    print(f"time grows with the number of regions to the power of {exponent:.2f}, from {min(times)} to {max(times)}")


R = """
suppressPackageStartupMessages(library(splm))
d <- read.csv("panel.csv"); w <- as.matrix(read.csv("weights.csv", header = FALSE))
f <- y ~ x0 + x1 + x2 + x3 + w0 + w1 + w2 + w3
fit <- function() spml(f, d, index = c("region", "year"), listw = spdep::mat2listw(w, style = "W"),
                       model = "within", effect = "twoways", lag = TRUE, spatial.error = "none")
fit(); for (i in 1:3) cat(system.time(fit())[["elapsed"]], "")
"""


def beside_r():
    run = shutil.which("Rscript")
    if not run:
        return print("\nR not found: splm is not timed")
    if subprocess.run([run, "-e", "library(splm)"], capture_output=True, check=False).returncode:
        return print("\nR has no splm: it is not timed")
    print("\nR, splm: spml(lag = TRUE, effect = 'twoways'), seconds, least / median of three")
    for regions in (13, 50, 300):
        y, x, W = simulated(regions, YEARS)
        matrix = W.sparse.toarray()
        columns = {"region": np.tile(range(regions), YEARS), "year": np.repeat(range(YEARS), regions), "y": y.ravel()}
        for i in range(4):
            columns |= {f"x{i}": x[..., i].ravel(), f"w{i}": (x[..., i] @ matrix.T).ravel()}
        with tempfile.TemporaryDirectory() as folder:
            pd.DataFrame(columns).to_csv(Path(folder) / "panel.csv", index=False)
            np.savetxt(Path(folder) / "weights.csv", matrix, delimiter=",")
            told = subprocess.run([run, "-e", R], cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False)
        times = [float(t) for t in told.stdout.split()[-3:]] if told.returncode == 0 else []
        print(f"{regions:8} {shown({'seconds': times}) if times else told.stderr.strip()[-60:]}", flush=True)


def main(runs=7):
    print(f"{'milliseconds':40} {'least':>8} {'median':>8}")
    for name, work in small_work().items():
        times = [1000 * t for t in timed(work, runs)]
        print(f"{name:40} {min(times):8.1f} {statistics.median(times):8.1f}", flush=True)
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    beside_spreg()
    growing()
    beside_r()


if __name__ == "__main__":
    child(*sys.argv[2:]) if sys.argv[1:2] == ["--child"] else main()
