"""Does pollution turn down as income grows, and how sure can we be?

:func:`fit` draws the environmental Kuznets curve (环境库兹涅茨曲线), a quadratic or
cubic of income, through one region's years or a panel.  What it returns knows its
turning points with their intervals, tests whether the curve turns at all, and
says the result in one sentence.  Beside it: a test without a parabola
(:func:`two_lines`), the year of a peak and whether it can be known (:func:`peak`),
how far the turning point hangs on single years (:func:`leave_one_out`,
:func:`moving_window`), and how often so few points would find a real turn (:func:`power`).
"""

from casebook.kuznets.curve import VERDICTS, Curve, fit
from casebook.kuznets.lines import TwoLines, two_lines
from casebook.kuznets.peaks import Peak, Steady, peak, steady
from casebook.kuznets.power import depth, power
from casebook.kuznets.reading import ENOUGH, MATTERS, Reading, estimate, every, outcomes, panel_outcomes, sample
from casebook.kuznets.stability import leave_one_out, moving_window
from casebook.kuznets.turning import CannotTell, FiellerSet, TurningPoint, UTest

__all__ = [
    "ENOUGH", "MATTERS", "VERDICTS", "CannotTell", "Curve", "FiellerSet", "Peak", "Reading", "Steady", "TurningPoint", "TwoLines", "UTest", "depth", "estimate",
    "every", "fit", "leave_one_out", "moving_window", "outcomes", "panel_outcomes", "peak", "power", "sample", "steady", "two_lines",
]
