"""Structural change: what can't be told is refused by name or told as such, and no warning escapes."""

import re

import numpy as np
import pandas as pd
import pytest

from casebook import structure
from casebook.structure import CannotTell

NAN = float("nan")
pytestmark = pytest.mark.usefixtures("no_warnings")


def yearly(values, first=2011, name=None):
    return pd.Series(np.asarray(values, dtype=float), range(first, first + len(values)), name=name)


def panel(regions=("A", "B"), years=(2011, 2012, 2013)):
    key = pd.MultiIndex.from_product([regions, years], names=["region", "year"])
    rng = np.random.default_rng(1)
    return pd.DataFrame(rng.uniform(1, 9, (len(key), 2)), key, ["X", "Y"])


def changed(frame, row, column, value):
    frame = frame.copy()
    frame.loc[row, column] = value
    return frame


def without(frame, *rows):
    return frame.drop(index=list(rows))


FALLING = yearly([30, 29, 28, 27, 26, 25, 24, 23], name="manufacturing share")
TWICE = pd.concat([FALLING, FALLING.iloc[[2]]])
SECTORS = pd.DataFrame({"primary": [10.0, 9], "secondary": [50.0, 49], "tertiary": [40.0, 42]}, [2011, 2012])


# ------------------------------------------------------------------------------- shares
@pytest.mark.parametrize(("part", "whole", "message"), [
    (yearly([1, -2], name="output"), yearly([5, 5]), "output is negative in 2012"),
    (yearly([1, 2]), yearly([5, -5], name="GDP"), "GDP is negative in 2012"),
    (yearly([1, 2]), yearly([5, 0], name="GDP"), "GDP is zero in 2012"),
    (yearly([1, 6], name="output"), yearly([5, 5], name="GDP"), "output is 6 in 2012, above GDP, 5: a part can't exceed its whole"),
    (yearly([1, 2, 3], name="output"), yearly([5, 5], name="GDP"), "GDP has no row for 2013, where output has one"),
    (TWICE, FALLING, "two figures for 2013"),
    (yearly([1, np.inf], name="output"), yearly([5, 5]), "output is infinite in 2012"),
    (pd.Series(["1"], [2011], name="output"), yearly([5]), "output holds no numbers"),
    ([1, 2], yearly([5, 5]), "must be a pandas Series"),
    (panel()["X"], 0.5 * panel()["X"].rename("whole"), "A 2011, above whole"),
    (panel()["X"], yearly([99, 99], name="nation"), "nation has no row for 2013, where X has one"),
    (panel().loc["A", "X"], panel()["X"].rename("whole"), "whole has regions and X has none"),
    (panel()["X"], without(panel(), ("B", 2012))["X"].rename("whole"), "whole has no row for B 2012"),
])
def test_shares_that_are_none(part, whole, message):
    with pytest.raises(ValueError, match=message):
        structure.share(part, whole)


@pytest.mark.parametrize(("frame", "message"), [
    (changed(SECTORS, 2012, "tertiary", 32.0), "sum to 90 in 2012, not to 100 within 0.02 of it"),
    (changed(SECTORS, 2012, "tertiary", 0.42), "sum to 58.42 in 2012"),
    (10 * SECTORS, "sum to 1000 in 2011, not to 100 .* or give the total"),
    (SECTORS / 1000, "sum to 0.1 in 2011, not to 1 "),
    (0 * SECTORS, "sum to 0 in 2011"),
    (changed(SECTORS, 2012, "secondary", -49.0), "of secondary is negative in 2012"),
    (changed(SECTORS, 2012, "secondary", NAN), "of secondary is missing, while other sectors are known, in 2012"),
    (changed(SECTORS, 2012, "secondary", np.inf), "of secondary is infinite in 2012"),
    (SECTORS.assign(tertiary=["40", "42"]), "of tertiary holds no numbers"),
    (SECTORS[["primary"]], "needs two different sectors at least; got primary"),
    (pd.concat([SECTORS, SECTORS[["primary"]]], axis=1), "needs two different sectors"),
    (pd.concat([SECTORS, SECTORS.loc[[2012]]]), "two figures for 2012"),
    (SECTORS["primary"], "must be a DataFrame with a column per sector; got Series"),
    (SECTORS.set_axis(["first", "second"]), "years of the frame of sectors must be whole numbers"),
])
def test_sectors_that_dont_add_up(frame, message):
    with pytest.raises(ValueError, match=message):
        structure.shares(frame)


