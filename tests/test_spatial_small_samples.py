"""Bias of the spatial parameter in small panels: an independent table, and properties."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from joblib import parallel_config

from casebook import spatial
from casebook.spatial.small_samples import bias

TESTS = Path(__file__).parent
PRINTED = json.loads((TESTS / "references" / "monte_carlo.json").read_text())
TABLE = pd.DataFrame(PRINTED["rows"]).set_index("true_rho")
METHODS = {"ml": "ml", "lee-yu": "lee_yu", "transformation": "transformation"}
REPLICATIONS = 150
RING = np.roll(np.eye(10), 1, axis=1) / 2 + np.roll(np.eye(10), -1, axis=1) / 2


def cities():
    pairs = pd.read_csv(TESTS.parent / "data" / "beijing-tianjin-hebei" / "adjacency.csv")
    return pairs[pairs["contiguous_census"] == 1]


@pytest.fixture(scope="module")
def found():
    """Three regressors with coefficients one and lags of one half: the table doesn't state its design."""
    pairs = cities()
    W = spatial.contiguity(pairs, sorted({*pairs["region"], *pairs["neighbour"]}))
    return bias(W, PRINTED["years"], TABLE.index, beta=[1] * 3, theta=[0.5] * 3, replications=REPLICATIONS, progress=False)


def test_the_map_is_that_of_the_table():
    pairs = cities()
    assert len({*pairs["region"], *pairs["neighbour"]}) == PRINTED["regions"] == 13 and len(pairs) == 24


@pytest.mark.parametrize("rho", TABLE.index)
@pytest.mark.parametrize("method", METHODS)
def test_means_equal_the_independent_table(found, rho, method):
    # Four Monte Carlo errors, of 150 replications here and 400 there, and 0.02 for the unstated design.
    row = found.loc[(rho, method)]
    error = row["mc_error"] * np.sqrt(1 + REPLICATIONS / PRINTED["replications"])
    assert row["mean"] == pytest.approx(TABLE.loc[rho, METHODS[method]], abs=4 * error + 0.02)


@pytest.mark.parametrize("rho", TABLE.index)
def test_coverage_of_uncorrected_intervals_equals_the_independent_table(found, rho):
    # A share p of n replications has the error sqrt(p (1 - p) / n); four of them, and 0.03 for the unstated design.
    share = TABLE.loc[rho, "ml_coverage95"]
    error = np.sqrt(share * (1 - share) * (1 / REPLICATIONS + 1 / PRINTED["replications"]))
    assert found.loc[(rho, "ml"), "coverage95"] == pytest.approx(share, abs=4 * error + 0.03)


@pytest.mark.parametrize("rho", TABLE.index)
def test_what_the_table_shows_is_found_again(found, rho):
    ml, half, whole = (found.loc[(rho, method)] for method in METHODS)
    assert -0.18 <= ml["bias"] <= -0.10 and 0.40 - 0.04 <= ml["coverage95"] <= 0.78
    assert ml["mean"] < half["mean"] < whole["mean"]
    assert abs(whole["bias"]) <= 0.03 + 2 * whole["mc_error"] and 0.88 <= whole["coverage95"] <= 0.98
    assert (ml["flagged"], half["flagged"], whole["flagged"]) == (0, 0, 0)


def test_the_bias_goes_away_with_the_regions():
    # It comes from the years' effects: T of them in N T cells, of the order 1 / N.
    def of(number):
        ring = np.roll(np.eye(number), 1, axis=1) / 2 + np.roll(np.eye(number), -1, axis=1) / 2
        return bias(ring, 8, [0.3], beta=[1], theta=[0.5], replications=40).loc[(0.3, "ml"), "bias"]

    assert of(10) < -0.05 and of(80) > of(10) / 3


def test_the_columns_say_what_they_say():
    found = bias(RING, 6, [-0.2, 0.4], beta=[1, 2], theta=[0, 1], replications=6, methods=["lee-yu", "ml"])
    assert found.index.tolist() == [(-0.2, "lee-yu"), (-0.2, "ml"), (0.4, "lee-yu"), (0.4, "ml")]
    assert list(found) == ["mean", "bias", "mc_error", "coverage95", "flagged"]
    assert (found["mean"] - found["bias"]).tolist() == pytest.approx([-0.2, -0.2, 0.4, 0.4])
    assert (found["mc_error"] > 0).all() and found["coverage95"].isin(np.arange(7) / 6).all()


def test_the_same_seed_gives_the_same_table():
    design = {"beta": [1], "theta": [0.5], "replications": 6, "methods": ["ml"]}
    first = bias(RING, 6, [0.2], **design)
    pd.testing.assert_frame_equal(first, bias(RING, 6, [0.2], **design))
    pd.testing.assert_frame_equal(first, bias(RING, 6, [0.2, 0.5], **design).loc[[0.2]])  # each rho meets the same draws
    assert bias(RING, 6, [0.2], seed=1, **design)["mean"].item() != first["mean"].item()


def test_more_workers_give_the_same_table():
    design = {"beta": [1], "theta": [0.5], "replications": 4, "methods": ["transformation"]}
    alone = bias(RING, 6, [0.2], **design)
    with parallel_config(backend="threading"):  # sooner there than processes
        pd.testing.assert_frame_equal(bias(RING, 6, [0.2], jobs=2, **design), alone)


def test_a_w_and_its_matrix_give_the_same_table():
    pairs = pd.DataFrame({"region": list("ABCDE"), "neighbour": list("BCDEA")})
    W = spatial.contiguity(pairs, "ABCDE")
    design = {"beta": [1], "theta": [0.5], "replications": 4, "methods": ["ml"]}
    pd.testing.assert_frame_equal(bias(W, 5, [0.2], **design), bias(W.full()[0], 5, [0.2], **design))


def test_scaling_everything_changes_nothing():
    # y of coefficients and noise ten times as large is ten times y, but for effects, which are taken out.
    one = bias(RING, 6, [0.3], beta=[1], theta=[0.5], replications=6)
    ten = bias(RING, 6, [0.3], beta=[10], theta=[5], sigma=10, replications=6)
    pd.testing.assert_frame_equal(one, ten, rtol=1e-6)


def test_weights_that_are_not_standardised_are_for_ml():
    found = bias(2 * RING, 8, [0.2], beta=[1], theta=[0.5], replications=20, methods=["ml"])
    assert abs(found["bias"].item()) < 0.15


def test_a_bar_is_shown_when_asked_for(capsys):
    design = {"beta": [1], "theta": [0.5], "replications": 2, "methods": ["ml"]}
    bias(RING, 5, [0.2], progress=True, **design)
    assert "panels: 100%" in capsys.readouterr().err
    bias(RING, 5, [0.2], **design)
    assert not capsys.readouterr().err
