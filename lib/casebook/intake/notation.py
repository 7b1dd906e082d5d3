"""Which number, or which year, does a cell mean?

A cell that is not plainly one is a problem, with the number it seems to mean as
the way to mend it; nothing is guessed in silence.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta

PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""A number as it should be written."""

MISSING = {
    "-", "--", "---", "–", "—", "——", "…", "……", "...", "..", ".", "/", "x", "n/a", "n.a.", "na", "nan", "null", "none", "nil", "missing",
    "缺", "缺失", "无", "无数据", "暂无", "不详",
}
"""Marks that yearbooks set where a figure is missing, in small letters."""

ERRORS = re.compile(r"#(DIV/0!|REF!|N/A|VALUE!|NAME\?|NUM!|NULL!|#+)")
"""What Excel shows where a formula failed."""

MINUS = dict.fromkeys(map(ord, "−–‐‑－﹣"), "-")
SPACES = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000 "
THOUSANDS = re.compile(rf"[+-]?[0-9]{{1,3}}(([,，'’{SPACES}])[0-9]{{3}})(\2[0-9]{{3}})*(\.[0-9]+)?")
CONTINENTAL = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[+-]?[0-9]+,[0-9]+")
MARKED = re.compile(r"(?P<number>[+-]?[0-9][0-9.]*)\s*(?P<mark>[*†‡§¶#^]+|[a-zA-Z]|[①-⑳]|[⁰¹²³⁴-⁹]+|[\[(（〔【][0-9a-zA-Z注*]+[\])）〕】])")
UNITS = re.compile(r"(?P<before>[^0-9+.-]*)(?P<number>[+-]?[0-9][0-9.]*)\s*(?P<after>[^0-9]*)")
DAY = re.compile(r"(?P<year>[12][0-9]{3})\s*[-/.年]\s*[0-9]{1,2}(\s*[-/.月]\s*[0-9]{1,2})?日?月?([ T].*)?")
SERIALS = range(10_000, 60_000)  # days since the turn of 1899 and 1900: 1927 to 2064


def number(text: str) -> tuple[str, tuple[str, str] | None]:
    """Read a cell as a number.

    Parameters
    ----------
    text : str
        Not empty.

    Returns
    -------
    value : str
        The text if it is a plain number, else empty.
    fault : (str, str) or None
        What is wrong, and what to do.

    Examples
    --------
    >>> number("1234.5")
    ('1234.5', None)
    >>> number("1,234.5")
    ('', ('is written with a separator of thousands', 'write 1234.5'))
    >>> number("87.2①")[1]
    ('carries the mark ①', 'write 87.2, and say elsewhere what the mark means')
    """
    if PLAIN.fullmatch(text):
        return text, None
    return "", _fault(text)


def _fault(text: str) -> tuple[str, str]:
    if text.lower() in MISSING:
        return "stands for a missing figure", "leave the cell empty"
    if ERRORS.fullmatch(text):
        return "is an error of Excel", "mend the formula, or leave the cell empty"
    if text.lower() in ("inf", "-inf", "+inf", "infinity", "∞"):
        return "is not finite", "correct it, or leave the cell empty"
    if PLAIN.fullmatch(minus := text.translate(MINUS)):
        return "is written with another sign than the minus", f"write {minus}"
    if THOUSANDS.fullmatch(text):
        return "is written with a separator of thousands", f"write {re.sub(rf'[,，’{SPACES}]' + '|' + chr(39), '', text)}"
    if CONTINENTAL.fullmatch(text):
        return "is written with a decimal comma", f"write {text.replace('.', '').replace(',', '.')}"
    if text[-1] in "%％" and PLAIN.fullmatch(bare := text[:-1].strip()):
        return "carries a per cent sign", f"write {bare} where the unit is per cent, {float(bare) / 100:g} where it is a fraction"
    if PLAIN.fullmatch(narrow := unicodedata.normalize("NFKC", text)) and not MARKED.fullmatch(text):
        return "is written in full-width figures", f"write {narrow}"
    if text[0] + text[-1] in ("()", "（）") and PLAIN.fullmatch(bare := text[1:-1]):
        return "is written in brackets", f"write -{bare} if a negative number is meant, else {bare}"
    if (marked := MARKED.fullmatch(text)) and PLAIN.fullmatch(marked["number"]):
        return f"carries the mark {marked['mark']}", f"write {marked['number']}, and say elsewhere what the mark means"
    if (united := UNITS.fullmatch(text)) and PLAIN.fullmatch(united["number"]):
        unit = f"{united['before']}{united['after']}".strip()
        return f"carries {unit!r}", f"write {united['number']}; a unit belongs in the head or the dictionary"
    return "is not a number", "correct it, or leave the cell empty"


def year(text: str) -> tuple[str, tuple[str, str] | None]:
    """Read a cell, or the head of a column, as a year; 2005年 is one.

    Parameters and result as of :func:`number`.

    Examples
    --------
    >>> year("2005年")
    ('2005', None)
    >>> year("2005-12-31")
    ('', ('is a date', 'write 2005'))
    >>> year("38353")[1]
    ('is the number by which Excel stores 2005-01-01', 'write 2005')
    """
    bare = text.removesuffix("年").strip()
    if re.fullmatch(r"[12][0-9]{3}(\.0+)?", bare):
        return bare[:4], None
    if day := DAY.fullmatch(text):
        return "", ("is a date", f"write {day['year']}")
    if re.fullmatch(r"[0-9]{2}", bare):
        return "", ("is a year of two figures", "write all four")
    if re.fullmatch(r"[0-9]{5}", bare) and int(bare) in SERIALS:
        stored = date(1899, 12, 30) + timedelta(days=int(bare))
        return "", (f"is the number by which Excel stores {stored}", f"write {stored.year}")
    if re.fullmatch(r"[１２][０-９]{3}年?", text):
        return "", ("is written in full-width figures", f"write {unicodedata.normalize('NFKC', text)[:4]}")
    if marked := re.fullmatch(r"([12][0-9]{3})\s*\D{1,4}", text):
        return "", ("carries a mark", f"write {marked[1]}")
    return "", ("is not a year", "write a year of four figures")