def test_sums_are_named_with_their_region():
    both = pd.concat({"Anhui": SECTORS, "Henan": changed(SECTORS, 2012, "primary", 0.0)}, names=["region", "year"])
    with pytest.raises(ValueError, match="sum to 91 in Henan 2012"):
        structure.shares(both)


def test_totals_that_dont_fit():
    with pytest.raises(ValueError, match="sum to 100 in 2011, not to 110 within 0.02 of it; a sector is missing or twice there$"):
        structure.shares(SECTORS, yearly([110, 100]))
    with pytest.raises(ValueError, match="the total is not known in 2012"):
        structure.shares(SECTORS, yearly([100]))
    with pytest.raises(ValueError, match="the total is zero in 2012"):
        structure.shares(SECTORS, yearly([100, 0]))
    with pytest.raises(ValueError, match="lacks the sector 'services'; it has primary, secondary, tertiary"):
        structure.shares(SECTORS, sectors=["primary", "services"])
    with pytest.raises(ValueError, match="tolerance is a fraction"):
        structure.shares(SECTORS, tolerance=-0.1)


@pytest.mark.parametrize(("frame", "nation", "message"), [
    (panel(["A"]), None, "A is one region only, and no nation"),
    (panel().xs(2011, level=1).loc[["A"]], None, "A is one region only"),
    (panel().iloc[:0], None, "none is one region only"),
    (SECTORS.rename_axis("year"), None, "years and no regions"),
    (without(panel(), ("B", 2012)), None, "the frame of regions is not known in B 2012"),
    (changed(panel(), ("B", 2012), ["X", "Y"], NAN), None, "not known in B 2012"),
    (changed(panel(), ("B", 2012), "X", NAN), None, "X is missing, while other sectors are known, in B 2012"),
    (changed(panel(), ("B", 2012), "X", -1.0), None, "X is negative in B 2012"),
    (changed(panel(), ("B", 2012), ["X", "Y"], 0.0), None, "B 2012 has nothing in any sector"),
    (changed(panel(), slice(None), "X", 0.0), None, "the nation has nothing in X in 2011"),
    (pd.concat([panel(), panel().iloc[[0]]]), None, "two figures for A 2011"),
    (pd.DataFrame({"X": [1.0, 2], "Y": [3.0, 4]}, ["A", "A"]), None, "two rows for A"),
    (panel(), pd.Series({"X": 1.0, "Y": 2.0}), "must be a DataFrame indexed by year; got Series"),
    (panel().xs(2011, level=1), pd.DataFrame({"X": [1.0], "Y": [2.0]}), "must be a Series indexed by sector; got DataFrame"),
    (panel(), pd.DataFrame({"X": [1.0], "Y": [2.0]}, [2011]), "the nation is not known in 2012, 2013"),
    (panel(), pd.DataFrame({"X": [1.0], "Z": [2.0]}, [2011]), "the nation lacks the sector 'Y'"),
    (panel(), pd.DataFrame({"X": [1.0], "Y": [2.0], "Z": [2.0]}, [2011]), "the frame of regions lacks the sector 'Z', which the nation has"),
])
def test_quotients_without_regions_or_nation(frame, nation, message):
    with pytest.raises(ValueError, match=message):
        structure.location_quotient(frame, nation)


def test_orders_and_stages_that_cant_be():
    with pytest.raises(ValueError, match="the sector 'X' has no label; it is none of primary, secondary, tertiary"):
        structure.ordering(panel())
    with pytest.raises(ValueError, match="of secondary is missing"):
        structure.ordering(changed(SECTORS, 2012, "secondary", NAN))
    with pytest.raises(ValueError, match="tie is the largest difference"):
        structure.ordering(SECTORS, tie=-1)
    with pytest.raises(ValueError, match="two figures for 2011"):
        structure.stages(pd.Series(["a", "b"], [2011, 2011]))
    with pytest.raises(ValueError, match="indexed by year, the years of one region"):
        structure.stages(structure.ordering(panel(), labels={"X": "x", "Y": "y"}))
    with pytest.raises(ValueError, match="must be a Series"):
        structure.stages(["a", "b"])


# ------------------------------------------------------------------------------- declines
@pytest.mark.parametrize("window", [(2005, 2018), (2011, 2019), (2010, 2018)])
def test_a_window_longer_than_the_series(window):
    message = re.escape(f"cannot tell: the window {window[0]} to {window[1]} is longer than manufacturing share, which is known from 2011 to 2018")
    for call in (lambda: structure.trend(FALLING, window=window), lambda: structure.monotone(FALLING, *window),
                 lambda: structure.sustained(FALLING, window=window), lambda: structure.classify(FALLING, FALLING, window=window)):
        with pytest.raises(CannotTell, match=message):
            call()


