"""Which column of a table to audit does a head mean, in English or in Chinese?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

OTHER_HEADS = {
    "variable": "变量 变量名 变量名称 解释变量 自变量",
    "column": "效应 列",
    "table": "表 表号",
    "estimate": "coef coefficient 系数 回归系数 估计系数 系数估计值 估计值",
    "stars": "星号",
    "std_error": "se s_e standard_error std_err 标准误 标准误差 稳健标准误 聚类标准误",
    "t": "t_value t_stat t_statistic t值 t统计量",
    "z": "z_value z值 z统计量",
    "p": "p_value p_t p_z p值",
    "low": "ci_low 置信下限 置信区间下限 下限", "high": "ci_high 置信上限 置信区间上限 上限",
    "mean": "均值 平均值 平均数",
    "sd": "std std_dev standard_deviation 标准差 标准偏差",
    "minimum": "min 最小值 极小值", "maximum": "max 最大值 极大值",
    "n": "obs 样本量 样本数 样本容量 观测值 观测数 观测值数 观察值",
    "nobs": "observations",
    "n_regions": "地区数 城市数 省份数 个体数",
    "moran": "moran_i moran_s_i moran指数 莫兰指数",
}
"""Other heads in common use, for each column; P>|t| is p_t here, for all but letters and figures counts as a space."""

_COLUMN = {head: column for column, heads in OTHER_HEADS.items() for head in heads.split()}

OTHER_CELLS = {"回归": "regression", "直接效应": "direct", "间接效应": "indirect", "溢出效应": "indirect", "总效应": "total"}
"""What may stand in the column ``column`` in Chinese."""


def columns(heads: Iterable, known: Collection[str]) -> dict:
    """The column that each head means, or what it is called where it means none.

    Parameters
    ----------
    heads : iterable
    known : collection of str
        The names of columns.

    Examples
    --------
    >>> columns(["变量", "系数", "Std. Err.", "P>|t|", "R²"], ["p"])
    {'变量': 'variable', '系数': 'estimate', 'Std. Err.': 'std_error', 'P>|t|': 'p', 'R²': 'r2'}

    Words in brackets are left out where no other head means the same; the number of values of an estimate is that of observations.

    >>> columns(["标准误（聚类）", "mean", "mean (weighted)", "观测值"], ["mean"])
    {'标准误（聚类）': 'std_error', 'mean': 'mean', 'mean (weighted)': 'mean_weighted', '观测值': 'n'}
    >>> columns(["系数", "样本量"], [])
    {'系数': 'estimate', '样本量': 'nobs'}
    """
    heads = list(heads)
    found = {head: _means(str(head)) for head in heads}
    short = {head: _means(re.sub(r"\([^()]*\)\s*$", "", unicodedata.normalize("NFKC", str(head)))) for head in heads}
    meant = {*known, *OTHER_HEADS}
    for head in heads:
        if found[head] not in meant and short[head] in meant and [*found.values(), *short.values()].count(short[head]) == 1:
            found[head] = short[head]
    if "estimate" in found.values() and not {"mean", "nobs"} & set(found.values()):
        found = {head: "nobs" if column == "n" and head != "n" else column for head, column in found.items()}
    return found


def _means(head: str) -> str:
    bare = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", head).strip().lower()).strip("_")
    return _COLUMN.get(bare) or _COLUMN.get(bare.replace("_", "")) or bare  # t 统计量 is t统计量
