"""Verdicts computed a second time, from the files of data/ alone.

Nothing here imports the library or anything that does: the readings of the chapters' texts are written
out anew with numpy, pandas, scipy and statsmodels, as is the rule that turns figures into a verdict.
What the ledger says and what is found here must agree, in the verdict, in every number observed and,
where all readings are computed, in how many of them it holds.
"""

import hashlib
import json
import re
from functools import cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import tomllib
from scipy import optimize, stats
from scipy.linalg import null_space

DATA = Path(__file__).parents[1] / "data"


@cache
def table(folder, name="panel"):
    """A table as it stands: numbers as numbers, empty text as such in columns of flags."""
    frame = pd.read_csv(DATA / folder / f"{name}.csv")
    flags = [c for c in frame if c.endswith("_flag")]
    return frame.assign(**frame[flags].astype(object).fillna(""))


@cache
def printed_table(name):
    """A table of what the documents print, all as text."""
    return pd.read_csv(DATA / "published" / f"{name}.csv", dtype=str, keep_default_na=False)


@cache
def settings(folder, name="settings"):
    return tomllib.loads((DATA / folder / f"{name}.toml").read_text())


@cache
def wide(folder, column, leave=()):
    """A column of a panel, regions by years, in the order of the file, without figures that carry certain flags."""
    panel = table(folder)
    values = panel[column].astype(float)
    if leave and f"{column}_flag" in panel:
        values = values.mask(panel[f"{column}_flag"].str.split(";").map(lambda own: bool(set(own) & set(leave))))
    frame = pd.DataFrame({"region": panel["region"], "year": panel["year"], "value": values})
    return frame.pivot(index="region", columns="year", values="value").loc[panel["region"].unique()]


CLAIMS = printed_table("claims").set_index("claim_id")
LEDGER = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False).set_index("claim_id")
                    for path in sorted((DATA / "verdicts").glob("*.csv"))])


# ------------------------------------------------------------- the rule, written anew
class Found(NamedTuple):
    verdict: str
    seen: tuple  # numbers and words, as the ledger's column "observed" has them one after another
    tried: tuple | None = None  # readings in which it holds, and those that can tell
    also: tuple = ()  # numbers that the reason names somewhere


def printed(claim):
    return float(CLAIMS.loc[claim, "value"])


def judged(holds, across):
    """What holds here and in half of the readings at least is reproduced; what holds somewhere depends."""
    across = np.asarray([holds] if across is None else across, dtype=float)
    share = across[~np.isnan(across)].mean()
    if holds:
        return "reproduced" if share >= 0.5 else "depends"
    return "depends" if share > 0 else "contradicted"


def counted(across):
    if across is None:
        return None
    across = np.asarray(across, dtype=float)
    return int(np.nansum(across)), int((~np.isnan(across)).sum())


def number(claim, seen, across=None, *, alike=None, of=None, coarse=0.0):
    """A number holds within its rounding; near it, of its class, it is close."""
    value, text, tolerance = printed(claim), CLAIMS.loc[claim, "value"], CLAIMS.loc[claim, "tolerance"]
    half = max(float(tolerance) if tolerance else 0.5 * 10.0 ** -len(text.partition(".")[2]), coarse) + 1e-9
    told = np.array([]) if across is None else np.asarray(across, dtype=float)
    told = told[~np.isnan(told)]
    hit, size = np.abs(told - value) <= half, abs(of or value)
    verdict = judged(abs(seen - value) <= half, hit if len(told) else None)
    if verdict == "contradicted":
        same = (lambda n: True) if alike is None else (lambda n: alike(n) == alike(value))
        near = np.array([same(n) and abs(n - value) <= 0.1 * size + 1e-9 for n in told])
        if same(seen) and abs(seen - value) <= (0.1 if alike is None else 0.25) * size + 1e-9:
            verdict = "close"
        elif near.any():
            verdict, hit = "depends", near
    return Found(verdict, (seen,), None if across is None else counted(hit))


def statement(holds, seen, across=None, *, near=False):
    verdict = judged(bool(holds), across)
    return Found("close" if verdict == "contradicted" and near else verdict, seen, counted(across))


def named(claim, holds, across=None, *, exactly=False):
    """A list: for how many of those named does it hold, and for which others?"""
    row = CLAIMS.loc[claim]
    names = [n.strip() for n in (row["value"] if row["unit"] == "list" else row["regions"]).split(";")]
    missed = [n for n in names if not holds[n]]
    others = [n for n in holds.index[holds.astype(bool)] if n not in names] if exactly else []
    told = None
    if across is not None:
        told = across[names].all(axis=1).astype(float)
        told[exactly & (across.sum(axis=1) != len(names))] = 0.0
        told[across.isna().any(axis=1)] = np.nan
    seen = (len(names) - len(missed), len(names), *missed, *others)
    return statement(not missed and not others, seen, told, near=len(missed) < len(names) / 2 and len(others) < len(names))


def against_itself(contradiction, *seen):
    return Found("inconsistent" if contradiction else "reproduced", seen)


NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?(?![\d.]*\w)")


def agree(shown, seen):
    """Whether a number is the one shown, as far as its digits go."""
    return abs(float(shown) - seen) <= 0.5 * 10.0 ** -len(shown.partition(".")[2]) * (1 + 1e-6) + 1e-9


def differences(found, row):
    """What the second path and a row of the ledger disagree on."""
    told, text = [], row["observed"].replace("−", "-")
    if found.verdict != row["verdict"]:
        told.append(f"verdict {row['verdict']!r}, but {found.verdict!r} here")
    reasons = [own.replace(",", "") for own in NUMBER.findall(row["reason"].replace("−", "-"))]
    told += [f"no {other:.6g} in the reason" for other in found.also if not any(agree(own, other) for own in reasons)]
    for word in (s for s in found.seen if isinstance(s, str)):
        told += [] if word in text else [f"nothing of {word!r}"]
        text = text.replace(word, "", 1)
    shown, seen = NUMBER.findall(text), [s for s in found.seen if not isinstance(s, str)]
    if len(shown) != len(seen):
        told.append(f"{len(shown)} numbers, but {len(seen)} here")
    for own, other in zip(shown, seen):
        if not agree(own.replace(",", ""), other):
            told.append(f"{own}, but {other:.6g} here")
    if found.tried is not None and (tried := tuple(int(float(row[c] or -1)) for c in ("holds", "readings"))) != found.tried:
        told.append(f"holds in {tried[0]} of {tried[1]} readings, but in {found.tried[0]} of {found.tried[1]} here")
    return told


CASES = {}


def second_path(*claims):
    """Register a function of a claim that finds its verdict."""
    def register(function):
        CASES.update({claim: function for claim in claims})
        return function
    return register


# ------------------------------------------------- Yangtze: an index, Tapio's elasticity, dispersion, gaps
POLLUTANTS = {"two": ["industrial_wastewater", "industrial_so2"], "three": ["industrial_wastewater", "industrial_so2", "industrial_smoke_dust"]}
PEOPLE = {"each": ("population_resident", False), "first": ("population_resident", True),
          "unrevised": ("population_resident_unrevised", False), "registered": ("population_registered", False)}
GDPS = ("gdp_yearbook", "gdp_revised", "gdp_sector_accounts")
WEIGHINGS, POOLINGS, RULES = ("equal", "entropy", "variation", "component"), ("pooled", "by year"), ("ends", "mean", "chained")


def weighted(x, share, how):
    """Weights of the columns of x, whose rows are cells; share is the same between nought and one."""
    if how == "equal":
        w = np.ones(x.shape[1])
    elif how == "entropy":
        p = share / share.sum(axis=0)
        w = 1 + np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=0) / np.log(len(p))
    elif how == "variation":
        w = x.std(axis=0) / x.mean(axis=0)
    else:
        values, vectors = np.linalg.eig(np.corrcoef(share, rowvar=False))
        w = np.abs(vectors[:, values.argmax()])
    return w / w.sum()


@cache
def yangtze():
    """Every pollution index, output and number of people, regions by years; the reading of the chapter comes first."""
    index, regions = {}, wide("yangtze", "gdp_revised").index
    for which, columns in POLLUTANTS.items():
        raw = np.stack([wide("yangtze", c).to_numpy() for c in columns], axis=2)
        complete = ~np.isnan(raw).any(axis=(0, 2))  # years in which every region has every pollutant
        used = raw[:, complete]
        for pooling, how in product(POOLINGS, WEIGHINGS):
            axes = (0, 1) if pooling == "pooled" else (0,)
            low, high = used.min(axis=axes, keepdims=True), used.max(axis=axes, keepdims=True)
            share = (used - low) / (high - low)
            w = weighted(used.reshape(-1, len(columns)), share.reshape(-1, len(columns)), how)
            index[which, how, pooling] = np.full(raw.shape[:2], np.nan)
            index[which, how, pooling][:, complete] = (50 + 50 * share) @ w
    volume = wide("yangtze", "gdp_index").to_numpy() / 100
    volume[:, 0] = 1
    volume = volume.cumprod(axis=1)
    people = {}
    for name, (column, first) in PEOPLE.items():
        heads = wide("yangtze", column).to_numpy()
        people[name] = np.repeat(heads[:, :1], heads.shape[1], axis=1) if first else heads
    output = {gdp: wide("yangtze", gdp).to_numpy()[:, :1] * volume for gdp in GDPS}
    years = list(wide("yangtze", "gdp_revised").columns)
    return SimpleNamespace(index=index, output=output, people=people, regions=regions, at=years.index, years=years)