def test_unknown_years_at_the_ends_shorten_the_series():
    with pytest.raises(CannotTell, match="known from 2012 to 2018"):
        structure.trend(FALLING.mask(FALLING.index == 2011), window=(2011, 2018))


@pytest.mark.parametrize("window", [2011, (2011,), (2013, 2011), (2011, 2011), (2011.5, 2013), ("2011", "2013"), (2011, 2012, 2013)])
def test_windows_that_are_none(window):
    with pytest.raises(ValueError, match="the window must be"):
        structure.sustained(FALLING, window=window)


@pytest.mark.parametrize(("series", "message"), [
    (TWICE, "two figures for 2013"),
    (panel()["X"], "the years of one region"),
    (FALLING.astype(str), "holds no numbers"),
    (changed(FALLING.to_frame("s"), 2012, "s", np.inf)["s"], "infinite in 2012"),
    (FALLING.set_axis(FALLING.index + 0.5), "whole numbers"),
    (FALLING.to_frame(), "must be a pandas Series"),
    (FALLING * NAN, "known in no year"),
    (FALLING[:0], "known in no year"),
])
def test_series_that_no_rule_can_be_asked_of(series, message):
    for rule in (structure.trend, structure.monotone, structure.sustained):
        with pytest.raises(ValueError, match=message):
            rule(series)


def test_too_few_years():
    with pytest.raises(CannotTell, match="is known in 2 years from 2011 to 2012; 3 are needed"):
        structure.trend(FALLING[:2])
    with pytest.raises(CannotTell, match="1 years"):
        structure.monotone(FALLING[:1])
    for n in (1, 2, 4):
        assert structure.sustained(FALLING[:n]).direction == "cannot tell"
    gaps = FALLING.mask(FALLING.index.isin([2012, 2013, 2015, 2016]))  # four years known of eight
    assert structure.sustained(gaps).reason == "4 years known, 5 needed"
    assert structure.sustained(gaps, least=4).direction == "falling"
    assert structure.sustained(gaps, least=4, rule="monotone").direction == "cannot tell"
    assert structure.classify(gaps, gaps).kind == "cannot tell"
    with pytest.raises(CannotTell, match="a peak needs three"):
        structure.peak_share(FALLING[:2])


@pytest.mark.parametrize(("options", "message"), [
    ({"errors": "clustered"}, "errors must be one of HAC, classical, HC1, HC3"),
    ({"level": 1.0}, "level is the coverage"),
    ({"level": 95}, "level is the coverage"),
    ({"lags": 8}, "lags must be a whole number from 0 to 7"),
    ({"lags": -1}, "lags must be"),
    ({"lags": 1.5}, "lags must be"),
    ({"lags": 2, "errors": "HC3"}, "lags are an option of HAC errors"),
])
def test_options_of_a_trend(options, message):
    for call in (structure.trend, structure.sustained, lambda series, **o: structure.classify(series, series, **o)):
        with pytest.raises(ValueError, match=message):
            call(FALLING, **options)


@pytest.mark.parametrize(("options", "message"), [
    ({"rule": "mean"}, "rule must be one of trend, monotone, both"),
    ({"least": 2}, "least must be a whole number of years, three or more"),
    ({"least": 5.5}, "least must be"),
    ({"margin": -0.01}, "margin is a fraction"),
    ({"margin": NAN}, "margin is a fraction"),
])
def test_options_of_a_rule(options, message):
    apart = yearly([1, 2, 3], 2040)
    for call in (structure.sustained, lambda series, **o: structure.classify(series, series, **o),
                 lambda series, **o: structure.classify(series, apart, **o)):
        with pytest.raises(ValueError, match=message):
            call(FALLING, **options)


def test_series_of_zeros_stand_still():
    found = structure.sustained(0 * FALLING)
    assert found.direction == "none" and np.isnan(found.pace) and str(found) == "none: 2011 to 2018, rule trend"
    assert structure.classify(0 * FALLING, FALLING).kind == "none"


@pytest.mark.parametrize(("series", "message"), [
    (yearly([30, -1, 20], name="share"), "share is negative in 2012"),
    (yearly([30, 120, 20], name="share"), "share is 120 in 2012: no share exceeds 1, or 100 per cent"),
    (TWICE, "two figures for 2013"),
    (panel()["X"], "the years of one region"),
])
def test_shares_that_cant_peak_or_be_classed(series, message):
    for call in (structure.peak_share, lambda s: structure.classify(s, FALLING), lambda s: structure.classify(FALLING, s),
                 lambda s: structure.classify(FALLING, FALLING, s)):
        with pytest.raises(ValueError, match=message):
            call(series)


