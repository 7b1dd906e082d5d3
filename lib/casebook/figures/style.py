"""How does every figure look, and what does it carry to the page?

Colours are Okabe and Ito's, safe for colour-blind readers, and never the only cue.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib import font_manager

from casebook.figures import export

PALETTE = {
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
    "grey": "#777777",
}
"""Okabe and Ito's colours by name, and a grey."""

STATE_STYLE = {
    "expansive negative decoupling": (PALETTE["green"], "^"),
    "expansive coupling": (PALETTE["sky"], "o"),
    "weak decoupling": (PALETTE["orange"], "s"),
    "strong decoupling": (PALETTE["vermilion"], "v"),
    "strong negative decoupling": (PALETTE["purple"], "P"),
    "weak negative decoupling": (PALETTE["yellow"], "X"),
    "recessive coupling": (PALETTE["blue"], "D"),
    "recessive decoupling": (PALETTE["grey"], "<"),
    "undefined": ("#ffffff", "o"),
}
"""Colour and marker of each decoupling state."""

STATE_SIGN = dict(zip("^osvPXD<", "▲●■▼✚✖◆◀"))
"""The markers as characters, for tables."""

TYPE_STYLE = {
    "A": (PALETTE["green"], "^", "A: both gaps narrow"),
    "B": (PALETTE["blue"], "D", "B: productivity gap narrows"),
    "C": (PALETTE["orange"], "s", "C: income gap narrows"),
    "D": (PALETTE["vermilion"], "v", "D: both gaps widen"),
    "undefined": (PALETTE["grey"], "o", "undefined"),
}
"""Colour, marker and meaning of each catch-up type."""

VERDICT_STYLE = {
    "reproduced": (PALETTE["green"], ""),
    "close": (PALETTE["sky"], "//"),
    "depends": (PALETTE["yellow"], ".."),
    "contradicted": (PALETTE["vermilion"], "xx"),
    "inconsistent": (PALETTE["purple"], "\\\\"),
    "definition": ("#bbbbbb", ""),
    "not testable": ("#eeeeee", "--"),
    "not examined": ("#ffffff", ""),
}
"""Colour and hatch of each verdict."""

CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "SimHei", "Arial Unicode MS")
"""Fonts that have the Chinese names of a stranger's regions; the first that is installed writes what the book's own font lacks."""

INSTALLED = {font.name for font in font_manager.fontManager.ttflist}

RC = {
    **sns.axes_style("ticks"),
    **sns.plotting_context("notebook", font_scale=0.85),
    "font.family": ["DejaVu Sans", *[name for name in CHINESE if name in INSTALLED][:1]],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}


CROWD = 60
"""More regions than this can't all be named, or have a row each: a figure shows the most extreme ones and says so."""


def shrunk(size: float, count: int) -> float:
    """The area of a marker, smaller where there is a crowd of them.

    Examples
    --------
    >>> shrunk(34, 26), shrunk(34, 240)
    (34.0, 17.0)
    """
    return float(size * min(1.0, CROWD / count) ** 0.5) if count else float(size)


@dataclass(frozen=True)
class Figure:
    """A drawn picture with what a page needs to show it to everyone.

    Attributes
    ----------
    png : bytes
    name : str
        Label by which the page refers to it, such as ``fig-states``.
    caption : str
        A few words.
    alt : str
        What is drawn and what it shows, for readers who can't see it.
    """

    png: bytes
    name: str
    caption: str
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        text = f"Figure {self.name}: {self.caption}\n{self.alt}"
        data = {"image/png": base64.b64encode(self.png).decode(), "text/plain": text}
        meta = {"name": self.name, "caption": self.caption, "alt": self.alt}
        return data, {"image/png": meta}


def finish(fig, name: str, caption: str, alt: str) -> Figure:
    if not fig.get_layout_engine():
        fig.set_layout_engine("constrained")
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    export.picture(fig, name, buffer.getvalue())
    plt.close(fig)
    return Figure(buffer.getvalue(), name, caption, alt)