OWN_INDEX, OWN_PEOPLE, OWN_GDP = ("two", "equal", "pooled"), "first", "gdp_revised"


def tapio(value, driver, rule):
    """Elasticity of a value by its driver, years along the second axis."""
    if rule == "ends":
        return (value[:, -1] / value[:, 0] - 1) / (driver[:, -1] / driver[:, 0] - 1)
    dv, dg = value[:, 1:] / value[:, :-1] - 1, driver[:, 1:] / driver[:, :-1] - 1
    return (dv / dg).mean(axis=1) if rule == "mean" else dv.sum(axis=1) / dg.sum(axis=1)


@cache
def elasticities(period):
    """Elasticity of green productivity in every reading, and in that of the chapter: readings by regions."""
    y, rows = yangtze(), {}
    for index, people, rule, start in product(y.index, y.people, RULES, (2010, 2011)):
        first, last = {"first": (2005, 2010), "second": (start, 2016), "whole": (2005, 2016)}[period]
        span = slice(y.at(first), y.at(last) + 1)
        output = y.output[OWN_GDP][:, span]
        value, driver = output / y.index[index][:, span], output / y.people[people][:, span]
        rows[index, people, rule, start] = tapio(value, driver, rule)
    grid = pd.DataFrame(rows, y.regions).T
    return grid, grid.loc[[(OWN_INDEX, OWN_PEOPLE, "ends", 2010)]].iloc[0]


def counts(grid, above):
    """In each reading that knows all regions, how many lie above a bound."""
    known = grid.notna().all(axis=1)
    return (grid > above).sum(axis=1).where(known)


def most(of):
    return lambda n: n > of / 2


@second_path("yrd-003")
def modal_state(claim):
    grid, own = elasticities("whole")
    bands = {"weak decoupling": (0, 0.8), "expansive coupling": (0.8, 1.2), "expansive negative decoupling": (1.2, np.inf), "strong decoupling": (-np.inf, 0)}
    held = pd.DataFrame({name: ((grid >= low - 1e-9) & (grid <= high + 1e-9)).sum(axis=1) for name, (low, high) in bands.items()})  # income grows everywhere
    across = (held.idxmax(axis=1) == "expansive coupling").astype(float).where(grid.notna().all(axis=1))
    now = int(own.between(0.8, 1.2).sum())
    return statement(now > 13, ("expansive coupling", now, 26), across)


@second_path("yrd-047", "yrd-048", "yrd-052", "yrd-055")
def how_many_above(claim):
    period, bound = {"yrd-047": ("whole", 1), "yrd-048": ("whole", 1.2), "yrd-052": ("first", 1), "yrd-055": ("second", 1)}[claim]
    grid, own = elasticities(period)
    return number(claim, int((own > bound).sum()), counts(grid, bound), alike=most(26), of=26)


@second_path("yrd-050")
def which_lag_behind(claim):
    grid, own = elasticities("whole")
    return named(claim, own < 1, (grid < 1).astype(float).where(grid.notna()), exactly=True)


@second_path("yrd-062")
def the_leader(claim):
    grid, own = elasticities("first")
    band = lambda d: 0 if d < 0 else 1 if d < 0.8 else 2 if d <= 1.2 else 3
    return number(claim, own["Shanghai"], grid["Shanghai"], alike=band)


@second_path("yrd-066")
def richer_and_greener(claim):
    y, (grid, own) = yangtze(), elasticities("whole")
    income = pd.Series(y.output[OWN_GDP][:, 0] / wide("yangtze", "population_registered").to_numpy()[:, 0], y.regions)
    rho, p = stats.spearmanr(own, income)
    across = [np.nan if row.isna().any() else float((test := stats.spearmanr(row, income)).statistic > 0 and test.pvalue < 0.05) for _, row in grid.iterrows()]
    return statement(rho > 0 and p < 0.05, (rho, 0.001) if p < 0.001 else (rho, p), across)


@second_path("yrd-008")
def part_of_the_nations_wastewater(claim):
    nation = table("yangtze", "nation").set_index("year")["industrial_wastewater"]
    return number(claim, 100 * wide("yangtze", "industrial_wastewater")[2016].sum() / nation[2016])


@second_path("yrd-054")
def do_totals_rise(claim):
    change = {c: 100 * (wide("yangtze", c)[2010].sum() / wide("yangtze", c)[2005].sum() - 1) for c in POLLUTANTS["two"]}
    return statement(max(change.values()) > 0, ("industrial wastewater", *list(change.values())[:1], "industrial so2", *list(change.values())[1:]))


@cache
def variation(quantity):
    """Coefficient of variation in every reading by year, and in that of the chapter."""
    y, rows, panel = yangtze(), {}, table("yangtze")
    broken = {who: panel[f"{column}_flag"].str.contains("boundary").groupby(panel["region"]).any()[y.regions].to_numpy() for who, (column, _) in PEOPLE.items()}
    for index, people, gdp, divisor, unbroken in product(y.index, y.people, GDPS, (0, 1), (False, True)):
        x = y.output[gdp] / (y.people[people] if quantity == "income" else y.index[index])
        x = x[~broken[people]] if unbroken else x
        rows[index, people, gdp, divisor, unbroken] = x.std(axis=0, ddof=divisor) / x.mean(axis=0)
    grid = pd.DataFrame(rows, y.years).T
    return grid, grid.loc[[(OWN_INDEX, OWN_PEOPLE, OWN_GDP, 1, False)]].iloc[0]


@second_path("yrd-067", "yrd-068", "yrd-077")
def dispersion(claim):
    quantity, year = {"yrd-067": ("income", 2005), "yrd-068": ("income", 2014), "yrd-077": ("productivity", 2014)}[claim]
    grid, own = variation(quantity)
    return number(claim, own[year], grid[year])


@second_path("yrd-080")
def dispersion_of_the_one_by_the_other(claim):
    (ep, own_ep), (g, own_g) = variation("productivity"), variation("income")
    return number(claim, own_ep[2014] / own_g[2014], ep[2014] / g[2014], alike=lambda r: r > 1)


@second_path("yrd-069", "yrd-070", "yrd-076", "yrd-079")
def every_year(claim):
    quantity, first, last, sign = {"yrd-069": ("income", 2005, 2014, -1), "yrd-070": ("income", 2014, 2016, 1),
                                   "yrd-076": ("productivity", 2009, 2014, -1), "yrd-079": ("productivity", 2014, 2016, 1)}[claim]
    grid, own = variation(quantity)
    steps = sign * np.diff(grid.loc[:, first:last], axis=1)
    across = np.where(np.isnan(steps).any(axis=1), np.nan, (steps > 0).all(axis=1))
    mine = sign * np.diff(own.loc[first:last]) > 0
    return statement(mine.all(), (int(mine.sum()), len(mine), first, last), across)


@second_path("yrd-078")
def lowest_year(claim):
    grid, own = variation("productivity")
    known = grid[grid.notna().all(axis=1)]
    return statement(own.idxmin() == 2014, (int(own.idxmin()), own.min()), known.idxmin(axis=1) == 2014)


@cache
def catch_up():
    """Growth of both gaps to the model in every reading, readings by regions, and in that of the chapter."""
    y, chosen, value, driver = yangtze(), settings("yangtze"), {}, {}
    models, cuts = [chosen["models"][label] for label in chosen["stages"]["labels"]], chosen["stages"]["cuts"]
    for index, people, gdp, staged, signed in product(y.index, y.people, GDPS, ("population_resident", "population_registered"), (False, True)):
        stage = np.searchsorted(cuts, y.output[gdp][:, 0] / wide("yangtze", staged).to_numpy()[:, 0], side="right")
        to = np.array([y.regions.get_loc(models[s]) for s in stage])
        for kept, level in ((value, y.output[gdp] / y.index[index]), (driver, y.output[gdp] / y.people[people])):
            gap = level[to] - level
            gap = gap if signed else np.abs(gap)
            with np.errstate(invalid="ignore", divide="ignore"):
                kept[index, people, gdp, staged, signed] = (gap[:, -1] - gap[:, 0]) / np.abs(gap[:, 0])
    ordinary = [r for r in y.regions if r not in models]
    value, driver = (pd.DataFrame(rows, y.regions).T[ordinary] for rows in (value, driver))
    kind = pd.DataFrame(np.select([(value < 0) & (driver < 0), (value < 0) & (driver > 0), (value > 0) & (driver < 0), (value > 0) & (driver > 0)],
                                  list("ABCD"), default=""), value.index, ordinary)
    kind = kind[value.notna().all(axis=1) & driver.notna().all(axis=1)]
    own = (OWN_INDEX, OWN_PEOPLE, OWN_GDP, "population_registered", True)
    return SimpleNamespace(kind=kind, own=kind.loc[[own]].iloc[0], value=value.loc[[own]].iloc[0], driver=driver.loc[[own]].iloc[0])


@second_path("yrd-086", "yrd-089", "yrd-090")
def how_many_of_a_type(claim):
    c, kinds = catch_up(), {"yrd-086": ["D"], "yrd-089": ["B", "C"], "yrd-090": ["A"]}[claim]
    return number(claim, int(c.own.isin(kinds).sum()), c.kind.isin(kinds).sum(axis=1), alike=most(23), of=23)


