"""Does a head count in the money that the dictionary says?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from casebook.intake.files import Sheet
from casebook.intake.heads import BRACKETS, FIGURE, Heads, plain
from casebook.problems import Problem

MONEY = {
    "yuan": "元 人民币 yuan CNY RMB renminbi",
    "US dollars": "美元 美金 USD US$ dollar dollars", "Hong Kong dollars": "港元 港币 HKD HK$ dollar dollars",
    "Taiwan dollars": "新台币 台币 TWD NT$ dollar dollars", "Singapore dollars": "新元 新加坡元 SGD dollar dollars",
    "Australian dollars": "澳元 AUD dollar dollars", "Canadian dollars": "加元 CAD dollar dollars",
    "euros": "欧元 euro euros EUR €", "pounds": "英镑 GBP £", "Swiss francs": "瑞士法郎 CHF", "yen": "日元 日圆 yen JPY", "won": "韩元 韩圆 won KRW",
    "roubles": "卢布 rouble roubles ruble rubles RUB", "rupees": "卢比 rupee rupees INR",
    "crowns": "克朗 crown crowns krona kronor krone kroner koruna SEK NOK DKK CZK",
}
"""Words for each money; a word may stand for several."""

WORDS: dict[str, set[str]] = {}
for _money, _words in MONEY.items():
    for _word in _words.casefold().split():
        WORDS.setdefault(_word, set()).add(_money)

MENTION = re.compile("|".join(
    rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else f"(?<![单多公]){word}" for word in sorted(WORDS, key=len, reverse=True)))


def moneys(unit: str) -> set[str]:
    """The moneys that a unit may be of; none where it names none.

    Examples
    --------
    >>> sorted(moneys("亿元")), sorted(moneys("million USD")), len(moneys("1e8 dollars")), moneys("1e4 t")
    (['yuan'], ['US dollars'], 6, set())
    """
    text = unicodedata.normalize("NFKC", unit).casefold()
    return {money for found in MENTION.finditer(text) for money in WORDS[found[0]]}


def other_money(sheet: Sheet, heads: Heads) -> list[Problem]:
    """Heads, of columns or of lines, whose money is another than the dictionary's.

    Parameters
    ----------
    sheet : Sheet
    heads : Heads

    Returns
    -------
    list of Problem
        With the file.
    """
    found: dict[str, Problem] = {}
    for head, row in _heads(sheet):
        column, told = heads.column(head), BRACKETS.search(unicodedata.normalize("NFKC", head))
        if not column or not told or head in found:
            continue
        unit = heads.fields[column].get("unit", "")
        ours, theirs = moneys(unit), moneys(told["unit"])
        if ours and theirs and not ours & theirs:
            found[head] = Problem(f"the head {head}", f"counts in {' or '.join(sorted(theirs))}, the dictionary in {unit.partition(',')[0]}",
                                  f"correct the unit of {column} in dictionary.csv, or convert the figures and the head", sheet.file, column=column, row=row)
    return list(found.values())


def _heads(sheet: Sheet) -> Iterator[tuple[str, int]]:
    """Everything that may name a figure: the sheet, the heads of its columns, and the cells that name the figure of a line."""
    yield sheet.name, 0
    (line, first), *rest = sheet.lines
    yield from ((head, line) for head in first)
    named = next((i for i, head in enumerate(first) if plain(head) in FIGURE), None)
    if named is not None:
        yield from ((cells[named], number) for number, cells in rest if named < len(cells))
