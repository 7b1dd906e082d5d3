"""From raw figures to estimates: units and a map by hand, blocks by brute force, and that nothing gets lost on the way."""

from dataclasses import fields, replace
from itertools import chain, combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import data, intensity
from casebook.intensity import CONTROLS, ISOLATES, MATTERS, UPGRADING, WEIGHTS, Reading
from casebook.spatial import SpatialDurbin, SpatialLag, contiguity, inverse_distance
from casebook.spatial.moran import moran
from casebook.upgrading import SECTORS

YEARS = range(2001, 2013)
REGIONS = [f"{side}{i}" for side in ("north", "south") for i in range(1, 7)]
PLACES = pd.DataFrame({"longitude": [1.0, 2.0, 3.2, 4.1, 5.3, 6.0] * 2, "latitude": [51.0] * 6 + [50.0] * 6,
                       "group": ["north"] * 6 + ["south"] * 6}, pd.Index(REGIONS, name="region"))
RING = pd.DataFrame({"region": REGIONS, "neighbour": [*REGIONS[1:6], "south6", "north1", *REGIONS[6:11]], "doubtful": 0})
APART = RING[(RING["region"] != "north1") & (RING["neighbour"] != "north1")]
EXCHANGE = pd.Series(np.linspace(8.0, 6.5, len(YEARS)), YEARS)


def made_up():
    """Twelve regions in two rows, twelve years, every figure drawn; no pattern meant."""
    rng = np.random.default_rng(20)
    index = pd.MultiIndex.from_product([REGIONS, YEARS], names=["region", "year"])
    shares = rng.dirichlet([2, 5, 5], len(index)) * 100
    gdp = rng.lognormal(7, 0.4, len(index))
    return pd.DataFrame({
        "co2_edgar": rng.lognormal(4, 0.5, len(index)), "gdp_revised": gdp,
        "population_resident": rng.lognormal(6, 0.2, len(index)), "energy_three_carriers": rng.lognormal(7, 0.3, len(index)),
        "fdi": rng.lognormal(6, 0.5, len(index)), "population_urban": rng.uniform(200, 300, len(index)),
        "population_resident_unrevised": rng.uniform(400, 500, len(index)), "employment_units": rng.lognormal(4, 0.2, len(index)),
        **{f"va_{s}": gdp * rng.uniform(0.2, 0.5, len(index)) for s in SECTORS},
        **{f"employment_units_share_{s}": shares[:, i] for i, s in enumerate(SECTORS)},
    }, index)


PANEL = made_up()
STUDY = (PANEL, PLACES, RING, EXCHANGE)


def wide(values, years=(2001,)):
    """A panel of the regions A, B, ... from a table of values; columns are years."""
    values = np.array(values, dtype=float)
    index = pd.MultiIndex.from_product([list("ABCDEFGH")[: len(values)], years], names=["region", "year"])
    return pd.Series(values.ravel(), index)


# ---------------------------------------------------------------------- units
def test_figures_in_units_of_another_size_give_the_same_variables():
    told = {"co2_edgar": ("1e4 t", 100), "gdp_revised": ("1e12 yuan", 1e-4), "population_resident": ("persons", 1e4), "energy_three_carriers": ("Mt", 1e-2),
            "fdi": ("1,000 US dollars", 1000), "population_urban": ("million persons", 1e-2), "population_resident_unrevised": ("千人", 10), "va_primary": ("万元", 1e4)}
    units = {column: unit for column, (unit, _) in told.items()} | {"employment_units_share_primary": "per cent"}
    theirs = PANEL.assign(**{column: PANEL[column] * times for column, (_, times) in told.items()})
    resized = intensity.resized(theirs, units, [Reading(), Reading(co2="energy_three_carriers", co2_scale=1.0)])
    pd.testing.assert_frame_equal(resized, PANEL, rtol=1e-12)
    assert not np.allclose(theirs["co2_edgar"], PANEL["co2_edgar"])


@pytest.fixture
def tiny():
    index = pd.MultiIndex.from_product([["A", "B"], [2006, 2007]], names=["region", "year"])
    return pd.DataFrame({
        "co2_edgar": 50.0, "gdp_revised": 1000.0, "population_resident": 400.0, "energy_three_carriers": 2000.0,
        "fdi": 1200.0, "population_urban": 240.0, "population_resident_unrevised": 480.0,
        "va_primary": 100.0, "va_secondary": 400.0, "va_tertiary": 500.0, "employment_units": 100.0,
        "employment_units_share_primary": 50.0, "employment_units_share_secondary": 40.0, "employment_units_share_tertiary": 10.0,
    }, index)