@second_path("yrd-091", "yrd-093", "yrd-094", "yrd-096", "yrd-100")
def type_of_a_city(claim):
    c, city, wanted = catch_up(), CLAIMS.loc[claim, "regions"], CLAIMS.loc[claim, "value"]
    return statement(c.own[city] == wanted, (f"type {c.own[city]}",), c.kind[city] == wanted)


@second_path("yrd-102")
def who_lags(claim):
    return named(claim, catch_up().own == "D", (catch_up().kind == "D").astype(float), exactly=True)


@second_path("yrd-007")
def which_gap_widens_faster(claim):
    c = catch_up()
    lag = c.own == "D"
    faster = int((c.value > c.driver)[lag].sum())
    return statement(faster > lag.sum() / 2, (faster, int(lag.sum())))


@second_path("yrd-087")
def counts_against_their_share(claim):
    share = 100 * printed("yrd-086") / (printed("yrd-086") + printed("yrd-089"))
    return against_itself(abs(share - printed(claim)) > 0.005, share)


# ------------------------------- Beijing-Tianjin-Hebei: emissions, Moran's I, the spatial Durbin model
BTH = "beijing-tianjin-hebei"
EMISSIONS = ("co2_edgar", "co2_county", "co2_ceads", "energy_three_carriers")
NEIGHBOURS = ("borders", "undoubted", "distance", 3, 5)
SECTORS = ("va_primary", "va_secondary", "va_tertiary")


def block(frames):
    """Regions and years of the largest balanced block that every table knows; of equals, the one with more regions."""
    known = np.logical_and.reduce([frame.notna().to_numpy() for frame in frames])
    best = (0, 0)
    for i, j in ((i, j) for i in range(known.shape[1]) for j in range(i, known.shape[1])):
        full = known[:, i:j + 1].all(axis=1)
        if (full.sum() * (j - i + 1), full.sum()) > best[:2]:
            best = (full.sum() * (j - i + 1), full.sum(), full, slice(i, j + 1))
    return best[2], best[3]


@cache
def links(regions, how, isolates="joined", rows=True):
    """Spatial weights among some regions; one that borders no other is joined to the nearest, or keeps a row of zeros."""
    places = table(BTH, "regions").set_index("region").loc[list(regions)]
    lat, lon = np.radians(places["latitude"].to_numpy()), np.radians(places["longitude"].to_numpy())
    half = np.sin((lat[:, None] - lat) / 2) ** 2 + np.outer(np.cos(lat), np.cos(lat)) * np.sin((lon[:, None] - lon) / 2) ** 2
    far = 2 * np.arcsin(np.sqrt(half))
    np.fill_diagonal(far, np.inf)
    if how == "distance":
        w = 1 / far
    elif isinstance(how, int):
        w = (far.argsort(axis=1).argsort(axis=1) < how).astype(float)
    else:
        w = pd.DataFrame(0.0, places.index, places.index)
        for pair in table(BTH, "adjacency").itertuples():
            if pair.region in w and pair.neighbour in w and (how == "borders" or pair.doubtful != 1):
                w.loc[pair.region, pair.neighbour] = w.loc[pair.neighbour, pair.region] = 1
        w = w.to_numpy(copy=True)
        for i in np.flatnonzero((w.sum(axis=1) == 0) & (isolates == "joined")):
            w[i, far[i].argmin()] = w[far[i].argmin(), i] = 1
    sums = w.sum(axis=1, keepdims=True)
    return w / np.where(sums == 0, 1, sums) if rows else w


def moran(x, w):
    """Moran's I, and its z when values are thought of as shuffled."""
    n, z, s0 = len(x), x - x.mean(), w.sum()
    i = n / s0 * (z @ w @ z) / (z @ z)
    s1, s2, b2 = ((w + w.T) ** 2).sum() / 2, ((w.sum(axis=0) + w.sum(axis=1)) ** 2).sum(), n * (z**4).sum() / (z @ z) ** 2
    square = (n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2) - b2 * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return i, (i + 1 / (n - 1)) / np.sqrt(square - 1 / (n - 1) ** 2)


@cache
def likeness():
    """I and z by year in every reading; the chapter's is of EDGAR over GDP, in logs, with borders and rows that sum to one."""
    found = {}
    for source, how, intensity, log, rows in product(EMISSIONS, NEIGHBOURS, (True, False), (True, False), (True, False)):
        x = wide(BTH, source) / (wide(BTH, "gdp_sector_accounts") if intensity else 1)
        full, span = block([x])
        x, w = x.loc[full].iloc[:, span], links(tuple(x.index[full]), how, "kept", rows)
        told = {year: moran(np.log(x[year].to_numpy()) if log else x[year].to_numpy(), w) for year in x}
        for kind, which in enumerate("Iz"):
            found[which, source, how, intensity, log, rows] = {year: pair[kind] for year, pair in told.items()}
    grid = pd.DataFrame(found).T
    return {which: (grid.loc[which], grid.loc[which].loc[("co2_edgar", "borders", True, True, True)]) for which in "Iz"}


@second_path("bth-079", "bth-080", "bth-092", "bth-098", "bth-109")
def neighbours_alike(claim):
    quantity = CLAIMS.loc[claim, "quantity"]
    grid, own = likeness()["z" if quantity.startswith("z") else "I"]
    year = int(quantity[-4:])
    return number(claim, own[year], grid[year], alike=np.sign)


@second_path("bth-121")
def always_alike(claim):
    grid, own = likeness()["I"]
    return statement((own > 0).all(), (int((own > 0).sum()), 14), (grid > 0).all(axis=1).where(grid.notna().all(axis=1)).astype(float))


@second_path("bth-123", "bth-124")
def most_and_least_alike(claim):
    which = {"bth-123": "idxmax", "bth-124": "idxmin"}[claim]
    grid, own = likeness()["I"]
    known = grid[grid.notna().all(axis=1)]
    return statement(getattr(own, which)() == printed(claim), (getattr(own, which)(), "by EDGAR"), getattr(known, which)(axis=1) == printed(claim))


@second_path("bth-081", "bth-084", "bth-090", "bth-111")
def p_of_a_printed_z(claim):
    row = printed_table("bth_moran").set_index("year").loc[CLAIMS.loc[claim, "quantity"][-4:]]
    low, high = (stats.norm.sf(float(row["z"]) + step) for step in (0.0005, -0.0005))
    met = any(side * low - 0.0005 <= float(row["p"]) <= side * high + 0.0005 for side in (1, 2))
    return against_itself(not met, low, high, 2 * low, 2 * high)


@cache
def logged(source, upgrading, energy, first, last, group):
    """Carbon intensity and the regressors in logs, regions by years by variables, of the largest balanced block; and its regions."""
    gdp, made, staff = wide(BTH, "gdp_sector_accounts"), {c: wide(BTH, c) for c in SECTORS}, wide(BTH, "employment_units")
    total = sum(made.values())
    if upgrading == "ratio":
        measure = made["va_tertiary"] / made["va_secondary"]
    elif upgrading == "level":
        measure = sum(j * v for j, v in enumerate(made.values(), 1)) / total
    else:
        each = {c: v / (staff * wide(BTH, f"employment_units_share_{c[3:]}") / 100) for c, v in made.items()}
        measure = sum(made[c] / total * (np.sqrt(v) if upgrading == "root" else v) for c, v in each.items())
    rate = table(BTH, "nation").set_index("year")["cny_per_usd"]
    frames = {"carbon": wide(BTH, source) / gdp, "upgrading": measure, "income": gdp / wide(BTH, "population_resident"),
              "energy": wide(BTH, "energy_three_carriers") / gdp, "openness": wide(BTH, "fdi") * rate / gdp,
              "urban": wide(BTH, "population_urban") / wide(BTH, "population_resident_unrevised")}
    inside = table(BTH, "regions").set_index("region")["group"].eq(group or "") | (group is None)
    frames = {name: np.log(frame[inside].loc[:, first:last]) for name, frame in frames.items() if energy or name != "energy"}
    full, span = block(frames.values())
    return np.stack([frame.to_numpy()[full, span] for frame in frames.values()], axis=2), list(frames), tuple(total.index[inside][full])