def test_classes_without_series():
    with pytest.raises(ValueError, match="employment and of value added are both needed"):
        structure.classify(FALLING, None)
    with pytest.raises(ValueError, match="output is negative in 2012"):
        structure.classify(FALLING, FALLING, productivity=yearly([30, -1, 20], name="output"))
    assert structure.classify(FALLING, FALLING * NAN).kind == "cannot tell"
    assert structure.classify(FALLING, FALLING, productivity=100 * FALLING).kind == "aggregate deindustrialisation"  # no share


def test_directions_need_regions():
    with pytest.raises(ValueError, match="for one region take sustained"):
        structure.directions(FALLING)
    with pytest.raises(ValueError, match="rule must be one of"):
        structure.directions(panel()["X"], rule="mean")
    with pytest.raises(ValueError, match="two figures for A 2011"):
        structure.directions(pd.concat([panel(), panel().iloc[[0]]])["X"])
    assert list(structure.directions(panel()["X"][:0])) == ["quantity", "region", "when", "value", "label"]


# -------------------------------------------------------------------------- decompositions
def two(start, end, name=None):
    return pd.Series([start, end], [2000, 2010], dtype=float, name=name)


GOOD = {"employment": two(8, 4, "jobs"), "value_added": two(2, 2, "output"), "gdp": two(10, 20, "GDP"), "total_employment": two(20, 20, "workers")}


@pytest.mark.parametrize(("bad", "message"), [
    ({"value_added": two(2, -2, "output")}, "output is negative in 2010"),
    ({"employment": two(8, 0, "jobs")}, "jobs is zero in 2010"),
    ({"gdp": two(NAN, 20, "GDP")}, "GDP is not known in 2000"),
    ({"gdp": yearly([10, 20], name="GDP")}, "GDP is not known in 2000, 2010"),
    ({"value_added": two(2, 22, "output")}, "value added exceeds GDP at the start or the end"),
    ({"employment": two(8, 21, "jobs")}, "employment exceeds total employment at"),
    ({"employment": pd.Series([8.0, 9, 4], [2000, 2000, 2010], name="jobs")}, "jobs has two figures for 2000"),
    ({"gdp": pd.concat({"A": two(10, 20)}, names=["region", "year"])}, "must be indexed alike"),
    ({"employment": [8, 4]}, "must be a pandas Series"),
])
def test_decompositions_that_cant_be(bad, message):
    structure.decompose(**GOOD, start=2000, end=2010)
    with pytest.raises(ValueError, match=message):
        structure.decompose(**(GOOD | bad), start=2000, end=2010)


def test_decompositions_name_the_region():
    regions = {what: pd.concat({"A": series, "B": series}, names=["region", "year"]) for what, series in GOOD.items()}
    structure.decompose(**regions, start=2000, end=2010)
    for what, wrong, message in (
        ("gdp", regions["gdp"].drop(("B", 2010)), "GDP is not known in B 2010"),
        ("value_added", regions["value_added"].where(regions["value_added"].index != ("B", 2010), 0.0), "is zero in B 2010"),
        ("gdp", regions["gdp"] * [1, 1, 0.1, 1], "value added exceeds GDP in B"),
    ):
        with pytest.raises(ValueError, match=message):
            structure.decompose(**(regions | {what: wrong}), start=2000, end=2010)


@pytest.mark.parametrize(("start", "end"), [(2010, 2000), (2000, 2000), (2000.5, 2010), ("2000", "2010"), (None, 2010)])
def test_periods_that_are_none(start, end):
    for call in (lambda: structure.decompose(**GOOD, start=start, end=end), lambda: structure.dunn(panel(), start, end)):
        with pytest.raises(ValueError, match="the period must start and end in a whole year"):
            call()


# ----------------------------------------------------------------------------- shift-share
NATION = pd.DataFrame({"X": [9.0, 9, 9], "Y": [9.0, 9, 9]}, [2011, 2012, 2013])


