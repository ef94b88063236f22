"""A film's title as people say it: the article in front, the year apart."""

from __future__ import annotations

import html
import re

from recsys.data.catalog import UNKNOWN_YEAR
from recsys.data.reading import shown_as

# "(1999)", "(2006–2007)", "(2014– )", and IMDb's mark of a video or TV film behind the year: "(1995) (V)"
_YEAR = re.compile(r"\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?)?\s*\)(?:\s*\((?:V|TV)\))?$")
_MEDIA = ("V", "TV", "")
_ARTICLES = (
    "The|An|A|Les|Le|La|L['’]|Une|Un|Das|Der|Die|Den|Det|De|Ein|Eine|El|Los|Las|Lo|Il|I|Gli|Una|Uno|O|Os|As|En|Ett|Het"
)
_MOVED_ARTICLE = re.compile(rf"(a\.k\.a\.? )?(.+), ({_ARTICLES})")


def parse_title(text: str) -> tuple[str, int]:
    """Title as people say it, and the year (0 where there is none).

    "City of Lost Children, The (Cité des enfants perdus, La) (1995)"
    -> ("The City of Lost Children (La Cité des enfants perdus)", 1995)
    """
    if "&#" in text:
        text = html.unescape(text)
    text = shown_as(text)
    year = UNKNOWN_YEAR
    found = _YEAR.search(text)
    if found and found.start() and 1850 <= int(found[1]) <= 2100:
        year, text = int(found[1]), text[: found.start()]
    groups: list[str] = []  # other titles, in parentheses behind the first
    while text.endswith(")") and (start := text.rfind("(")) > 0 and ")" not in text[start:-1]:
        groups.insert(0, text[start + 1 : -1].strip())
        text = text[:start].rstrip()
    shown = (f"({_article_first(group)})" for group in groups if group not in _MEDIA)
    return " ".join([_article_first(text), *shown]), year


def _article_first(text: str) -> str:
    """ "Matrix, The" -> "The Matrix"; "Avventura, L'" -> "L'Avventura"."""
    match = _MOVED_ARTICLE.fullmatch(text)
    if match is None:
        return text
    known_as, rest, article = match[1] or "", match[2], match[3]
    space = "" if article[-1] in "'’" else " "
    return known_as + article + space + rest