def durbin(source="co2_edgar", upgrading="level", how="borders", years=(None, None), energy=True, method="transformation", group=None, isolates="joined"):
    """The model y = rho Wy + Xb + WXt with effects of regions and years: estimates, and the effects of every regressor."""
    logs, names, regions = logged(source, upgrading, energy, *years, group)
    w = links(regions, how, isolates)
    if isolates == "dropped":
        linked = w.any(axis=1)
        logs, w = logs[linked], w[np.ix_(linked, linked)]
    (n, t, k), proper = np.subtract(logs.shape, (0, 0, 1)), w.any(axis=1).all()
    away = lambda v: (v - v.mean(axis=0) - v.mean(axis=1, keepdims=True) + v.mean(axis=(0, 1))).reshape(n * t, -1)
    lag = lambda v: np.tensordot(w, v, axes=1)
    own, lagged, design = away(logs[:, :, 0]).ravel(), away(lag(logs[:, :, 0])).ravel(), np.hstack([away(logs[:, :, 1:]), away(lag(logs[:, :, 1:]))])
    free = method == "transformation"
    cells, dets = ((n - 1) * (t - 1), t - 1) if free else (n * t, t)
    basis = np.linalg.qr(design)[0]
    left = [v - basis @ (basis.T @ v) for v in (own, lagged)]
    spectrum = np.linalg.eigvals(w)

    def depth(rho):
        """Minus the likelihood of one rho, or of several, with all else at its best."""
        e = [left[0] @ left[0], left[0] @ left[1], left[1] @ left[1]]
        logdet = np.log(np.abs(1 - np.multiply.outer(rho, spectrum))).sum(axis=-1)
        return cells / 2 * np.log(e[0] - 2 * rho * e[1] + rho**2 * e[2]) - dets * (logdet - free * np.log(1 - rho))

    grid = np.linspace(1 / spectrum.real.min(), 1, 202)
    best = depth(grid[1:-1]).argmin()
    rho = optimize.minimize_scalar(depth, bounds=(grid[best], grid[best + 2]), method="bounded", options={"xatol": 1e-10}).x
    beta = np.linalg.lstsq(design, own - rho * lagged, rcond=None)[0]
    e = own - rho * lagged - design @ beta
    s = np.linalg.inv(np.eye(n) - rho * w)
    out = {"rho": rho, "sigma2": e @ e / cells, "R2": 100 * (1 - e @ e / (own @ own)), "told": min(rho - grid[0], 1 - rho) > 1e-4 and n > 3 and (proper or not free), "left": n * t - 2 * k - n - t}
    for j, name in enumerate(names[1:]):
        response = s @ (beta[j] * np.eye(n) + beta[k + j] * w)
        direct, total = np.trace(response) / n, response.sum() / n
        out |= {f"{name} regression": beta[j], f"W*{name} regression": beta[k + j], f"{name} direct": direct, f"{name} indirect": total - direct, f"{name} total": total}
    return out | {"rho se": error_of_rho(w, rho, e @ e / cells, logs, beta, free)}


def error_of_rho(w, rho, sigma2, logs, beta, free):
    """From the information: of all cells less their means, or of what is left when bases of what sums to zero rotate both effects away."""
    rotate = null_space if free else lambda ones: np.eye(ones.size) - 1 / ones.size
    regions, years = (rotate(np.ones((1, size))) for size in logs.shape[:2])
    inner, t = (regions.T @ w @ regions, years.shape[1]) if free else (w, years.shape[1])
    g = inner @ np.linalg.inv(np.eye(len(inner)) - rho * inner)
    x = np.concatenate([logs[:, :, 1:], np.tensordot(w, logs[:, :, 1:], axes=1)], axis=2)
    signal = np.einsum("ia,tb,it->ab", regions, years, np.tensordot(w @ np.linalg.inv(np.eye(len(w)) - rho * w), x @ beta, axes=1)).ravel()
    flat = np.einsum("ia,tb,itk->abk", regions, years, x).reshape(-1, x.shape[2])
    size = flat.shape[1]
    information = np.zeros((size + 2, size + 2))
    information[:size, :size] = flat.T @ flat / sigma2
    information[size, :size] = information[:size, size] = flat.T @ signal / sigma2
    information[size, size] = t * np.trace(g @ g + g.T @ g) + signal @ signal / sigma2
    information[size, -1] = information[-1, size] = t * np.trace(g) / sigma2
    information[-1, -1] = len(flat) / 2 / sigma2**2
    return np.sqrt(max(np.linalg.inv(information)[size, size], 0))


@cache
def spillovers(group=None):
    """The model in every reading; the chapter's comes first.

    A reading can't tell if its emissions are made from a regressor, if few cells are left, or with rho at an end of its interval.
    """
    upgradings, methods, every = ("level", "ratio", "root", "linear"), ("transformation", "ml"), []
    hows, spans = (["borders"], [(None, None)]) if group else (NEIGHBOURS, [(None, None), (None, 2012), (2010, None)])
    alone = ("joined", "kept", "dropped") if group == "other" else ("joined",)
    for source, *rest, energy, method, isolates in product(EMISSIONS, upgradings, hows, spans, (True, False), methods, alone):
        found = {} if energy and source == "energy_three_carriers" else durbin(source, *rest, energy, method, group, isolates)
        every.append(found if found.get("left", 0) >= 30 and found["told"] else {"left": 0})
    return pd.DataFrame(every)



SYMBOLS = settings(BTH)["symbols"]
ESTIMATES = [c for c in CLAIMS.index[CLAIMS["quantity"].str.contains(r", table [567]$") & CLAIMS.index.str.startswith("bth-")] if LEDGER.loc[c, "verdict"] != "not testable"]


@second_path(*ESTIMATES)
def cell_of_a_regression(claim):
    variable, column, _, table_number = CLAIMS.loc[claim, "quantity"].replace(",", "").split()
    grid = spillovers({"5": None, "6": "resource-dependent", "7": "other"}[table_number])
    if variable in ("sigma2_e", "R2"):
        key = {"sigma2_e": "sigma2", "R2": "R2"}[variable]
        return number(claim, grid[key].iloc[0], grid[key])
    name = f"{'W*' * variable.startswith('W*')}{SYMBOLS[variable.removeprefix('W*')]} {column}"
    return number(claim, grid[name].iloc[0], grid[name], alike=np.sign)


@second_path("bth-002")
def neighbours_pull(claim):
    grid = spillovers()
    own, clear = grid.iloc[0], (grid["rho"] / grid["rho se"] > stats.norm.isf(0.05)).where(grid["rho"].notna())
    return statement(own["rho"] > 0 and clear[0], (own["rho"], own["rho se"]), clear.astype(float))


@second_path("bth-243")
def mostly_through_neighbours(claim):
    grid = spillovers()
    direct, indirect, total = (grid[f"upgrading {kind}"] for kind in ("direct", "indirect", "total"))
    held = ((total < 0) & (indirect < 0) & (indirect.abs() > direct.abs())).astype(float).where(total.notna())
    return statement(held[0] == 1, (direct[0], indirect[0], total[0]), held)


@second_path("bth-222", "bth-233")
def stars_that_no_error_gives(claim):
    table_number, name = {"bth-222": ("5", "lngdp"), "bth-233": ("6", "lnisu")}[claim]
    cells = printed_table("bth_regressions")
    row = cells[(cells["table"] == table_number) & (cells["variable"] == name) & (cells["column"] == "indirect")].iloc[0]
    (b, db), (s, ds) = ((abs(float(v)), 0.5 * 10.0 ** -len(v.partition(".")[2])) for v in (row["estimate"], row["std_error"]))
    low, high = (b - db) / (s + ds), (b + db) / (s - ds)
    freedom = row["nobs"], ((cells["table"] == table_number) & (cells["column"] == "regression") & ~cells["variable"].isin(["sigma2_e", "R2"])).sum()
    fit = ((b - db) / stats.norm.isf(0.005), (b + db) / stats.norm.isf(0.025))  # two stars: p from 0.01 to 0.05
    return against_itself(high < stats.norm.isf(0.025), low, high, 2 * stats.norm.sf(high), 2 * stats.t.sf(low, int(freedom[0]) - freedom[1]), *fit, s)


@second_path("bth-007", "bth-008")
def emissions_of_three_provinces(claim):
    nation = table(BTH, "nation").set_index("year")
    three = {s: nation[[f"co2_{s}_{p}" for p in ("beijing", "tianjin", "hebei")]].sum(axis=1) for s in ("ceads", "edgar")}
    if claim == "bth-007":
        growth = {s: 100 * (v[2019] / v[2006] - 1) for s, v in three.items()}
        rises = [g > 0 for g in growth.values()]
        return statement(all(rises), ("ceads", growth["ceads"], "edgar", growth["edgar"]), rises)
    part = {s: 100 * v / nation[f"co2_{s}_provinces"] for s, v in three.items()}
    above = [(p > printed(claim)).mean() > 0.5 for p in part.values()]
    return statement(all(above), tuple(f(p) for p in part.values() for f in (np.min, np.max)), above)


@second_path("bth-024", "bth-025", "bth-026")
def carbon_factor(claim):
    fuel = CLAIMS.loc[claim, "quantity"].removeprefix("carbon factor, ")
    content = table(BTH, "factors").set_index("fuel").loc[fuel, "carbon_content"]  # kg of carbon in a GJ
    return number(claim, content * 29.3 / 1000, [content * gj / 1000 for gj in (29.3076, 29.3, 29.271)])


@second_path("bth-047", "bth-048", "bth-049", "bth-050")
def incomes_described(claim):
    how = {"bth-047": np.mean, "bth-048": lambda v: np.std(v, ddof=1), "bth-049": np.min, "bth-050": np.max}[claim]
    told = []
    for gdp, people in product(("gdp_sector_accounts", "gdp_revised", "gdp_yearbook"), ("population_resident", "population_resident_unrevised")):
        v = np.log(1e4 * wide(BTH, gdp) / wide(BTH, people)).to_numpy().ravel()
        told.append(how(v[~np.isnan(v)]))
    spread = float(printed_table("bth_descriptives").set_index("variable").loc["lngdp", "sd"])
    return number(claim, told[0], told, alike=np.sign, of=spread)