RATES = pd.Series({2005: 9.0, 2006: 7.0, 2007: 6.0})


def test_units_by_hand(tiny):
    found = np.exp(intensity.variables(tiny, RATES, Reading()))
    assert list(found) == ["carbon", "upgrading", *CONTROLS] and found.index.equals(tiny.index)
    first = found.loc[("B", 2006)]
    assert first["carbon"] == pytest.approx(50e6 / 1000e8 * 1e4)  # t per 1e4 of currency: 5
    assert first["upgrading"] == pytest.approx(500 / 400)
    assert first["income"] == pytest.approx(1000e8 / 400e4)  # per person: 25,000
    assert first["energy"] == pytest.approx(2000e4 / 1000e8 * 1e4)  # tce per 1e4 of currency: 2
    assert first["openness"] == pytest.approx(100 * 1200e6 * 7.0 / 1000e8)  # per cent of GDP: 8.4
    assert first["urban"] == pytest.approx(100 * 240 / 480)  # per cent: 50
    assert found.loc[("B", 2007), "openness"] == pytest.approx(100 * 1200e6 * 6.0 / 1000e8)  # each year its own rate


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("ratio", 1.25),
        ("level", 0.1 + 2 * 0.4 + 3 * 0.5),
        # Value added per worker: 100e8 / 50e4 = 2e4, 400e8 / 40e4 = 10e4, 500e8 / 10e4 = 50e4; shares of 10, 40, 50 per cent.
        ("linear", 10 * 2 + 40 * 10 + 50 * 50),
        ("root", 10 * np.sqrt(2) + 40 * np.sqrt(10) + 50 * np.sqrt(50)),
    ],
)
def test_measures_of_upgrading_by_hand(tiny, kind, value):
    assert intensity.measure(tiny, kind).to_numpy() == pytest.approx([value] * 4)
    logs = intensity.variables(tiny, RATES, Reading(measure=kind))["upgrading"]
    assert logs.to_numpy() == pytest.approx([np.log(value)] * 4)


def test_emissions_made_from_energy_are_in_its_unit(tiny):
    found = intensity.variables(tiny, RATES, Reading(co2="energy_three_carriers", co2_scale=1.0))
    assert np.exp(found["carbon"]).to_numpy() == pytest.approx([2] * 4)


def test_controls_left_out_need_no_columns(tiny):
    needless = ["fdi", "population_urban", "energy_three_carriers", "employment_units"]
    found = intensity.variables(tiny.drop(columns=needless), RATES, Reading(controls=["income"]))
    assert list(found) == ["carbon", "upgrading", "income"]
    found = intensity.variables(tiny.drop(columns=["population_resident", *needless]), RATES, Reading(controls=()))
    assert list(found) == ["carbon", "upgrading"]


def test_a_rate_or_figure_that_is_missing_leaves_the_cell_missing(tiny):
    tiny.loc[("A", 2006), "co2_edgar"] = np.nan
    found = intensity.variables(tiny, RATES.drop(2007), Reading())
    assert found["openness"].isna().tolist() == [False, True, False, True]
    assert found["carbon"].isna().tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("co2_edgar", 0.0, "carbon of B is not positive and finite in 2006"),
        ("gdp_revised", 0.0, "carbon of B is not positive and finite in 2006"),
        ("population_resident", 0.0, "income of B is not positive and finite in 2006"),
        ("energy_three_carriers", -1.0, "energy of B is not positive and finite in 2006"),
        ("fdi", 0.0, "openness of B is not positive and finite in 2006"),
        ("population_urban", 0.0, "urban of B is not positive and finite in 2006"),
        ("va_secondary", 0.0, "value added of the secondary sector is not positive and finite in B 2006"),
    ],
)
def test_what_has_no_logarithm_is_named(tiny, column, value, message):
    tiny.loc[("B", 2006), column] = value
    with pytest.raises(ValueError, match=message):
        intensity.variables(tiny, RATES, Reading())


