"""Structural change: identities that hold exactly, what must not change the results, and what must change them how."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from casebook import structure
from casebook.structure.shift_share import EFFECTS
from casebook.structure.tregenna import LEVEL, SHARE

few, some, many = (settings(max_examples=n, deadline=None) for n in (8, 15, 60))
EXACT = 1e-12

seeds = st.integers(0, 10_000)
factors = st.sampled_from([1e-6, 0.01, 0.3, 7.0, 1e4, 1e8])
errors = st.sampled_from(["HAC", "classical", "HC1", "HC3"])
rules = st.sampled_from(["trend", "monotone", "both"])
forms = st.sampled_from(list(EFFECTS))
TURNED = {"rising": "falling", "falling": "rising", "none": "none", "cannot tell": "cannot tell"}
pytestmark = pytest.mark.usefixtures("no_warnings")


def yearly(values, first=2001, name=None):
    return pd.Series(np.asarray(values, dtype=float), range(first, first + len(values)), name=name)


@st.composite
def series(draw, least=5):
    """A share in per cent over some years: steady, noisy or wandering."""
    rng, n = np.random.default_rng(draw(seeds)), draw(st.integers(least, 16))
    steps = draw(st.sampled_from([-0.5, -0.1, 0.0, 0.4])) + draw(st.sampled_from([0.0, 0.1, 1.0])) * rng.normal(size=n)
    return yearly(30 + np.cumsum(steps), name="share")


def jobs(seed, regions=4, sectors=3, years=4, zeros=False):
    rng = np.random.default_rng(seed)
    key = pd.MultiIndex.from_product([[f"R{i}" for i in range(regions)], range(2001, 2001 + years)], names=["region", "year"])
    values = rng.lognormal(3, 1.5, (len(key), sectors))
    if zeros:
        values[rng.random(values.shape) < 0.1] = 0
    return pd.DataFrame(values, key, [f"S{i}" for i in range(sectors)])


# -------------------------------------------------------------------------- decompositions
positive = st.floats(1e-3, 1e6)


@st.composite
def periods(draw):
    """Employment, value added, GDP and total employment at both ends, each part below its whole."""
    parts = [[draw(positive) for _ in range(2)] for _ in range(2)]
    wholes = [[own * draw(st.floats(1, 50)) for own in part] for part in parts]
    work, output = parts
    return [pd.Series(v, [2000, 2010]) for v in (work, output, wholes[1], wholes[0])]


@many
@given(periods())
def test_effects_sum_to_the_change(period):
    found = structure.decompose(*period, start=2000, end=2010)
    for frame, names in ((found.level, LEVEL), (found.share, SHARE)):
        row = frame.iloc[0]
        assert row["change"] == pytest.approx(row["end"] - row["start"], rel=EXACT, abs=0)
        terms = row[list(names)].astype(float)
        assert abs(terms.sum() - row["change"]) <= EXACT * max(row["start"], row["end"], terms.abs().max())


@some
@given(periods(), factors, factors)
def test_units_of_employment_scale_effects_and_units_of_money_dont(period, a, b):
    work, output, economy, everyone = period
    one = structure.decompose(*period, start=2000, end=2010)
    other = structure.decompose(a * work, b * output, b * economy, a * everyone, start=2000, end=2010)
    size = one.level[["start", "end"]].max(axis=None)
    assert_allclose(other.level / a, one.level, rtol=1e-9, atol=1e-12 * size)
    assert_allclose(other.share, one.share, rtol=1e-9, atol=1e-12)


@some
@given(periods())
def test_time_reversed_turns_every_effect_round(period):
    back = [pd.Series(values.to_numpy()[::-1], values.index) for values in period]
    one, other = (structure.decompose(*values, start=2000, end=2010) for values in (period, back))
    for frame, turned, names in ((one.level, other.level, LEVEL), (one.share, other.share, SHARE)):
        size = frame[["start", "end"]].max(axis=None)
        assert_allclose(turned[["change", *names]], -frame[["change", *names]], rtol=1e-9, atol=1e-12 * size)


@some
@given(periods(), st.floats(0.2, 5))
def test_each_effect_moves_with_its_own_factor(period, ratio):
    """With all else as it was, one factor that changes by a ratio has the whole change for its effect."""
    work, output, economy, everyone = (values.to_numpy()[0] for values in period)
    assume(abs(ratio - 1) > 0.01)
    ends = {"labour intensity": (ratio, 1, 1, 1), "sector share": (ratio, ratio, 1, 1), "growth": (ratio, ratio, ratio, ratio)}
    for name, moves in ends.items():
        assume(output * moves[1] <= economy * moves[2] and work * moves[0] <= everyone * moves[3])
        own = [pd.Series([v, v * m], [2000, 2010]) for v, m in zip((work, output, economy, everyone), moves)]
        found = structure.decompose(*own, start=2000, end=2010).level.iloc[0]
        assert found[name] == pytest.approx(work * (ratio - 1), rel=1e-9)
        assert_allclose(found[[other for other in LEVEL if other != name]].astype(float), 0, atol=1e-9 * work * max(ratio, 1))


# ----------------------------------------------------------------------------- shift-share
@some
@given(seeds, forms, st.booleans(), st.integers(2, 5))
def test_shift_share_effects_sum_to_the_change(seed, form, dynamic, years):
    frame = jobs(seed, years=years, zeros=form == "dunn")
    assume((frame.groupby(level=1).sum() > 0).all(axis=None))
    first, last = 2001, 2000 + years
    found = getattr(structure, form)(frame, first, last, dynamic=dynamic)
    change = (frame.xs(last, level=1) - frame.xs(first, level=1)).stack()
    biggest = found.annual[list(EFFECTS[form])].abs().groupby(level=["region", "sector"]).sum().max(axis=1).reindex(found.effects.index)
    size = np.maximum(frame.max(axis=None), biggest)
    assert ((found.effects[list(EFFECTS[form])].sum(axis=1) - change.to_numpy()).abs() <= EXACT * size).all()
    assert_allclose(found.effects["change"], change, rtol=0, atol=EXACT * frame.max(axis=None))
    assert_allclose(found.annual.groupby(level=["region", "sector"], sort=False).sum(), found.effects.loc[found.annual.index.droplevel(2).unique()],
                    rtol=1e-9, atol=1e-9)


@some
@given(seeds, st.booleans())
def test_competitive_effects_of_a_sector_and_mixes_of_all_sum_to_zero(seed, dynamic):
    found = structure.dunn(jobs(seed), 2001, 2004, dynamic=dynamic)
    size = found.effects.abs().max(axis=None)
    assert_allclose(found.annual["competitive"].groupby(level=["sector", "year"]).sum(), 0, atol=1e-11 * size)
    assert_allclose(found.annual["industry mix"].groupby(level="year").sum(), 0, atol=1e-11 * size)


@some
@given(seeds, st.booleans())
def test_a_merged_region_has_the_sum_of_dunns_effects(seed, dynamic):
    frame = jobs(seed)
    nation = frame.groupby(level=1).sum()
    merged = frame.rename({"R0": "M", "R1": "M"}, level=0).groupby(level=[0, 1]).sum()
    one, other = (structure.dunn(f, 2001, 2004, dynamic=dynamic, nation=nation).effects for f in (frame, merged))
    assert_allclose(other.loc["M"], one.loc["R0"] + one.loc["R1"], rtol=1e-9, atol=1e-9 * frame.max(axis=None))
    assert_allclose(other.loc["R3"], one.loc["R3"], rtol=1e-12)
    assert_allclose(structure.dunn(frame, 2001, 2004, dynamic=dynamic).effects, one, rtol=1e-9, atol=1e-9)  # the nation is the sum


@some
@given(seeds, forms, factors)
def test_units_and_order_of_shift_share(seed, form, factor):
    frame, run = jobs(seed), getattr(structure, form)
    one = run(frame, 2001, 2004).effects
    assert_allclose(run(factor * frame, 2001, 2004).effects / factor, one, rtol=1e-9, atol=1e-9 * frame.max(axis=None))
    mixed = run(frame.sample(frac=1, random_state=seed)[["S2", "S0", "S1"]], 2001, 2004).effects
    assert_allclose(mixed.loc[one.index], one, rtol=1e-9, atol=1e-9 * frame.max(axis=None))


@some
@given(seeds, forms)
def test_a_region_that_is_the_nation_in_small_has_no_effect_of_its_own(seed, form):
    frame = jobs(seed)
    nation = frame.groupby(level=1).sum()
    small = pd.concat({"small": nation / 10}, names=["region"])
    found = getattr(structure, form)(small, 2001, 2004, nation=nation).effects
    own = [name for name in EFFECTS[form] if name in ("competitive", "allocation")]
    assert_allclose(found[own], 0, atol=1e-11 * frame.max(axis=None))
    assert_allclose(found["industry mix"].sum(), 0, atol=1e-11 * frame.max(axis=None))


@some
@given(seeds)
def test_the_allocation_effect_is_that_of_specialisation(seed):
    """It is the competitive effect of Dunn's less that at the nation's mix: none where the location quotient is one."""
    frame = jobs(seed)
    quotient = structure.location_quotient(frame).xs(2001, level=1).stack()
    dunn, esteban = (run(frame, 2001, 2004).effects for run in (structure.dunn, structure.esteban))
    assert_allclose(esteban["competitive"], dunn["competitive"] / quotient.to_numpy(), rtol=1e-8, atol=1e-10)
    assert_allclose(esteban["allocation"], dunn["competitive"] * (1 - 1 / quotient.to_numpy()), rtol=1e-8, atol=1e-8)


def test_dynamic_effects_differ_from_static_ones_unless_there_is_one_step():
    frame = jobs(7)
    static, dynamic = (structure.dunn(frame, 2001, 2004, dynamic=d).effects for d in (False, True))
    assert not np.allclose(static["industry mix"], dynamic["industry mix"])
    for form in EFFECTS:
        one, other = (getattr(structure, form)(frame, 2001, 2002, dynamic=d).effects for d in (False, True))
        pd.testing.assert_frame_equal(one, other)


# --------------------------------------------------------------------- shares and quotients
@some
@given(seeds, factors)
def test_shares_are_free_of_units_and_order(seed, factor):
    frame = jobs(seed)
    total = frame.sum(axis=1)
    one = structure.shares(frame, total)
    assert_allclose(one.sum(axis=1), 1, rtol=EXACT)
    assert_allclose(structure.shares(100 * one), one, rtol=1e-12)
    other = (factor * frame).sample(frac=1, random_state=seed)[["S1", "S2", "S0"]]
    mixed = structure.shares(other, (factor * total).sample(frac=1, random_state=seed + 1))
    assert_allclose(mixed.loc[one.index, one.columns], one, rtol=1e-12)
    assert_allclose(structure.share(frame["S1"], total), one["S1"], rtol=1e-12)


@some
@given(seeds, factors)
def test_location_quotients_average_to_one(seed, factor):
    frame = jobs(seed)
    found = structure.location_quotient(frame)
    weights = frame.sum(axis=1) / frame.sum(axis=1).groupby(level=1).transform("sum")  # each region's share of the nation
    assert_allclose(found.mul(weights, axis=0).groupby(level=1).sum(), 1, rtol=1e-10)
    assert_allclose(structure.location_quotient(factor * frame), found, rtol=1e-10)
    grown = frame.copy()
    grown.loc["R1"] *= 3  # a region's own size is in its quotient through the nation only
    nation = frame.groupby(level=1).sum()
    assert_allclose(structure.location_quotient(grown, nation), structure.location_quotient(frame, nation), rtol=1e-10)


@some
@given(seeds)
def test_a_region_cut_in_two_alike_halves_has_its_quotients_twice(seed):
    frame = jobs(seed)
    halves = pd.concat([frame.drop("R0"), frame.loc[["R0"]].rename({"R0": "X"}) / 4, frame.loc[["R0"]].rename({"R0": "Y"}) * 3 / 4])
    one, other = structure.location_quotient(frame), structure.location_quotient(halves)
    for part, whole in (("X", "R0"), ("Y", "R0"), ("R2", "R2")):
        assert_allclose(other.loc[part], one.loc[whole], rtol=1e-10)


@some
@given(seeds)
def test_orders_follow_the_names_of_sectors_not_their_places(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(1, 6, (6, 3)), range(2001, 2007), ["primary", "secondary", "tertiary"])
    one = structure.ordering(frame)
    assert one.equals(structure.ordering(frame[["tertiary", "primary", "secondary"]])) and one.equals(structure.ordering(7 * frame))
    for order, (_, row) in zip(one, frame.iterrows()):
        assert len(order.split("-")) == row.nunique() and set(order) - set("-=") == set("123")
        assert order.count("=") == 3 - row.nunique()


@some
@given(st.lists(st.sampled_from(["1-2-3", "3-2-1", "2=3-1", None]), min_size=1, max_size=12))
def test_stages_tell_every_known_year_once(orders):
    given_ = pd.Series(orders, range(2001, 2001 + len(orders)), dtype=object)
    found = structure.stages(given_)
    told = {year: row.order for row in found.itertuples() for year in range(row.first, row.last + 1)}
    assert told == given_.dropna().to_dict()
    assert all(a.last < b.first and (a.order != b.order or a.last + 1 < b.first) for a, b in zip(found[:-1].itertuples(), found[1:].itertuples()))


# ---------------------------------------------------------------------------------- trends
@some
@given(series(), factors, st.sampled_from([-100, 17]), errors)
def test_units_and_the_era_change_nothing_but_units(data, factor, later, kind):
    one = structure.trend(data, errors=kind)
    other = structure.trend(pd.Series(factor * data.to_numpy(), data.index + later), errors=kind)
    assert (other.direction, other.nobs, other.first) == (one.direction, one.nobs, one.first + later)
    assert_allclose([other.slope, other.std_error, other.lower, other.upper], factor * np.array([one.slope, one.std_error, one.lower, one.upper]),
                    rtol=1e-6, atol=1e-10 * factor)
    assert other.pvalue == pytest.approx(one.pvalue, rel=1e-5, abs=1e-12)


@some
@given(series(), rules, errors, st.sampled_from([0.0, 0.004]))
def test_upside_down_and_backwards(data, rule, kind, margin):
    options = {"rule": rule, "errors": kind}
    one = structure.sustained(data, **options)
    for turned in (60 - data, pd.Series(data.to_numpy()[::-1], data.index)):
        assert structure.sustained(turned, **options).direction == TURNED[one.direction]
    back = structure.sustained(pd.Series(data.to_numpy()[::-1], data.index), margin=margin, **options)
    assert back.direction == TURNED[structure.sustained(data, margin=margin, **options).direction]


@some
@given(series(), rules, seeds, errors)
def test_rows_can_come_in_any_order_and_unknown_years_at_the_ends_are_irrelevant(data, rule, seed, kind):
    one = structure.sustained(data, rule=rule, errors=kind)
    longer = data.reindex(range(data.index[0] - 2, data.index[-1] + 3)).sample(frac=1, random_state=seed)
    assert structure.sustained(longer, rule=rule, errors=kind) == one or np.isnan(one.pace)
    assert structure.sustained(data, rule=rule, errors=kind, window=(data.index[0], data.index[-1])) == one


@some
@given(series())
def test_both_rules_ask_more_than_either(data):
    found = {rule: structure.sustained(data, rule=rule).direction for rule in ("trend", "monotone", "both")}
    if found["both"] in ("rising", "falling"):
        assert found["trend"] == found["monotone"] == found["both"]
    else:
        assert found["trend"] != found["monotone"] or found["both"] == found["trend"]


@few
@given(seeds)
def test_lags_follow_the_years(seed):
    rng = np.random.default_rng(seed)
    data = yearly(rng.normal(size=12).cumsum())
    mixed = yearly(rng.permutation(data.to_numpy()))
    one, other = structure.trend(data), structure.trend(mixed)
    assume(abs(one.slope - other.slope) > 1e-6)
    assert structure.trend(data.sample(frac=1, random_state=seed)) == one
    assert one.std_error != pytest.approx(other.std_error, rel=1e-9)


def test_how_often_noise_has_a_trend():
    """At 5 per cent classical errors keep their promise in white noise; HAC errors of a dozen years break it, two- to fourfold."""
    rng = np.random.default_rng(11)
    noise = [yearly(rng.normal(size=12)) for _ in range(400)]
    share = {kind: np.mean([structure.trend(data, errors=kind).direction != "none" for data in noise]) for kind in ("classical", "HAC")}
    assert 0.02 < share["classical"] < 0.09 and 0.10 < share["HAC"] < 0.20


# --------------------------------------------------------------------------------- classes
@few
@given(series(), series(), series(), series(), rules)
def test_classes_are_free_of_units(work, value, exports, productivity, rule):
    one = structure.classify(work, value, exports, productivity, rule=rule)
    other = structure.classify(work / 100, value / 100, exports / 100, 1e5 * productivity, rule=rule)
    assert (one.kind, one.path, one.window, one.both_fall) == (other.kind, other.path, other.window, other.both_fall)


@few
@given(series(), series(), series(), rules)
def test_more_evidence_can_only_turn_aggregate_into_structural(work, value, exports, rule):
    """Or leave what is falling undecided; it never makes a region industrialise."""
    one, other = (structure.classify(work, value, more, rule=rule, window=(2001, 2005)) for more in (None, exports))
    if one.kind == "aggregate deindustrialisation":
        assert other.kind in ("aggregate deindustrialisation", "structural deindustrialisation", "cannot tell")
    else:
        assert other.kind == one.kind


# ------------------------------------------------------------------------------- upgrading
@some
@given(seeds, factors, factors)
def test_theils_index_is_free_of_units_and_order_and_never_negative(seed, a, b):
    output, labour = jobs(seed), jobs(seed + 1)
    one = structure.theil_rationalisation(output, labour)
    assert (one >= -EXACT).all()
    mixed = structure.theil_rationalisation((a * output).sample(frac=1, random_state=seed), (b * labour)[["S2", "S0", "S1"]])
    assert_allclose(mixed.loc[one.index], one, rtol=1e-9, atol=1e-12)
    assert_allclose(structure.theil_rationalisation(output, 5 * output), 0, atol=EXACT)


@some
@given(seeds)
def test_merged_sectors_can_only_hide_a_mismatch(seed):
    output, labour = jobs(seed), jobs(seed + 1)
    merged = [pd.DataFrame({"S01": frame["S0"] + frame["S1"], "S2": frame["S2"]}) for frame in (output, labour)]
    assert (structure.theil_rationalisation(*merged) <= structure.theil_rationalisation(output, labour) + EXACT).all()


@some
@given(seeds, factors)
def test_the_height_of_a_structure_grows_with_productivity_and_not_with_size(seed, factor):
    output, labour = jobs(seed), jobs(seed + 1)
    bounds = {"begin": dict.fromkeys(output, 0.1), "done": dict.fromkeys(output, 2.0)}
    one = structure.structural_height(output, labour, **bounds)
    assert_allclose(structure.structural_height(factor * output, factor * labour, **bounds), one, rtol=1e-9)
    assert (structure.structural_height(output, labour / 2, **bounds) > one).all()