@second_path("bth-029")
def largest_sector(claim):
    value = np.stack([wide(BTH, c).to_numpy() for c in SECTORS])
    largest = value.argmax(axis=0) == 1
    told = [largest.mean() > 0.5, (value.sum(axis=1).argmax(axis=0) == 1).mean() > 0.5, largest[:, -2:].mean() > 0.5]
    return statement(told[0], (100 * largest.mean(), int(largest.all(axis=1).sum()), int((~largest).all(axis=1).sum())), told)


@second_path("bth-125")
def quadrants_of_likeness(claim):
    held, first = [], None
    for source, intensity, log in product(EMISSIONS[:3], (True, False), (True, False)):
        x = wide(BTH, source) / (wide(BTH, "gdp_sector_accounts") if intensity else 1)
        pair = [(np.log(x[y]) if log else x[y]).to_numpy() for y in (2006, 2019)]
        if not np.isnan(pair).any():
            w = links(tuple(x.index), "borders")
            alike = [int(((v - v.mean()) * (w @ (v - v.mean())) > 0).sum()) for v in pair]
            first = first or alike
            held.append(all(n > len(w) / 2 for n in alike))
    return statement(held[0], (2006, first[0], 13, 2019, first[1], 13), held)


# --------------------------------------------- Shenzhen: economies, cities, the curve of Kuznets
@cache
def economies(start, end):
    """GDP and emissions per head and an index of people at two years, and people counted once, of every economy."""
    frames = {c: wide("countries", c)[[start, end]] for c in ("gdp_per_head", "co2_per_head", "population_index")}
    counted = table("countries", "population").pivot(index="region", columns="year", values="population")
    size = (counted / wide("countries", "population_index").reindex(counted.index)).bfill(axis=1).iloc[:, 0]
    return frames, size


def grown(members, start, end, how):
    """Growth of income and of emissions in per cent, and the change of income, of a list of economies."""
    frames, size = economies(start, end)
    (g0, g1), (c0, c1), (p0, p1) = (frames[c].loc[list(members)].dropna().to_numpy().T for c in ("gdp_per_head", "co2_per_head", "population_index"))
    if how == "pooled":
        n0, n1 = (size[list(members)].to_numpy() * p for p in (p0, p1))
        (g0, g1), (c0, c1) = (((v0 @ n0) / n0.sum(), (v1 @ n1) / n1.sum()) for v0, v1 in ((g0, g1), (c0, c1)))
        return 100 * (g1 / g0 - 1), 100 * (c1 * n1.sum() / (c0 * n0.sum()) - 1), g1 - g0
    middle = {"median": np.median, "mean": np.mean}[how]
    return middle(100 * (g1 / g0 - 1)), middle(100 * (c1 * p1 / (c0 * p0) - 1)), middle(g1 - g0)


@second_path("sz-004", "sz-005", "sz-006")
def trapped_economies(claim):
    lists = settings("countries")["choices"]["trap"]
    now, before = ([grown(level["trap"], *span, how) for level in lists.values() for how in ("median", "mean", "pooled")] for span in ((2013, 2022), (2004, 2013)))
    if claim == "sz-005":
        return number(claim, now[0][2], [change for *_, change in now])
    if claim == "sz-006":
        each = [grown([one], 2013, 2022, "median")[1] for one in lists["middle income in both years"]["trap"]]
        return statement(now[0][1] > 30, (now[0][1], 100 * np.mean(np.array(each) > 30), 30), [emitted > 30 for _, emitted, _ in now])
    held = [b[0] < a[0] and b[1] > a[1] for a, b in zip(before, now)]
    return statement(held[0], (now[0][0], before[0][0], now[0][1], before[0][1]), held)


@second_path("sz-007", "sz-008", "sz-009", "sz-010")
def resource_economies(claim):
    mean = wide("countries", "co2_per_head").loc[:, 2013:2022].mean(axis=1, skipna=False)
    lists = settings("countries")["choices"]["resources"]
    told = [mean[level["resources"]].dropna() for level in (lists["rents 10 % of GDP"], *(v for k, v in lists.items() if k != "rents 10 % of GDP"))]
    if claim == "sz-009":
        return number(claim, mean["World"])
    if claim == "sz-010":
        return statement(told[0].median() > mean["World"], (told[0].median(), mean["World"], 100 * (told[0] > mean["World"]).mean()), [v.median() > mean["World"] for v in told])
    bound = printed(claim)
    part = [100 * ((v >= bound) if claim == "sz-007" else (v <= bound)).mean() for v in told]
    return statement(part[0] > 50, (part[0], bound, told[0].min(), told[0].max()), [p > 50 for p in part])


@second_path("sz-014", "sz-015", "sz-020", "sz-021", "sz-023", "sz-035", "sz-042")
def output_of_a_city(claim):
    cities, record = table("shenzhen", "cities").set_index("city"), table("shenzhen", "record")
    row = CLAIMS.loc[claim]
    if row["unit"] != "rank":
        return number(claim, cities.loc[row["regions"], "gdp_2022"])
    tianjin = float(record.loc[record["item"] == "gdp-2022-tianjin", "value"].iloc[0])
    return number(claim, 1 + int((pd.Series([*cities["gdp_2022"], tianjin]) > cities.loc[row["regions"], "gdp_2022"]).sum()))


def slopes(x, y, degree, errors, at):
    """Slopes of a polynomial at some places with their errors, by least squares on powers of the scaled x; and the freedom of t."""
    centre, width = x.mean(), np.ptp(x)
    z, places = (x - centre) / width, (np.asarray(at) - centre) / width
    how = {"classical": {}, "HC3": {"cov_type": "HC3"}, "HAC": {"cov_type": "HAC", "cov_kwds": {"maxlags": int(4 * (len(x) / 100) ** (2 / 9)), "use_correction": True}}}[errors]
    fitted = sm.OLS(y, np.vander(z, degree + 1, increasing=True)).fit(use_t=True, **how)
    rows = np.column_stack([d * places ** max(d - 1, 0) for d in range(degree + 1)])
    return rows @ fitted.params / width, np.sqrt(np.diag(rows @ fitted.cov_params() @ rows.T)) / width, len(x) - degree - 1


def hill(x, y, degree, errors):
    """Lind and Mehlum's test: does the curve rise where x is lowest and fall where it is highest, each at five per cent?"""
    value, error, freedom = slopes(x, y, degree, errors, [x.min(), x.max()])
    return value[0] > 0 > value[1], stats.t.sf(np.abs(value) / error, freedom).max()


@cache
def curves(column):
    """Whether pollution is proven an inverted U of income, in every reading that has figures of its own and enough of them."""
    chosen, held = settings("shenzhen")["choices"], {}
    for income, years, form, degree, errors, flagged in product(*(chosen[c].values() for c in ("income", "years", "form", "degree", "errors", "flagged"))):
        if not years:
            continue  # the document states its years
        x, y = wide("shenzhen", income["income"]).iloc[0].loc[years["first"]:years["last"]], wide("shenzhen", column, tuple(flagged["without"])).iloc[0].loc[years["first"]:years["last"]]
        known = x.notna() & y.notna()
        key = (income["income"], *y[known].index, form["form"], degree["degree"], errors["errors"])
        if known.sum() >= degree["degree"] + 3 and key not in held:
            x, y = (np.log(v[known].to_numpy()) if form["form"] == "logs" else v[known].to_numpy() for v in (x, y))
            is_hill, p = hill(x, y, degree["degree"], errors["errors"])
            held[key] = bool(is_hill and p < 0.05)
    return list(held.values())


@second_path("sz-086", "sz-093")
def inverted_u(claim):
    column = {"sz-086": "industrial_so2", "sz-093": "industrial_wastewater"}[claim]
    x, y = (wide("shenzhen", c).iloc[0].loc[2011:2021] for c in ("gdp_per_head_revised", column))
    x, y = (v[x.notna() & y.notna()].to_numpy() for v in (x, y))
    is_hill, p = hill(x, y, 2, "classical")
    squares = sm.OLS(y, np.vander(x - x.mean(), 3, increasing=True)).fit()
    line = sm.OLS(y, sm.add_constant(x)).fit()
    turn = x.mean() - squares.params[1] / (2 * squares.params[2])
    found = statement(is_hill and p < 0.05, ("inverted U" if is_hill else "",), curves(column))
    return found._replace(also=(turn, p, line.pvalues[1]))


@second_path("sz-077")
def straight_lines(claim):
    told = []
    for column in ("industrial_so2", "pm10"):
        x, y = (wide("shenzhen", c).iloc[0].loc[2011:2021] for c in ("gdp_per_head_revised", column))
        told.append(stats.linregress(x[y.notna()], y.dropna()))
    return statement(all(line.slope < 0 and line.pvalue < 0.05 for line in told), ("industrial SO2 falls", told[0].pvalue, "PM10 falls", told[1].pvalue))


@second_path("sz-094")
def year_of_most_wastewater(claim):
    held, spans = [], ((None, None), (2011, 2021), (2012, 2021))
    for (first, last), leave in product(spans, settings("shenzhen")["choices"]["flagged"].values()):
        y = wide("shenzhen", "industrial_wastewater", tuple(leave["without"])).iloc[0].loc[first:last].dropna()
        held.append(y.idxmax() if y.idxmax() != y.index[0] else np.nan)
    return number(claim, held[3], held, of=9)