def test_a_sector_that_is_unknown_leaves_a_gap(tiny):
    tiny.loc[("B", 2006), "va_tertiary"] = np.nan
    found = intensity.variables(tiny, RATES, Reading())["upgrading"]
    assert found.index[found.isna()].tolist() == [("B", 2006)]


def test_columns_of_other_names_give_the_same_variables(tiny):
    named = Reading(measure="level", sectors=["a", "b", "c"], openness="exports", urban="towns", urban_whole="")
    other = tiny.rename(columns=dict(zip([f"va_{s}" for s in SECTORS], "abc"))).assign(
        exports=tiny["fdi"], towns=100 * tiny["population_urban"] / tiny["population_resident_unrevised"])
    pd.testing.assert_frame_equal(intensity.variables(other, RATES, named), intensity.variables(tiny, RATES, Reading(measure="level")))


def test_without_a_rate_openness_differs_by_the_rate_of_the_year_alone(tiny):
    apart = intensity.variables(tiny, RATES, Reading())["openness"] - intensity.variables(tiny, None, Reading())["openness"]
    assert np.allclose(apart, np.log(RATES.loc[apart.index.get_level_values("year")]))


def test_a_link_of_no_region_is_refused():
    with pytest.raises(ValueError, match="the links name 'Isle', which is no region"):
        intensity.linked(RING.set_index(["region", "neighbour"]), {"Isle": "north1"}, REGIONS)


def test_inverse_distance_is_refused_for_thousands_of_regions():
    many = [f"r{i}" for i in range(intensity.ALL_PAIRS + 1)]
    with pytest.raises(ValueError, match="take contiguity or nearest"):
        intensity.neighbours(None, None, many, Reading(weights="distance"))


def test_two_regions_are_too_few_to_have_a_pattern():
    two = PANEL.loc[["north1", "north2"]]
    for study in (intensity.estimate, intensity.correlation):
        with pytest.raises(ValueError, match="north1, north2: 2 regions are not enough .* takes 4; add regions"):
            study(two, PLACES, RING, EXCHANGE, Reading())


def test_a_group_of_one_region_tells_why_it_has_no_estimate():
    lone = PLACES.assign(group=["lone", *PLACES["group"][1:]])
    told = intensity.outcomes(PANEL, lone, RING, EXCHANGE, "effects", group="lone")
    assert told["value"].isna().all() and told["label"].str.startswith("north1: 1 region is not enough").all()


@pytest.mark.parametrize("isolates", ["refuse", "keep", "drop", "join"])
def test_a_map_without_borders_is_refused_with_a_mend(isolates):
    with pytest.raises(ValueError, match="links no two of north1, .*: list the pairs that touch, or choose weights"):
        intensity.neighbours(PLACES, RING.iloc[:0], REGIONS, Reading(isolates=isolates))


def test_years_of_some_regions_only_leave_the_largest_block():
    # without the first year of north1 and the last of south6: ten years of twelve regions (120 cells) against
    # eleven years of eleven (121) and twelve of ten (120)
    holed = PANEL.drop([("north1", YEARS[0]), ("south6", YEARS[-1])])
    assert len(YEARS) == 12
    results = intensity.estimate(holed, PLACES, RING, EXCHANGE, Reading())
    assert len(results.model.arrays.regions) == 11 and len(results.model.arrays.years) == 11


def test_borders_beyond_doubt_need_the_column_that_says_so():
    with pytest.raises(ValueError, match="the table of borders lacks the column 'doubtful'"):
        intensity.neighbours(PLACES, RING.drop(columns="doubtful"), REGIONS, Reading(weights="undoubted"))


@pytest.mark.parametrize(
    "column",
    ["co2_edgar", "gdp_revised", "population_resident", "energy_three_carriers", "fdi", "population_urban",
     "va_primary", "employment_units", "employment_units_share_tertiary"],
)
def test_an_absent_column_is_named(tiny, column):
    with pytest.raises(ValueError, match=f"the panel lacks the column '{column}'"):
        intensity.variables(tiny.drop(columns=column), RATES, Reading(measure="linear"))


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"measure": "share"}, "measure must be one of ratio, level, linear, root; got 'share'"),
        ({"weights": "rook"}, "weights must be one of"),
        ({"isolates": "mend"}, "isolates must be one of"),
        ({"of": "energy"}, "of must be one of intensity, emissions"),
        ({"scale": "root"}, "scale must be one of log, level"),
        ({"controls": ("income", "rain")}, "no control 'rain'; there are income, energy, openness, urban"),
    ],
)
def test_unknown_choices_are_named(choice, message):
    with pytest.raises(ValueError, match=message):
        Reading(**choice)