@pytest.mark.parametrize(("frame", "nation", "message"), [
    (panel(["A"]), None, "A is one region only, and no nation; add regions or give the nation"),
    (panel().loc["A"], None, "must be indexed by region and year"),
    (without(panel(), ("B", 2013)), None, "employment is not known in B 2013"),
    (changed(panel(), ("B", 2013), ["X", "Y"], NAN), None, "employment is not known in B 2013"),
    (changed(panel(), ("B", 2013), "X", NAN), None, "employment of X is missing, while other sectors are known, in B 2013"),
    (changed(panel(), ("B", 2013), "X", -1.0), None, "employment of X is negative in B 2013"),
    (changed(panel(), [("A", 2011), ("B", 2011)], "X", 0.0), None, "the nation has nothing in X in 2011"),
    (pd.concat([panel(), panel().iloc[[0]]]), None, "two figures for A 2011"),
    (panel()[["X"]], None, "needs two different sectors"),
    (panel()["X"], None, "must be a DataFrame"),
    (panel().swaplevel(), None, "must be indexed by region and year, in this order"),
    (panel(), NATION[:2], "the nation is not known in 2013"),
    (panel(), NATION[["X"]], "the nation lacks the sector 'Y'"),
    (panel(), NATION.assign(Z=1.0), "employment lacks the sector 'Z', which the nation has"),
    (panel(), panel(), "the nation must be indexed by year alone"),
    (panel(), NATION.assign(Y=[9.0, 9, 0]), "the nation has nothing in Y in 2013"),
])
def test_shift_share_without_regions_years_or_sectors(frame, nation, message):
    for run in (structure.dunn, structure.esteban):
        with pytest.raises(ValueError, match=message):
            run(frame, 2011, 2013, nation=nation)


def test_gaps_matter_to_dynamic_shift_share_only():
    frame = without(panel(), ("B", 2012))
    structure.dunn(frame, 2011, 2013)
    with pytest.raises(ValueError, match="employment is not known in B 2012"):
        structure.dunn(frame, 2011, 2013, dynamic=True)
    with pytest.raises(ValueError, match="employment is not known in A 2010, B 2010"):
        structure.dunn(panel(), 2010, 2013)


def test_estebans_form_needs_growth_rates():
    frame = changed(panel(), ("B", 2011), "X", 0.0)
    structure.dunn(frame, 2011, 2013)
    with pytest.raises(ValueError, match="B has nothing in X in 2011: its growth isn't defined; take Dunn's form"):
        structure.esteban(frame, 2011, 2013)


# ------------------------------------------------------------------------------- upgrading
@pytest.mark.parametrize(("output", "labour", "message"), [
    (panel(), panel()[["X"]], "employment lacks the sector 'Y'"),
    (panel(), panel().assign(Z=1.0), "value added lacks the sector 'Z', which employment has"),
    (panel(), without(panel(), ("B", 2012)), "employment has no row for B 2012, where value added has one"),
    (panel(), changed(panel(), ("B", 2012), "X", 0.0), "X has output but no labour in B 2012"),
    (panel(), changed(panel(), ("B", 2012), "X", NAN), "employment of X is missing"),
    (changed(panel(), ("B", 2012), "X", -1.0), panel(), "value added of X is negative in B 2012"),
    (changed(panel(), ("B", 2012), ["X", "Y"], 0.0), panel(), "value added is zero in every sector in B 2012"),
    (changed(panel(), ("B", 2012), ["X", "Y"], 0.0), changed(panel(), ("B", 2012), ["X", "Y"], 0.0), "is zero in every sector in B 2012"),
])
def test_indices_of_upgrading_that_cant_be(output, labour, message):
    bounds = {"begin": {"X": 0, "Y": 0, "Z": 0}, "done": {"X": 1, "Y": 1, "Z": 1}}
    for call in (structure.theil_rationalisation, lambda *frames: structure.structural_height(*frames, **bounds)):
        with pytest.raises(ValueError, match=message):
            call(output, labour)


def test_heights_without_bounds_or_labour():
    with pytest.raises(ValueError, match="the sector 'Y' has no bounds"):
        structure.structural_height(panel(), panel(), begin={"X": 0, "Y": 0}, done={"X": 1})
    with pytest.raises(ValueError, match="productivity of Y must rise from begin to done; got 1 and 1"):
        structure.structural_height(panel(), panel(), begin={"X": 0, "Y": 1}, done={"X": 1, "Y": 1})
    idle = changed(panel(), ("B", 2012), "X", 0.0)
    assert structure.theil_rationalisation(idle, idle).notna().all()
    with pytest.raises(ValueError, match="X has no labour in B 2012: its productivity isn't defined"):
        structure.structural_height(idle, idle, begin={"X": 0, "Y": 0}, done={"X": 1, "Y": 1})