@second_path("sz-102")
def axis_of_income(claim):
    low = [wide("shenzhen", f"gdp_per_head_{v}").iloc[0].loc[2011:2021].min() for v in ("revised", "first")]
    edge = pd.to_numeric(printed_table("sz_axes").query("axis == 'x'")["label"]).min()
    return statement(low[0] >= edge, ("income from", low[0]), [v >= edge for v in low])


@second_path("sz-128", "sz-129", "sz-130", "sz-131")
def shares_of_a_project(claim):
    said = printed_table("sz_ppp").query("project == 'Guangming sponge city pilot'").set_index("item")["value"].astype(float)
    social, state, whole = said["social capital"], said["government capital"], said["registered capital"]
    if claim in ("sz-129", "sz-131"):
        return against_itself(abs(social + state - whole) > 0.005, social, state, whole)
    part = {"sz-128": social, "sz-130": state}[claim]
    return against_itself(abs(100 * part / whole - printed(claim)) > 0.5, part, whole, 100 * part / whole)


# -------------------------------- deindustrialisation: lasting falls, classes, a crisis, orders of sectors
SHARES = settings("countries")["shares"]


def way(share, rule="trend", least=8):
    """Which way a series of years moves, and its pace as a part of its mean a year; empty where too few years are known."""
    known = share.dropna()
    if len(known) < least:
        return "", np.nan
    if rule == "monotone":
        steps = np.diff(known)
        full = known.index[-1] - known.index[0] == len(known) - 1
        told = "none" if (steps <= 0).any() and (steps >= 0).any() else ("rising" if steps[0] > 0 else "falling") if full else ""
        return told, (known.iloc[-1] - known.iloc[0]) / (known.index[-1] - known.index[0]) / known.mean()
    years = known.index.to_numpy(dtype=float)
    line = sm.OLS(known.to_numpy(), np.column_stack([np.ones(len(years)), years - years[0]])).fit(
        cov_type="HAC", cov_kwds={"maxlags": int(4 * (len(years) / 100) ** (2 / 9)), "use_correction": True})
    slope, t = line.params[1], line.params[1] / line.bse[1]
    told = "none" if 2 * stats.t.sf(abs(t), len(years) - 2) >= 0.05 else "rising" if slope > 0 else "falling"
    return told, slope / known.mean()


@cache
def part_of_whole(part, wholes, base, leave):
    made = wide("provinces", part, leave)
    return made / (made.sum(skipna=False) if base == "nation" else sum(wide("provinces", whole, leave) for whole in wholes))


DEIND = settings("provinces", "deindustrialisation")
NAMED = [*DEIND["named"]["falling"], *DEIND["named"]["rising"]]


def share_of(side, name, base, span, leave):
    """A share by province and year as one reading has it."""
    level, years = DEIND["choices"][side][name], DEIND["choices"]["window"][span]
    whole = part_of_whole(level["part"], tuple(np.atleast_1d(level["whole"])), DEIND["choices"]["base"][base]["base"], tuple(DEIND["choices"]["flagged"][leave]["without"]))
    return whole.loc[:, years["first"]:years["last"]]


@cache
def ways(side):
    """Ways of the provinces that claims name, in every reading by name, base, window, flags and rule, with the figures behind them."""
    chosen, found = DEIND["choices"], {}
    for name, base, span, leave in product(chosen[side], chosen["base"], chosen["window"], chosen["flagged"]):
        for (region, row), rule in product(share_of(side, name, base, span, leave).loc[NAMED].iterrows(), chosen["rule"]):
            found[region, name, base, span, leave, rule] = (way(row, rule)[0], tuple(row.dropna().round(12).items()))
    return found


@cache
def own_ways(side):
    """Way and pace of every province in the chapter's reading."""
    chosen = DEIND["reading"] | (DEIND["reading_employment"] if side == "employment" else {})
    rows = share_of(side, chosen[side], chosen["base"], chosen["window"], chosen["flagged"]).iterrows()
    return pd.DataFrame({region: way(row) for region, row in rows}, ["way", "pace"]).T


def distinct(side, region, rule):
    """What the readings by a rule say of a province, those with the same figures once."""
    return list({figures: told for key, (told, figures) in ways(side).items() if key[0] == region and key[-1] == rule and told}.values())


FALLS = [c for c in CLAIMS.index[CLAIMS["document"] == "deindustrialisation"] if CLAIMS.loc[c, "value"] in ("decreasing", "increasing") and CLAIMS.loc[c, "regions"] in set(table("provinces")["region"])]


@second_path(*FALLS)
def share_of_a_province(claim):
    row = CLAIMS.loc[claim]
    side, wanted = "employment" if "employment" in row["quantity"] else "measure", {"decreasing": "falling", "increasing": "rising"}[row["value"]]
    told, pace = own_ways(side).loc[row["regions"]]
    return statement(told == wanted, (told, 100 * pace), [seen == wanted for seen in distinct(side, row["regions"], "trend")])


@second_path("deind-048", "deind-049")
def both_shares_of_provinces(claim):
    wanted, rows = {"deind-048": "falling", "deind-049": "rising"}[claim], {}
    now = (own_ways("measure")["way"] == wanted) & (own_ways("employment")["way"] == wanted)
    for (region, measure, *rest), (one, _) in ways("measure").items():
        for employment in DEIND["choices"]["employment"] if rest[-1] == "trend" else ():
            other = ways("employment")[region, employment, *rest][0]
            rows.setdefault((measure, employment, *rest), {})[region] = float(one == other == wanted) if one and other else np.nan
    return named(claim, now, pd.DataFrame(rows).T[CLAIMS.loc[claim, "regions"].split("; ")])


@second_path("deind-051")
def both_shares_fall_somewhere(claim):
    both = (own_ways("measure")["way"] == "falling") & (own_ways("employment")["way"] == "falling")
    return statement(both.any(), (int(both.sum()), len(both)))


@cache
def high_income():
    members = table("countries", "economies").set_index("region")
    return members[(members["kind"] == "economy") & (members["income_2013"] == "high")]


@second_path("deind-003")
def crises(claim):
    growth = wide("countries", "gdp_growth").loc[high_income().index]
    part = {year: 100 * (growth[year] < 0).mean() for year in (2009, 2012)}
    return statement(part[2009] > 50, (part[2009], 2009, part[2012], 2012))


@second_path("deind-057")
def slower_growth(claim):
    growth = wide("countries", "gdp_growth").loc[high_income().index]
    before, after = (growth.loc[:, a:b].mean(axis=1).median() for a, b in ((2000, 2007), (2010, 2019)))
    return statement(after < before, (before, 2000, 2007, after, 2010, 2019))


@second_path("deind-017")
def falls_everywhere(claim):
    seen, held = [], []
    for side, without_rents in product(("employment", "value added"), (False, True)):
        members = high_income()[high_income()["rents"].isna()] if without_rents else high_income()
        series = [wide("countries", SHARES[side]).loc[r] for r in members.index]
        fell = [way(s, least=5)[0] == "falling" for s in series if s.notna().sum() >= 8]
        seen += [f"{side}, high income{' without resource rents' if without_rents else ''}", sum(fell), len(fell)]
        held.append(all(fell))
    return statement(held[1], tuple(seen), held)


@second_path("deind-018")
def largest_manufacturer(claim):
    single = table("countries", "economies").query("kind == 'economy'")["region"]
    made = wide("countries", "manufacturing_va_usd").loc[single].dropna(axis=1, how="all")
    made = made.loc[:, made.loc[made.iloc[:, -1].nlargest(5).index].notna().all()]  # years in which the large ones are known
    first = made.idxmax()
    own = first.index[first == "China"]
    return statement((first.loc[2010:2021] == "China").all() and first.get(2009) != "China", ("first in", own[0], own[-1]))


@second_path("deind-019", "deind-020", "deind-021")
def order_of_sectors(claim):
    place, told = {"deind-019": 0, "deind-020": 1, "deind-021": -1}[claim], []
    for columns in settings("china")["choices"]["sectors"].values():
        frame = table("china").set_index("year")[list(columns.values())].dropna()
        orders = ["-".join(str(i + 1) for i in np.argsort(-row, kind="stable")) for row in frame.to_numpy()]
        runs = [(orders[i], frame.index[i]) for i in range(len(orders)) if i == len(orders) - 1 or orders[i + 1] != orders[i]]  # order and last year of each run
        told.append([order for order, last in runs if last >= 1978][place])
    return statement(told[0] == CLAIMS.loc[claim, "value"], (told[0],), [order == CLAIMS.loc[claim, "value"] for order in told])


def kind_of_fall(economy, exports, last):
    """Aggregate if the shares of jobs, of output and, if asked, of exports all fall in the years common to all three."""
    shares = {k: wide("countries", column).loc[economy].dropna() for k, column in SHARES.items()}
    first, end = max(s.index[0] for s in shares.values()), min(s.index[-1] for s in shares.values())
    asked = [s.loc[first:last or end] for k, s in shares.items() if exports or k != "exports"]
    return all(way(s, least=5)[0] == "falling" for s in asked)


@second_path("deind-024")
def aggregate_kind(claim):
    rows = [{name: kind_of_fall(name, exports, last) for name in ("USA", "UK", "Spain")} for exports, last in product((True, False), (None, 2008))]
    across = pd.DataFrame(rows).astype(float)
    return named(claim, across.iloc[0].astype(bool).rename(index={"USA": "US"}), across.rename(columns={"USA": "US"}))