def test_the_fields_that_matter_are_fields_of_a_reading():
    assert set(chain(*MATTERS.values())) <= {field.name for field in fields(Reading)}


# ---------------------------------------------------------------------- a small map
# On the equator, in degrees: A 0, B 1, C 2, D 4, E 7.  A borders B, and B perhaps C; D and E border none.
LINE = pd.DataFrame({"longitude": [0.0, 1, 2, 4, 7], "latitude": 0.0}, pd.Index(list("ABCDE"), name="region"))
BORDERS = pd.DataFrame({"region": ["A", "B"], "neighbour": ["B", "C"], "doubtful": [0, 1]})


def neighbours(**choice):
    found = intensity.neighbours(LINE, BORDERS, list("ABCDE"), Reading(**choice))
    assert all(sum(weights) == pytest.approx(1) or not weights for weights in found.weights.values())
    return {region: "".join(sorted(others)) for region, others in found.neighbors.items()}


@pytest.mark.parametrize(
    ("weights", "isolates", "links"),
    [
        ("contiguity", "keep", {"A": "B", "B": "AC", "C": "B", "D": "", "E": ""}),
        ("contiguity", "drop", {"A": "B", "B": "AC", "C": "B"}),
        # D is nearest to C (2 degrees against 3 to E), E to D.
        ("contiguity", "join", {"A": "B", "B": "AC", "C": "BD", "D": "CE", "E": "D"}),
        ("undoubted", "keep", {"A": "B", "B": "A", "C": "", "D": "", "E": ""}),
        ("undoubted", "drop", {"A": "B", "B": "A"}),
        # C is nearest to B (1 degree against 2 to D), and so linked with it again.
        ("undoubted", "join", {"A": "B", "B": "AC", "C": "BD", "D": "CE", "E": "D"}),
    ],
)
def test_isolates_on_a_small_map(weights, isolates, links):
    assert neighbours(weights=weights, isolates=isolates) == links


@pytest.mark.parametrize(("weights", "names"), [("contiguity", "D, E"), ("undoubted", "C, D, E")])
def test_isolates_are_refused_by_name(weights, names):
    with pytest.raises(ValueError, match=f"border no other: {names};"):
        neighbours(weights=weights)


@pytest.mark.parametrize("isolates", ISOLATES)
def test_weights_by_distance_know_no_isolates(isolates):
    # B lies as far from A as from C: the first by name.
    assert neighbours(weights="nearest", k=1, isolates=isolates) == {"A": "B", "B": "A", "C": "B", "D": "C", "E": "D"}
    assert neighbours(weights="nearest", k=2, isolates=isolates) == {"A": "BC", "B": "AC", "C": "AB", "D": "BC", "E": "CD"}
    found = intensity.neighbours(LINE, BORDERS, list("ABCDE"), Reading(weights="distance", isolates=isolates))
    # 1, 1/2, 1/4 and 1/7 are 28, 14, 7 and 4 parts of 53.
    assert [found["A"][r] for r in "BCDE"] == pytest.approx([28 / 53, 14 / 53, 7 / 53, 4 / 53])


@pytest.mark.parametrize("weights", WEIGHTS)
def test_weights_of_some_regions_name_no_other(weights):
    found = intensity.neighbours(LINE, BORDERS, ["B", "A"], Reading(weights=weights, k=1))
    assert found.id_order == ["B", "A"] and found.neighbors == {"B": ["A"], "A": ["B"]}


def test_borders_may_be_the_index():
    found = intensity.neighbours(LINE, BORDERS.set_index(["region", "neighbour"]), list("ABC"), Reading())
    assert found.neighbors == {"A": ["B"], "B": ["A", "C"], "C": ["B"]}


# ---------------------------------------------------------------------- the largest block
def largest(known):
    """By brute force over all blocks: most cells, and of these most regions."""
    count, years = known.shape
    sets = [s for size in range(1, count + 1) for s in combinations(range(count), size)]
    blocks = [(len(s) * (j - i + 1), len(s)) for s in sets for i in range(years) for j in range(i, years)
              if known[list(s), i:j + 1].all()]
    return max(blocks, default=(0, 0))


