"""Finding films by what somebody types, and the best-known ones by genre and decade. No markup, no screen.

The rule: every word that is typed begins a word of the title, accents, case, punctuation and articles aside; a year
counts as a word, and 2 is II. Where that finds nothing, one word may have one letter wrong. A title that is exactly
what was typed comes first, then those that begin with it, then the others; among equals, the film that more people
rated.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from recsys.data.catalog import UNKNOWN_YEAR, Catalog

MAX_QUERY = 100
"""Characters of a query that are looked at."""
MAX_WORDS = 12
_ARTICLES = frozenset(
    {"the", "a", "an", "le", "la", "les", "l", "un", "une", "el", "los", "las", "il", "lo", "der", "die", "das"}
)
_NO_ACCENT = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})
_ROMAN = {"2": "ii", "3": "iii", "4": "iv", "5": "v", "6": "vi", "7": "vii", "8": "viii", "9": "ix", "10": "x"}
_SAME_NUMBER = _ROMAN | {roman: number for number, roman in _ROMAN.items() if len(roman) > 1}  # V and X may be names
_MIN_MISTYPED = 3
"""Characters of a word that may have one wrong; in shorter ones, that would be any word."""
_PUNCTUATION = re.compile(r"[^\w]|_")


def plain(text: str) -> str:
    """Lower case without accents: "Amélie" -> "amelie"."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_NO_ACCENT))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The words of a query, without articles unless there is nothing else."""
    words = _PUNCTUATION.sub(" ", plain(text[:MAX_QUERY]).replace("'", "").replace("’", "")).split()[:MAX_WORDS]
    return [word for word in words if word not in _ARTICLES] or words


def _tokens(title: str, year: int) -> set[str]:
    """All words by which a title is found: "M*A*S*H" by m, a, s, h and mash; "Spider-Man" by spiderman as well."""
    found = {str(year)} if year != UNKNOWN_YEAR else set()
    for chunk in plain(title).split():
        parts = _PUNCTUATION.sub(" ", chunk).split()
        found |= {*parts, "".join(parts)}
    return found - {""}


def is_one_edit(first: str, second: str) -> bool:
    """Whether the words differ by one letter that is added, left out or replaced, or by two that are swapped."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    a, b = first[at:], second[at:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


@dataclass(frozen=True, eq=False)
class TitleIndex:
    """The films of a catalogue, ready to be searched.

    Args:
        catalog: the films.
        order: (I,) film indices, the best known first.
        place: (I,) where each film stands in `order`.
        heads: per film, its title's own words joined, for matches of the beginning.
        tokens: all words, sorted.
        items: per word, the films that have it.
    """

    catalog: Catalog
    order: np.ndarray
    place: np.ndarray
    heads: tuple[str, ...]
    tokens: tuple[str, ...]
    items: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, catalog: Catalog, counts: np.ndarray) -> TitleIndex:
        """An index; `counts` (I,) says how many people rated each film."""
        having: dict[str, set[int]] = defaultdict(set)
        for item, title in enumerate(catalog.titles):
            for token in _tokens(title, int(catalog.years[item])):
                having[token].add(item)
        tokens = sorted(having)
        order = np.argsort(-np.asarray(counts), kind="stable")
        heads = tuple(" ".join(words_of(title)) for title in catalog.titles)
        return cls(catalog, order, np.argsort(order), heads, tuple(tokens), tuple(frozenset(having[t]) for t in tokens))

    def find(self, query: str, n: int) -> list[int]:
        """At most n film indices for what was typed, best match first; none for a query without a word."""
        words = words_of(query)
        if not words:
            return []
        each = [self._meant_by(word) for word in words]
        found = set.intersection(*each) or self._with_one_mistyped(words, each)
        typed = " ".join(words)

        def key(item: int) -> tuple[int, int]:
            head = self.heads[item]
            return (0 if head == typed else 1 if head.startswith(typed) else 2, int(self.place[item]))

        return sorted(found, key=key)[:n]

    def beginning(self, title: str) -> int | None:
        """The film with this title, else the best known of those whose titles begin with it; None without any."""
        best = self.find(title, 1)
        return best[0] if best and self.heads[best[0]].startswith(" ".join(words_of(title))) else None

    def best_known(self, n: int, *, genre: str = "", decade: int | None = None) -> list[int]:
        """At most n of the most rated films, of a genre and of a decade where they are given; an unknown one has none.

        Args:
            decade: its first year, such as 1980.
        """
        allowed = np.ones(len(self.catalog), dtype=bool)
        if genre:
            names = self.catalog.genre_names
            allowed &= self.catalog.genres[:, names.index(genre)] if genre in names else False
        if decade is not None:
            allowed &= self.catalog.years // 10 * 10 == decade
        return self.order[allowed[self.order]][:n].tolist()

    def decades(self) -> list[int]:
        """The first years of the decades that have a film, oldest first."""
        years = self.catalog.years[self.catalog.years != UNKNOWN_YEAR]
        return sorted({int(year) // 10 * 10 for year in years})

    def _meant_by(self, word: str) -> set[int]:
        """Films with a word that begins so, or with the same number written the other way."""
        found, same = self._beginning_with(word), _SAME_NUMBER.get(word, "")
        at = bisect_left(self.tokens, same)
        return found | self.items[at] if same and at < len(self.tokens) and self.tokens[at] == same else found

    def _with_one_mistyped(self, words: list[str], each: list[set[int]]) -> set[int]:
        """Films that have all words but one, and a whole word that is one edit away from that one."""
        found: set[int] = set()
        for place, word in enumerate(words):
            others = each[:place] + each[place + 1 :]
            if len(word) < _MIN_MISTYPED or word.isdigit() or not all(others):  # a year is meant as it stands
                continue
            near = [films for token, films in zip(self.tokens, self.items, strict=True) if is_one_edit(word, token)]
            found |= set().union(*near).intersection(*others)
        return found

    def _beginning_with(self, prefix: str) -> set[int]:
        start = bisect_left(self.tokens, prefix)
        end = bisect_left(self.tokens, prefix + chr(sys.maxunicode), lo=start)  # no word has this character
        return set[int]().union(*self.items[start:end])
