"""Technical words that explain themselves in place: each says in a line what it means, and leads to its worked example.

A word is a link to How it works whose fragment names it, in Streamlit's text as in a component. What it means is said
by one component for the whole page (`components/words`), which finds those links wherever they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from recsys.lessons.glossary import METRICS, WORDS
from recsys.ui import url

_OTHER_FORMS = {"holdout": ("held out", "held-out"), "fold-in": ("folds in",)}
_UNMARKED = {"attention", "batch", "bias", "factor", "hit", "loss", "negative", "popularity"}
"""In a sentence these mostly mean what they mean everywhere, or name a model."""


@dataclass(frozen=True)
class Word:
    """A word of the glossary.

    Args:
        id: its name in an address.
        topic: the part of How it works that it leads to.
        says: what it means, in a line.
    """

    id: str
    topic: str
    says: str


def _words() -> dict[str, Word]:
    """Word in small letters -> what is known of it."""
    found = {word.lower(): Word(re.sub(r"\W+", "-", word.lower()), "words", says) for word, says in WORDS.items()}
    for metric in METRICS:
        found[metric.label.lower()] = Word(metric.slug, f"metrics-{metric.slug}", metric.rewards)
    for word, forms in _OTHER_FORMS.items():
        found |= dict.fromkeys(forms, found[word])
    return found


_FOUND = _words()
_FORMS = "|".join(re.escape(word) for word in sorted(set(_FOUND) - _UNMARKED, key=len, reverse=True))
# What stays as it is comes first: code, links, and a word that is part of another one.
_WORD = re.compile(rf"`[^`]*`|\[[^\]]*\]\([^)]*\)|(?<![\w\\-])({_FORMS})(s?)(\\?@[0-9]+)?(?![\w-])", re.IGNORECASE)


def find(text: str) -> Word | None:
    """The word that is meant by "nDCG@10", "Held out" or "Protocols"; None for any other text."""
    name = text.partition("@")[0].lower()
    return _FOUND.get(name) or _FOUND.get(name.removesuffix("s"))


def place(text: str) -> str | None:
    """The part of How it works that a word leads to and its name there, for a component: "metrics-ndcg#ndcg"."""
    word = find(text)
    return f"{word.topic}#{word.id}" if word else None


def among(texts: Iterable[str]) -> dict[str, str]:
    """The words of the glossary in plain texts, as they stand there, and where each leads to; for a component."""
    found = {}
    for match in (match for text in texts for match in _WORD.finditer(text)):
        if where := place(match[1] or ""):
            found[match[0]] = where
    return found


def address(word: Word) -> str:
    """Where the word leads to from a page of the app."""
    return f"{url.address('how_it_works', replace(url.current(), topic=word.topic))}#{word.id}"


def linked(markdown: str) -> str:
    """Markdown in which each word of the glossary leads to its meaning, where it stands for the first time."""
    seen: set[str] = set()

    def link(match: re.Match[str]) -> str:
        word = find(match[1] or "")
        if word is None or word.id in seen:
            return match[0]
        seen.add(word.id)
        return f"[{match[0]}]({address(word)})"

    return _WORD.sub(link, markdown)


def markdown(text: str, *, width: Literal["stretch", "content"] = "stretch") -> None:
    st.markdown(linked(text), width=width)


def caption(text: str) -> None:
    st.caption(linked(text))


def meanings() -> dict[str, str]:
    """What each word means, by its id."""
    return {word.id: word.says for word in _FOUND.values()}