tables = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=1, max_size=5))


@given(tables, st.integers(0, 99))
def test_the_block_is_the_largest_of_all(known, seed):
    known = np.array(known)
    years = range(2001, 2001 + known.shape[1])
    frame = pd.DataFrame({"x": wide(np.where(known, 1, np.nan), years), "y": 1.0}).sample(frac=1, random_state=seed)
    if not known.any():
        with pytest.raises(ValueError, match="most often x is missing"):
            intensity.sample(frame)
        return
    found = intensity.sample(frame)
    regions, span = (found.index.get_level_values(level).unique().sort_values() for level in ("region", "year"))
    assert (len(found), len(regions)) == largest(known)
    assert len(found) == len(regions) * len(span) and list(span) == list(range(span[0], span[-1] + 1))
    assert found.notna().all(axis=None) and not found.index.has_duplicates
    assert found.index.equals(frame.index[frame.index.isin(found.index)])  # rows in the order given
    assert set(found.attrs["left out"]) == set(frame.index.get_level_values("region")) - set(regions)


def test_of_equal_blocks_the_one_with_more_regions():
    # A knows 2001 to 2004, all four know 2004 alone: four cells either way.
    x = wide([[1, 1, 1, 1], [np.nan] * 3 + [1], [np.nan] * 3 + [1], [np.nan] * 3 + [1]], range(2001, 2005)).to_frame("x")
    found = intensity.sample(x)
    assert found.index.tolist() == [(r, 2004) for r in "ABCD"] and found.attrs["left out"] == []


def test_rows_that_are_not_there_are_not_known():
    x = wide(np.ones((2, 3)), range(2001, 2004)).to_frame("x").drop(("B", 2001))
    assert intensity.sample(x).index.tolist() == [(r, y) for r in "AB" for y in (2002, 2003)]


def test_years_between_bounds():
    x = wide(np.ones((2, 5)), range(2001, 2006)).to_frame("x")
    for first, last, years in ((2002, 2004, [2002, 2003, 2004]), (2004, None, [2004, 2005]), (None, 2001, [2001]), (2003, 2003, [2003])):
        assert intensity.sample(x, first, last).index.get_level_values("year").unique().tolist() == years
    with pytest.raises(ValueError, match="the panel has no year between 2004 and 2002"):
        intensity.sample(x, 2004, 2002)


def test_one_logged_variable_as_rows():
    shuffled = PANEL.sample(frac=1, random_state=0)
    rows = intensity.logged(shuffled, EXCHANGE, variable="urban", controls=("urban", "energy"))
    assert list(zip(rows["region"], rows["when"].astype(int))) == shuffled.index.tolist() and set(rows["quantity"]) == {"urban"}
    assert rows["value"].tolist() == np.log(100 * shuffled["population_urban"] / shuffled["population_resident_unrevised"]).tolist()
    with pytest.raises(ValueError, match="variable must be one of carbon, upgrading, energy; got 'income'"):
        intensity.logged(PANEL, EXCHANGE, variable="income", controls=("energy",))


# ---------------------------------------------------------------------- estimates
def by_variable(found):
    return found.set_index(["quantity", "region"])["value"]


@pytest.mark.parametrize(
    "choice", [{}, {"measure": "root", "controls": ("urban", "openness")}, {"weights": "nearest", "k": 2, "method": "ml", "last": 2010}]
)
def test_outcomes_are_the_effects_of_the_estimate(choice):
    reading = Reading(**choice)
    results, found = intensity.estimate(*STUDY, reading), by_variable(intensity.outcomes(*STUDY, "effects", **choice))
    names = ["upgrading", *reading.controls]
    effects = results.effects()
    for name in names:
        for effect in ("direct", "indirect", "total"):
            assert [found[effect, name], found[f"{effect} se", name]] == effects.loc[(name, effect), ["estimate", "std_error"]].tolist()
        for kind, prefix in (("estimate", ""), ("lag", "W*")):
            assert found[kind, name] == results.params[prefix + name]
            assert found[f"{kind} se", name] == results.std_errors[prefix + name]
        used = results.model.arrays
        assert found["sd", name] == pytest.approx(used.z[..., used.names.index(name)].std())
    whole = found[found.index.get_level_values("region").isna()].droplevel("region")
    assert whole.to_dict() == {"rho": results.rho, "rho se": results.std_errors["rho"], "sigma2": results.sigma2,
                               "R2": results.rsquared["within"], "regions": 12,
                               "parameters": 2 * len(names) + 1, "degrees of freedom": results.df_resid}
    assert len(found) == 11 * len(names) + len(whole)