@second_path("deind-026", "deind-028", "deind-030", "deind-032")
def german_figures(claim):
    column, year = {"deind-026": ("unemployment_rate", 2009), "deind-028": ("gdp_growth", 2009), "deind-030": ("unemployment_rate", 2010), "deind-032": ("gdp_growth", 2010)}[claim]
    now, then = wide("countries", column).loc["Germany"], table("countries", "vintages").set_index("year").filter(like=column).iloc[:, 0]
    kind = {"deind-026": lambda v: v > now[2008], "deind-028": lambda v: v < 0}.get(claim)
    return number(claim, now[year], [now[year], then[year]], alike=kind)


@second_path("deind-031")
def lowest_unemployment(claim):
    now, then = wide("countries", "unemployment_rate").loc["Germany"], table("countries", "vintages").set_index("year")["unemployment_rate_2018"]
    low = now.loc[1991:2010]
    return statement(low.idxmin() == 2010, (now[2010], low.min(), low.idxmin()), [s.loc[1991:2010].idxmin() == 2010 for s in (now, then)])


@second_path("deind-034")
def germany_and_its_peers(claim):
    growth = wide("countries", "gdp_growth")
    peers = growth.loc[DEIND["crisis"]["peers"]]
    smaller, stronger = growth.loc["Germany", 2009] > peers[2009], growth.loc["Germany", [2010, 2011]].sum() > peers[[2010, 2011]].sum(axis=1)
    return statement((smaller & stronger).all(), (int(smaller.sum()), int(stronger.sum()), len(peers)))


# ------------------------------------ coordination: growth by group, dispersion, levels of a system, towns
def carried(level, index, base):
    """Output at the prices of one year, carried from it by yearly indices."""
    growth, years = np.log(wide("provinces", index) / 100), wide("provinces", level).columns
    total = pd.DataFrame(np.nan, growth.index, years)
    total[base] = wide("provinces", level)[base]
    for year in years[years > base]:
        total[year] = total[year - 1] * np.exp(growth[year])
    for year in years[years < base][::-1]:
        total[year] = total[year + 1] / np.exp(growth[year + 1])
    return total


@cache
def outputs():
    """Output of the provinces by every reading of one vintage."""
    levels = settings("provinces", "coordination")["choices"]["income"]
    return {name: carried(level["total"], level["index"], 2015) if "index" in level else wide("provinces", level["total"]) for name, level in levels.items() if "total" in level}


GROUP = table("provinces", "regions").set_index("region")["group"]
WINDOWS = ((2015, 2020), (2015, 2019), (2016, 2020))


def by_group(total, how):
    people = wide("provinces", "population_resident").reindex(columns=total.columns)
    add = lambda frame: frame.groupby(GROUP[frame.index].to_numpy()).sum(min_count=1).where(frame.isna().groupby(GROUP[frame.index].to_numpy()).sum() == 0)
    return add(total) / add(people) if how == "sum" else np.exp(add(np.log(total / people)).div(GROUP.value_counts(), axis=0))


@cache
def pace_of_groups():
    """Growth of output per head a year, per cent, in every reading."""
    rows = []
    for total, (first, last), how in product(outputs().values(), WINDOWS, ("sum", "mean")):
        income = by_group(total, how)
        rows.append(100 * ((income[last] / income[first]) ** (1 / (last - first)) - 1))
    return pd.DataFrame(rows).reset_index(drop=True)


@second_path("coord-001")
def followers_grew_faster(claim):
    pace = pace_of_groups()
    across = (pace[["central", "west"]].min(axis=1) > pace["east"]).astype(float).where(pace[["east", "central", "west"]].notna().all(axis=1))
    return statement(across[0] == 1, ("east", pace.loc[0, "east"], "central", pace.loc[0, "central"], "west", pace.loc[0, "west"]), across)


@second_path("coord-004")
def the_north_east_shrank(claim):
    pace = pace_of_groups()["north-east"]
    return statement(pace[0] < 0, (pace[0],), (pace < 0).astype(float).where(pace.notna()))


def gini(y, p):
    """Mean absolute difference of two people drawn, over twice the mean."""
    return (np.outer(p, p) * np.abs(y[:, None] - y)).sum() / 2 / (p @ y)


MEASURES = {
    "variation": lambda y, p: y.std() / y.mean(), "weighted variation": lambda y, p: np.sqrt(p @ (y - p @ y) ** 2) / (p @ y),
    "log-deviation": lambda y, p: np.log(y).std(), "theil": lambda y, p: p @ (y / (p @ y) * np.log(y / (p @ y))), "gini": gini,
}


@second_path("coord-002")
def gaps_narrowed(claim):
    rows, people = [], wide("provinces", "population_resident")
    heads = people.groupby(GROUP[people.index].to_numpy()).sum(min_count=1)
    for total, (first, last), measure, among in product(outputs().values(), WINDOWS, MEASURES.values(), ("groups", "regions")):
        income, p = (by_group(total, "sum"), heads) if among == "groups" else (total / people.reindex(columns=total.columns), people)
        ends = [measure(income[y].to_numpy(), (p[y] / p[y].sum()).to_numpy()) for y in (first, last)]
        rows.append(ends[1] - ends[0])
    income = next(iter(outputs().values())) / people.reindex(columns=next(iter(outputs().values())).columns)
    logs = np.log(income[[2015, 2020]])
    equal = stats.pearsonr(logs[2015] + logs[2020], logs[2015] - logs[2020]).pvalue  # Pitman and Morgan's test
    cv = income.std(ddof=0) / income.mean()
    change = np.array(rows)
    return statement(change[0] < 0, ("variation among groups", change[0], cv[2015], 2015, cv[2020], 2020, equal), np.where(np.isnan(change), np.nan, change < 0))


@second_path("coord-003")
def the_environment_improved(claim):
    frame = table("china", "environment")
    names = settings("china", "coordination")["quality"]["series"]
    frame = frame[~frame["value_flag"].str.contains("unread|quoted")].dropna(subset=["value"])
    strict, ends = [], []
    for name in names:
        part = frame[(frame["series"] == name) & frame["year"].between(2015, 2020)].sort_values("year")
        if len(part) > 2:
            v = part["value"].to_numpy() * (1 if part["better"].iloc[0] == "up" else -1)
            strict.append(bool((np.diff(v) > 0).all()))
            ends.append(bool(v[-1] > v[0]))
    return statement(all(strict), (sum(strict), len(strict), sum(ends)), strict + ends)


@second_path("coord-011")
def greenness_drew_together(claim):
    """Output's cost in SO2, CO2 and energy, and the level of the environment with weights by entropy: does dispersion fall, 2006 to 2019?"""
    chosen, real = settings("provinces", "coordination")["systems"]["environment"], carried("gdp_rev4", "gdp_index_rev4", 2015)
    cost = np.stack([(wide("provinces", one["part"]) / real).drop(index="Tibet").loc[:, 2006:2019].to_numpy() for one in chosen.values()], axis=2)
    share = (cost.max(axis=(0, 1)) - cost) / np.ptp(cost, axis=(0, 1))
    level = share @ weighted(cost.reshape(-1, 3), share.reshape(-1, 3), "entropy")
    every = [*np.moveaxis(cost, 2, 0), level]
    spread = {measure: [(MEASURES[measure](x[:, 0], None), MEASURES[measure](x[:, -1], None)) for x in every] for measure in ("variation", "log-deviation")}
    seen = [part for name, (first, last) in zip(("industrial SO2", "CO2", "energy", "environment, level"), spread["variation"]) for part in (name, first, 2006, last, 2019)]
    held = [last < first for rows in spread.values() for first, last in rows]
    return statement(held[0], tuple(seen), held)


@second_path("coord-025", "coord-026", "coord-027", "coord-029")
def people_in_towns(claim):
    rate = table("china", "urbanisation").pivot(index="year", columns="series", values="rate")
    record = table("china", "record").set_index("item")["value"]
    both = [rate["resident-first"], rate["resident-revised"]]
    if claim == "coord-025":
        return statement(both[0][2019] > 60, (both[0][2019], both[1][2019]), [r[2019] > 60 for r in both])
    if claim == "coord-026":
        year = [int(r.index[r > 60].min()) for r in both]
        return statement(year[0] == printed(claim), (year[0], year[1]), [y == printed(claim) for y in year])
    if claim == "coord-027":
        return number(claim, rate.loc[2019, "registered"])
    yard = [float(record[item]) for item in ("urban-oecd", "urban-high-income-2018", "urban-developed-quoted")]
    whose = [rate.loc[2019, "registered"], both[0][2019], both[1][2019]]
    return statement(whose[0] < min(yard), (whose[0], yard[0], whose[1]), [w < min(yard) for w in whose])


@second_path("coord-022")
def year_of_a_plan(claim):
    record = table("china", "record").set_index("item")["value"]
    years = [float(record[item][:4]) for item in ("zoning-plan", "zoning-plan-public")]
    return number(claim, years[0], years)


# ------------------------------------------------------------------------------- the comparison
@pytest.mark.parametrize("claim", sorted(CASES))
def test_a_second_path_finds_the_same(claim):
    row, found = LEDGER.loc[claim], CASES[claim](claim)
    told = differences(found, row)
    seen = "; ".join(s if isinstance(s, str) else f"{s:.6g}" for s in found.seen)
    assert not told, (f"{claim}, printed {CLAIMS.loc[claim, 'value']!r}: the ledger has {row['observed']!r}, {row['verdict']}; "
                      f"a second path from the files finds {seen!r}, {found.verdict}: {'; '.join(told)}")


