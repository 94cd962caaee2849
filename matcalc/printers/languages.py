"""The words of a derivation in another language, from the table ``phrases.tsv``: a phrase in English, and what it is there.

A phrase is looked up as it stands, with ``{}`` for formulas; else a list of formulas in it as one, by a phrase with ``{}`` for some
of its words, or by its parts between semicolons, colons, full stops and commas.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh")  # the columns of the table
STOPS = dict(zip(LANGUAGES, (".", "。"), strict=True))
MARKS = {"; ": "；", ": ": "：", ". ": "。", ", ": "，"}
WIDE = r"[\u2e80-\u2fdf\u3005-\u9fff\uf900-\ufaff]"  # letters of Chinese and Japanese, each a word
_LIST = re.compile(r"\{\}(?:, \{\}| and \{\}| …)+")
_WORD = re.compile("[a-z]{3}")


@cache
def phrases(lang: str) -> dict[str, str]:
    """The table: what each phrase is in a language."""
    from importlib.resources import files

    rows = files("matcalc.printers").joinpath("phrases.tsv").read_text("utf-8").splitlines()
    at = LANGUAGES.index(lang)
    return {cells[0]: cells[at] for cells in (row.split("\t") for row in rows if row and not row.startswith("#"))}


def said(phrase: str, lang: str) -> str:
    """The phrase in a language; as it is where the table lacks it."""
    return phrase if lang == ENGLISH or not phrase else _found(phrase, lang) or phrase


def sentence(text: str, lang: str) -> str:
    """Capital at the beginning (unless a formula stands there), full stop at the end."""
    text = text.strip()
    if not text:
        return ""
    capital = lang == ENGLISH and (text[:2].isalpha() or text[:2] in ("a ", "A "))
    return (text[0].upper() if capital else text[0]) + text[1:] + ("" if text[-1] in ".!?:。！？：" else STOPS[lang])


def tokens(text: str, whole: str = "(?!)") -> list[str]:
    """Words, with one blank before them where there was one; of Chinese each letter with its marks. ``whole`` is not broken."""
    return [" " * word[0].isspace() + word.strip() for word in _tokens(whole).findall(text)]


@cache
def _tokens(whole: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?:{WIDE}|[（“][^，。；：）]?|(?:{whole}|(?!{WIDE}|[（“])\S)+)[，。；：、）”]*")


@lru_cache(maxsize=4096)
def _found(phrase: str, lang: str) -> str | None:
    table = phrases(lang)
    return table.get(phrase) or _with_list(phrase, lang) or _by_pattern(phrase, lang, True) or _by_parts(phrase, lang) or (
        _by_pattern(phrase, lang, False)
    )  # fmt: skip


def _with_list(phrase: str, lang: str) -> str | None:
    """``{}, {} and {} put in``: of several formulas what the table says of one."""
    several = _LIST.search(phrase)
    if several is None:
        return None
    found = phrases(lang).get(phrase.replace(several[0], "{}", 1))
    listed = several[0].replace(" and ", "、").replace(", ", "、").replace(" …", " 等")
    return found and found.replace("{}", listed, 1)


def _by_parts(phrase: str, lang: str) -> str | None:
    for mark, there in MARKS.items():
        if mark in phrase:
            parts = [_found(part, lang) or ("" if _WORD.search(part) else part) for part in phrase.split(mark)]
            if all(parts):
                return there.join(parts)
    return None


def _by_pattern(phrase: str, lang: str, tight: bool) -> str | None:
    """By a phrase of the table that has other words in some places; ``tight`` ones have no comma there."""
    if "{}" in phrase:
        return None
    for pattern, found in _patterns(lang, tight):
        match = pattern.fullmatch(phrase)
        if match:
            return found.format(*(_found(words, lang) or words for words in match.groups()))
    return None


@cache
def _patterns(lang: str, tight: bool) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The phrases with places for words, the longest first."""
    words = "([^,;]+?)" if tight else "(.+?)"
    keys = sorted((key for key in phrases(lang) if "{}" in key), key=len, reverse=True)
    return tuple((re.compile(words.join(map(re.escape, key.split("{}")))), phrases(lang)[key]) for key in keys)


__all__ = ["LANGUAGES", "phrases", "said", "sentence", "tokens"]