def test_an_estimate_is_that_of_the_variables_and_weights():
    logs = intensity.variables(PANEL, EXCHANGE, Reading())
    plain = SpatialDurbin(logs["carbon"], logs.drop(columns="carbon"), contiguity(RING, REGIONS), effects="twoways").fit()
    assert intensity.estimate(*STUDY, Reading()).params.equals(plain.params)
    other = intensity.estimate(*STUDY, Reading(effects="entity"), SpatialLag)
    assert isinstance(other.model, SpatialLag) and other.model.effects == "entity"
    assert list(other.params.index) == ["upgrading", *CONTROLS, "rho"]


def test_a_group_restricts_the_regions():
    results = intensity.estimate(*STUDY, Reading(group="south"))
    assert list(results.model.arrays.regions) == REGIONS[6:]
    south = PANEL[PANEL.index.get_level_values("region").isin(REGIONS[6:])]
    assert results.params.equals(intensity.estimate(south, PLACES, RING, EXCHANGE, Reading()).params)
    found = intensity.outcomes(*STUDY, "effects", group="south")
    assert found.set_index("quantity").loc["regions", "value"] == 6


def test_bounds_and_gaps_restrict_years_and_regions():
    gap = PANEL.copy()
    gap.loc[("north1", slice(2001, 2011)), "fdi"] = np.nan  # eleven regions in twelve years beat twelve in one
    results = intensity.estimate(gap, PLACES, RING, EXCHANGE, Reading(last=2010))
    assert list(results.model.arrays.regions) == REGIONS[1:] and list(results.model.arrays.years) == list(range(2001, 2011))


def test_isolates_that_are_dropped_leave_the_sample():
    results = intensity.estimate(PANEL, PLACES, APART, EXCHANGE, Reading(isolates="drop"))
    assert list(results.model.arrays.regions) == REGIONS[1:]


@pytest.mark.parametrize(
    ("change", "choice", "reason"),
    [
        ({}, {"last": 2004}, "fewer than 30 degrees of freedom are left"),  # 48 cells, 11 coefficients, 15 effects: 22
        ({}, {"last": 2002}, "24 observations can't carry"),
        ({}, {"group": "east"}, "no region is of the group 'east'; there are north, south"),
        ({"borders": APART}, {}, "border no other: north1;"),
        ({"panel": PANEL.assign(fdi=np.nan)}, {}, "most often openness is missing"),
        ({"panel": PANEL.assign(fdi=0.0)}, {}, "openness of north1 is not positive and finite in 2001"),
        ({}, {"first": 2013}, "the panel has no year between 2013 and None"),
    ],
)
def test_readings_that_cannot_be_estimated_say_why(change, choice, reason):
    study = dict(zip(("panel", "places", "borders", "exchange"), STUDY, strict=True)) | change
    found = intensity.outcomes(*study.values(), "effects", **choice)
    assert found["value"].isna().all() and found["label"].nunique() == 1 and reason in found["label"][0]
    same = ["quantity", "region", "when"]  # the rows are those of a reading that can be
    pd.testing.assert_frame_equal(found[same], intensity.outcomes(*STUDY, "effects")[same])


def test_just_enough_degrees_of_freedom():
    # Six years: 72 cells, 11 coefficients, 17 effects leave 44; with one regressor, lag and rho four years leave 48 - 3 - 15 = 30.
    assert intensity.estimate(*STUDY, Reading(last=2006)).df_resid == 44
    assert intensity.outcomes(*STUDY, "effects", last=2006)["label"].isna().all()
    few = {"controls": (), "last": 2004}
    assert intensity.estimate(*STUDY, Reading(**few)).df_resid == 30
    assert intensity.outcomes(*STUDY, "effects", **few)["value"].notna().all()


def test_weak_estimates_are_told_when_asked_for():
    few = {"last": 2004}  # 48 cells, 11 coefficients and rho, 15 effects: 22 degrees of freedom
    results = intensity.estimate(*STUDY, Reading(**few))
    told = intensity.outcomes(*STUDY, "effects", weak=True, **few)
    assert told["label"].isna().all() and told["value"].notna().all()
    whole = told[told["region"].isna()].set_index("quantity")["value"]
    assert whole["degrees of freedom"] == results.df_resid < intensity.FREEDOM and whole["parameters"] == len(results.params) == 11
    assert whole["regions"] == 12 and whole["rho"] == results.rho


