"""How is a result drawn?

One function per kind of picture, none per chapter.  Each returns a
:class:`Figure`, which carries its name, caption and alternative text to the page.
"""

from casebook.figures.charts import coverage, dumbbells, series, specification_curve, verdict_bars, verdict_grid
from casebook.figures.convergence import argument, growth_against_start, paths_beside, rank_maps, stacked
from casebook.figures.dial import Dial, dial
from casebook.figures.estimates import AUDIT_SIGN, SEVERITY_STYLE, audited, checked, forest
from casebook.figures.kuznets import changes, kuznets_curve, kuznets_dial, kuznets_multiples, peaks
from casebook.figures.maps import region_maps
from casebook.figures.planes import moran_scatter, quadrants, states_plane
from casebook.figures.records import SEVERAL, records
from casebook.figures.structure import paths, ways_map
from casebook.figures.style import PALETTE, STATE_SIGN, STATE_STYLE, TYPE_STYLE, VERDICT_STYLE, Figure
from casebook.figures.tables import Table, state_key, state_marks, table, telling

__all__ = [
    "AUDIT_SIGN", "PALETTE", "SEVERAL", "SEVERITY_STYLE", "STATE_SIGN", "STATE_STYLE", "TYPE_STYLE", "VERDICT_STYLE", "Dial", "Figure",
    "Table", "argument", "audited", "changes", "checked", "coverage", "dial", "dumbbells", "forest", "growth_against_start",
    "kuznets_curve", "kuznets_dial", "kuznets_multiples", "moran_scatter", "paths", "paths_beside", "peaks", "quadrants", "rank_maps",
    "records", "region_maps", "series", "specification_curve", "stacked", "state_key", "state_marks", "states_plane", "table", "telling",
    "verdict_bars", "verdict_grid", "ways_map",
]
