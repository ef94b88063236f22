"""What the bands are given: users in groups, by what they said of themselves. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict

from recsys.data.portrait import Band
from recsys.ui.components.mount import Component
from recsys.ui.text import count, percent


class BandRow(TypedDict):
    """`bar` is the share of the users and `line` that of the ratings, both as parts of the largest in the group."""

    label: str
    text: str
    share: str
    bar: float
    line: float
    said: str


class BandGroup(TypedDict):
    title: str
    rows: list[BandRow]


class BandsPayload(TypedDict):
    groups: list[BandGroup]
    note: str


draw: Component[BandsPayload] = Component("bands")


def payload(groups: Mapping[str, Sequence[Band]]) -> BandsPayload:
    """A small bar chart per attribute."""
    return {
        "groups": [{"title": title, "rows": _rows(found)} for title, found in groups.items()],
        "note": "The bar is the share of the users, the line the share of the ratings that they gave. "
        "Ages are in bands.",
    }


def _rows(found: Sequence[Band]) -> list[BandRow]:
    n_users, n_ratings = sum(band.n_users for band in found), sum(band.n_ratings for band in found)
    shares = [(band.n_users / n_users, band.n_ratings / n_ratings) for band in found]
    widest = max(max(pair) for pair in shares)
    return [
        {
            "label": band.name,
            "text": f"{band.n_users:,}",
            "share": percent(of_users),
            "bar": round(of_users / widest, 4),
            "line": round(of_ratings / widest, 4),
            "said": f"{band.name}: {count(band.n_users, 'user')}, {percent(of_users)}; "
            f"{count(band.n_ratings, 'rating')}, {percent(of_ratings)}",
        }
        for band, (of_users, of_ratings) in zip(found, shares, strict=True)
    ]


def table(groups: Mapping[str, Sequence[Band]]) -> tuple[list[str], list[list[object]]]:
    """A band per row, for a file: header and rows."""
    rows: list[list[object]] = [
        [title, band.name, band.n_users, band.n_ratings] for title, found in groups.items() for band in found
    ]
    return ["group", "band", "users", "ratings"], rows