def test_the_second_path_reaches_every_document_and_every_kind_of_verdict():
    reached = LEDGER.loc[list(CASES), "verdict"]
    assert CLAIMS.loc[list(CASES), "document"].value_counts().min() >= 5 and len(CASES) > 150
    assert set(reached) == {"reproduced", "close", "depends", "contradicted", "inconsistent"}


def test_rho_implied_by_the_printed_effects():
    """One rho a table, by least squares in printed standard errors; the reason of bth-002 names them."""
    stated = [float(n.replace("−", "-")) for n in re.findall(r"([−+]\d\.\d+) \(table", LEDGER.loc["bth-002", "reason"])]
    cells, found = printed_table("bth_regressions"), []
    places = table(BTH, "regions").set_index("region")["group"]
    for _, part in cells.groupby("table", sort=False):
        group = part["sample"].iloc[0]
        w = links(tuple(places.index[(places == group) | (group == "all")]), "borders", "kept")
        at = part.set_index(["variable", "column"])[["estimate", "std_error"]]
        names = [v[2:] for v in part["variable"].unique() if v.startswith("W*")]

        def misfit(rho):
            s, out = np.linalg.inv(np.eye(len(w)) - rho * w), []
            for name in names:
                response = s @ (float(at.loc[(name, "regression"), "estimate"]) * np.eye(len(w)) + float(at.loc[(f"W*{name}", "regression"), "estimate"]) * w)
                direct, total = np.trace(response) / len(w), response.sum() / len(w)
                out += [(told - float(at.loc[(name, kind), "estimate"])) / float(at.loc[(name, kind), "std_error"]) for told, kind in ((direct, "direct"), (total - direct, "indirect"))]
            return np.sum(np.square(out))

        start = min(np.linspace(-0.95, 0.95, 96), key=misfit)
        found.append(optimize.minimize_scalar(misfit, bounds=(start - 0.02, start + 0.02), method="bounded").x)
    assert np.allclose(stated, found, atol=0.005), f"bth-002: the ledger says that the printed effects imply {stated}; a second path finds {np.round(found, 4)}"


def test_reasons_measure_from_the_printed_number():
    """What is equal or off by some amount is so by the number printed now."""
    faults = []
    for claim, row in LEDGER[LEDGER["reason"].str.match(r"off by|equal (within|as far)")].iterrows():
        step = 10.0 ** -len(row["observed"].partition(".")[2])
        off = float((re.match(r"off by (\S+?);?(?: |$)", row["reason"].replace("−", "-")) or ["", "0"])[1])
        allowed = step if off else max(float(CLAIMS.loc[claim, "tolerance"] or 0), step) + step / 2
        if abs(float(row["observed"]) - off - printed(claim)) > (50 if "as far as" in row["reason"] else allowed) + 1e-9:
            faults.append(f"{claim}: printed {CLAIMS.loc[claim, 'value']}, observed {row['observed']}, but {row['reason'].partition(';')[0]}")
    assert not faults, "; ".join(faults)


FOLDERS = {"yangtze": ["yangtze"], "coordination": ["provinces", "china"], "shenzhen": ["shenzhen", "countries"], "beijing-tianjin-hebei": [BTH],
           "deindustrialisation": ["provinces", "countries", "china"]}


def test_every_table_is_the_one_that_was_sealed():
    """A digit too small to move any number shown is still a change of what the claims are held against."""
    faults = []
    for folder in ["published", *dict.fromkeys(f for folders in FOLDERS.values() for f in folders)]:
        resting = [c for c in CASES if folder == "published" or folder in FOLDERS[CLAIMS.loc[c, "document"]]]
        for resource in json.loads((DATA / folder / "datapackage.json").read_text())["resources"]:
            if resource["hash"] != "sha256:" + hashlib.sha256((DATA / folder / resource["path"]).read_bytes()).hexdigest():
                named = [c for c in resting if folder != "published" or resource["path"].startswith(("claims", "documents", "audit", "findings", CLAIMS.loc[c, "document"], c.partition("-")[0]))]
                faults.append(f"data/{folder}/{resource['path']} isn't the file that was sealed, and on it may rest {', '.join(sorted(named))}")
    assert not faults, "; ".join(faults)


# ------------------------------------------------- what the documents print, where it stands twice
WORDS = {"0": "no|none", "1": "largest|all|first", "2": "two", "3": "three", "4": "four", "5": "five", "7": "seven", "8": "eight", "10": "ten", "11": "eleven",
         "100": "one hundred", "1000": "one thousand", "10000": "ten thousand"}
DERIVED = {"yrd-053": lambda: 1 - printed("yrd-052") / printed("yrd-001"), "yrd-080": lambda: printed("yrd-077") / printed("yrd-068"),
           "yrd-113": lambda: printed("yrd-089") / printed("yrd-088")}


def test_every_number_stands_in_its_statement():
    """In digits, in words or, of three claims, by what it is derived from; a list is counted."""
    faults = []
    for claim, row in CLAIMS[CLAIMS["value"].str.fullmatch(r"-?[\d.]+")].iterrows():
        said = row["statement"].replace(",", "")
        value = row["value"].removeprefix("-") if " fell " in said else row["value"]
        if claim in DERIVED:
            found = agree(value, DERIVED[claim]())
        elif re.search(rf"(?<![\d.]){re.escape(value)}(?!\.?\d)", said):
            found = True
        else:
            found = value in WORDS and re.search(rf"\b({WORDS[value]})\b", said, re.I) or row["statement"].partition(":")[2].count(",") == float(value) - 1
        faults += [] if found else [f"{claim}: {value} is not in {row['statement']!r}"]
    assert not faults, "; ".join(faults)


def cells_of_claims():
    """Numbers of the printed tables that are claims as well, or stand in one: claim, place and what stands there."""
    of_quantity = {q: c for c, q in CLAIMS.loc[CLAIMS["document"] == BTH, "quantity"].drop_duplicates().items()}
    for row in printed_table("bth_regressions").itertuples():
        yield of_quantity[f"{row.variable} {row.column}, table {row.table}"], f"{row.variable} {row.column} of table {row.table}", row.estimate
    for row in printed_table("bth_moran").itertuples():
        for name, cell in (("Moran I of carbon intensity", row.moran), ("z of Moran I", row.z), ("p of Moran I", row.p)):
            yield of_quantity[f"{name}, {row.year}"], f"bth_moran of {row.year}", cell
    for row in printed_table("bth_descriptives").itertuples():
        for name, cell in (("N", row.n), ("mean", row.mean), ("standard deviation", row.sd), ("minimum", row.minimum), ("maximum", row.maximum)):
            yield of_quantity[f"{name}, {row.variable.replace('lnco2', 'Lnco2')}"], f"bth_descriptives of {row.variable}", cell
    for row in printed_table("bth_coefficients").itertuples():
        yield of_quantity[f"standard coal factor, {row.fuel}"], f"bth_coefficients of {row.fuel}", row.standard_coal
        yield of_quantity[f"carbon factor, {row.fuel}"], f"bth_coefficients of {row.fuel}", row.carbon
    for row in printed_table("sz_cities").itertuples():
        for claim, cell in zip(row.claim.split(";"), (row.gdp_2022, row.gdp_rank, row.net_zero_rank)):
            yield claim, f"sz_cities of {row.city}", cell
    for name, column in (("sz_values", "value"), ("sz_others", "value"), ("sz_ppp", "value"), ("sz_international", "value"), ("sz_city_peaks", "peak_year"),
                         ("deind_figures", "value"), ("coord_statements", "value")):
        for row in printed_table(name).to_dict("records"):
            for claim in row["claim"].split(";") if re.fullmatch(r"-?[\d.]+", row[column]) else ():
                yield claim, f"a row of {name}", row[column]


def stands(cell, claim):
    """Whether a number is a claim's value, or the number of its items, or stands in what it says."""
    row = CLAIMS.loc[claim]
    cell = "3.5" if (claim, cell) == ("sz-056", "350") else cell  # 350 times ten thousand pounds
    said = f"{row['value']} {row['statement']} {row['year_from']} {row['year_to']}"
    return cell in (row["value"], str(row["value"].count(";") + 1)) or re.search(rf"(?<![\d.]){re.escape(cell)}(?![\d])", said)


def test_printed_tables_and_claims_say_the_same():
    faults = [f"{claim}: {CLAIMS.loc[claim, 'value']} among the claims, {cell} in {where}" for claim, where, cell in cells_of_claims()
              if not (stands(cell, claim) if where.startswith("a row") else cell == CLAIMS.loc[claim, "value"])]
    assert not faults, "; ".join(faults)


def test_stars_and_claims_say_the_same():
    rows = printed_table("bth_regressions")
    stated = {f"T{row.table}: {row.variable}, {row.column}, estimate {row.estimate}{row.stars}." for row in rows.itertuples()}
    told = CLAIMS.loc[CLAIMS["statement"].str.match(r"T\d: .+, estimate"), "statement"]
    assert set(told) == stated, "; ".join(f"{c}: {s!r} is not in bth_regressions" for c, s in told.items() if s not in stated)