@pytest.mark.parametrize(
    ("flag", "tells"),
    [("rho lies on the boundary of its interval (-1, 1)", False), ("the information matrix is close to singular", False),
     ("12 regions for 13 parameters", True)],
)
def test_an_estimate_with_a_grave_flag_does_not_tell(monkeypatch, flag, tells):
    flagged = replace(intensity.estimate(*STUDY, Reading()), flags=(flag,))
    monkeypatch.setattr(intensity.study, "estimate", lambda *_: flagged)
    found = intensity.outcomes(*STUDY, "effects")
    assert found["value"].notna().all() == tells and found["label"].dropna().unique().tolist() == [flag] * (not tells)


def test_signs_of_significant_estimates():
    # z = -2, 1.6, 1.7 and missing; at ten per cent two-sided the bound is 1.645, at twenty 1.282.
    frames = {"total": [-4.0, 1.6, 3.4, np.nan], "total se": [2.0, 1.0, 2.0, np.nan]}
    grid = SimpleNamespace(spread=lambda quantity: pd.DataFrame({"upgrading": frames[quantity]}, list("abcd")))
    found = intensity.signs(grid, "total", "upgrading")
    assert found[:3].tolist() == [-1, 0, 1] and np.isnan(found["d"])
    assert intensity.signs(grid, "total", "upgrading", level=0.2)[:3].tolist() == [-1, 1, 1]


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="part must be effects or correlation; got 'groups'"):
        intensity.outcomes(*STUDY, "groups")


# ---------------------------------------------------------------------- Moran's I
CHAIN = pd.DataFrame({"region": list("ABC"), "neighbour": list("BCD")})


def four(**columns):
    return pd.DataFrame({name: wide(np.reshape(values, (4, -1))) for name, values in columns.items()})


def correlation(panel, **choice):
    return intensity.correlation(panel, LINE, CHAIN, None, Reading(**choice))


def test_the_correlation_of_hand_made_values():
    # 1, 2, 3, 4 along a chain: deviations -1.5, -0.5, 0.5, 1.5, squares 5.  Means of neighbours -0.5, -0.5, 0.5, 0.5: 2 / 5;
    # with ones the pairs 0.75 - 0.25 + 0.75, counted twice, are 2.5, times 4 regions over 6 links: 1/3.
    panel = four(co2_edgar=[10, 40, 90, 160], gdp_revised=[10, 20, 30, 40])
    for standardise, value in ((True, 0.4), (False, 1 / 3)):
        assert correlation(panel, scale="level", standardise=standardise).loc[2001, "I"] == pytest.approx(value)
        powers = four(co2_edgar=np.exp([1, 2, 3, 4]) * 7, gdp_revised=[7] * 4)  # logs of one to four
        assert correlation(powers, standardise=standardise).loc[2001, "I"] == pytest.approx(value)
        emissions = four(co2_edgar=[1, 2, 3, 4], gdp_revised=[4, 1, 9, 2])
        assert correlation(emissions, of="emissions", scale="level", standardise=standardise).loc[2001, "I"] == pytest.approx(value)


@pytest.mark.parametrize("standardise", [True, False])
@pytest.mark.parametrize("scale", ["log", "level"])
@pytest.mark.parametrize("of", ["intensity", "emissions"])
def test_the_correlation_is_that_of_moran(of, scale, standardise):
    values = PANEL["co2_edgar"] / (PANEL["gdp_revised"] if of == "intensity" else 1)
    weights = contiguity(RING, REGIONS, standardise=standardise)
    expected = moran(np.log(values) if scale == "log" else values, weights, permutations=0)
    found = intensity.correlation(*STUDY, Reading(of=of, scale=scale, standardise=standardise))
    pd.testing.assert_frame_equal(found, expected)


def test_binary_weights_stay_binary(monkeypatch):
    seen = []
    monkeypatch.setattr(intensity.study, "moran", lambda values, weights, **_: seen.append(weights.full()[0]))
    panel = four(co2_edgar=[1, 2, 3, 4], gdp_revised=[1, 1, 1, 1])
    ones = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    correlation(panel, standardise=False)
    assert seen[0].tolist() == ones
    correlation(panel)
    assert seen[1].tolist() == [[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]]
    correlation(panel, weights="nearest", k=1, standardise=False)
    assert seen[2].tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]


def test_distances_that_are_not_standardised_stay_distances():
    # A to B, C and D lies 1, 2 and 4 degrees, and so do B and C 1 and 3, 1 and 2 from what is east of them.
    panel = four(co2_edgar=[1, 2, 3, 9], gdp_revised=[1, 1, 1, 1])
    found = correlation(panel, weights="distance", scale="level", standardise=False).loc[2001]
    links = 1 / np.array([[np.inf, 1, 2, 4], [1, np.inf, 1, 3], [2, 1, np.inf, 2], [4, 3, 2, np.inf]])
    z = np.array([1, 2, 3, 9]) - 3.75
    assert found["I"] == pytest.approx(4 / links.sum() * (z @ links @ z) / (z @ z)) and found["sd_random"] > 0
    standard = moran(panel["co2_edgar"], inverse_distance(LINE.loc[list("ABCD")]), permutations=0).loc[2001]
    assert found["I"] != pytest.approx(standard["I"], abs=1e-3)


def test_groups_isolates_and_gaps_restrict_the_correlation():
    south = PANEL[PANEL.index.get_level_values("region").isin(REGIONS[6:])]
    pd.testing.assert_frame_equal(intensity.correlation(*STUDY, Reading(group="south")),
                                  intensity.correlation(south, PLACES, RING, EXCHANGE, Reading()))
    without = PANEL[PANEL.index.get_level_values("region") != "north1"]
    pd.testing.assert_frame_equal(intensity.correlation(PANEL, PLACES, APART, EXCHANGE, Reading(isolates="drop")),
                                  intensity.correlation(without, PLACES, APART, EXCHANGE, Reading()))
    gap = PANEL.copy()
    gap.loc[(slice(None), 2012), "co2_edgar"] = np.nan
    assert intensity.correlation(gap, *STUDY[1:], Reading(first=2003)).index.tolist() == list(range(2003, 2012))


def test_outcomes_of_the_correlation():
    found = intensity.outcomes(*STUDY, "correlation", of="emissions")
    expected = intensity.correlation(*STUDY, Reading(of="emissions"))
    emitted, W = PANEL["co2_edgar"], contiguity(RING, REGIONS)
    alike = []  # on the same side of the mean as the mean of one's neighbours
    for year in YEARS:
        gap = np.log(emitted.xs(year, level="year").loc[REGIONS])
        gap = gap - gap.mean()
        alike.append(np.mean([gap[r] * np.mean([gap[n] for n in W.neighbors[r]]) > 0 for r in REGIONS]))
    for quantity, values in (("I", expected["I"]), ("z", expected["z_random"]), ("likeness", pd.Series(alike))):
        rows = found[found["quantity"] == quantity]
        assert rows["when"].tolist() == [str(year) for year in YEARS] and rows["value"].tolist() == values.tolist()
    assert len(found) == 3 * len(YEARS) and found[["region", "label"]].isna().all(axis=None)


def test_an_absent_column_of_the_correlation_is_named():
    with pytest.raises(ValueError, match="the panel lacks the column 'gdp_revised'"):
        intensity.correlation(PANEL.drop(columns="gdp_revised"), *STUDY[1:], Reading())
    assert len(intensity.correlation(PANEL.drop(columns="gdp_revised"), *STUDY[1:], Reading(of="emissions"))) == 12


# ---------------------------------------------------------------------- the data of the project
@pytest.mark.parametrize("measure", UPGRADING)
def test_the_study_runs_on_the_projects_data(measure):
    panel, places, borders, nation = (data.load("beijing-tianjin-hebei", t) for t in ("panel", "regions", "adjacency", "nation"))
    study = panel, places, borders, nation["cny_per_usd"]
    found = intensity.outcomes(*study, "effects", measure=measure)
    assert found["label"].isna().all() and np.isfinite(found["value"]).all()
    value = by_variable(found)
    for name in ("upgrading", *CONTROLS):
        assert value["direct", name] + value["indirect", name] == pytest.approx(value["total", name])
    assert np.isfinite(intensity.outcomes(*study, "correlation")["value"]).all()
