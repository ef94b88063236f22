"""What somebody types finds what they mean."""

from __future__ import annotations

import time

import numpy as np
import pytest

from recsys.data.catalog import Catalog, IdMap
from recsys.data.dataset import Dataset, RatingScale
from recsys.data.title_search import TitleIndex, is_one_edit, plain, words_of
from recsys.serving.starters import HARD_TO_PLEASE, starters

FILMS = (
    ("The Matrix", 1999, 60),
    ("The Matrix Reloaded", 2003, 40),
    ("Amélie", 2001, 50),
    ("12 Angry Men", 1957, 30),
    ("12 Angry Men", 1997, 5),
    ("Alien", 1979, 45),
    ("Aliens", 1986, 55),
    ("My Stepmother Is an Alien", 1988, 70),
    ("M*A*S*H", 1970, 8),
    ("Schindler's List", 1993, 58),
    ("Spider-Man", 2002, 33),
    ("$1,000,000 Duck", 1971, 1),
    ("<script>alert(1)</script>", 1990, 2),
    ("M", 1931, 3),
    ("Seven (Se7en)", 1995, 44),
    ("Ædla Øst", 0, 0),
)


def index_of(films: tuple[tuple[str, int, int], ...] = FILMS, genres: np.ndarray | None = None) -> TitleIndex:
    table = np.zeros((len(films), 0)) if genres is None else genres
    names = tuple(("Drama", "Sci-Fi", "Horror")[: table.shape[1]])
    ids = IdMap(np.arange(1, len(films) + 1))
    catalog = Catalog(ids, tuple(t for t, _, _ in films), np.array([y for _, y, _ in films]), table, names)
    return TitleIndex.of(catalog, np.array([n for _, _, n in films]))


INDEX = index_of()


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("matrix", ["The Matrix (1999)", "The Matrix Reloaded (2003)"]),
        ("the matrix", ["The Matrix (1999)", "The Matrix Reloaded (2003)"]),
        ("MATR", ["The Matrix (1999)", "The Matrix Reloaded (2003)"]),
        ("reloaded matrix", ["The Matrix Reloaded (2003)"]),
        ("amelie", ["Amélie (2001)"]),
        ("AMÉLIE", ["Amélie (2001)"]),
        ("12 angry", ["12 Angry Men (1957)", "12 Angry Men (1997)"]),
        ("angry 1997", ["12 Angry Men (1997)"]),
        # exactly that first, then what begins with it, then the best-known of all
        ("alien", ["Alien (1979)", "Aliens (1986)", "My Stepmother Is an Alien (1988)"]),
        ("mash", ["M*A*S*H (1970)"]),
        ("m*a*s*h", ["M*A*S*H (1970)"]),
        ("m", ["M (1931)"]),
        ("schindlers", ["Schindler's List (1993)"]),
        ("schindler’s list", ["Schindler's List (1993)"]),
        ("spiderman", ["Spider-Man (2002)"]),
        ("spider man", ["Spider-Man (2002)"]),
        ("se7en", ["Seven (Se7en) (1995)"]),
        ("$1,000,000", ["$1,000,000 Duck (1971)"]),
        ("aedla ost", ["Ædla Øst"]),
        ("<script>", ["<script>alert(1)</script> (1990)"]),
        ("matrix amelie", []),
        ("zzz", []),
        ("", []),
        ("   ", []),
        ("***", []),
    ],
)
def test_what_is_typed_finds_the_film(typed: str, titles: list[str]) -> None:
    found = [INDEX.catalog.label(item) for item in INDEX.find(typed, 20)]
    assert found[: max(len(titles), 1)] == titles


def test_every_word_has_to_begin_one() -> None:
    assert INDEX.find("trix", 5) == []
    assert INDEX.find("angry women", 5) == []


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("wrs", "wars", True), ("wars", "wrs", True), ("wqrs", "wars", True), ("wasr", "wars", True),
        ("war", "wars", True), ("awrs", "wars", True), ("wars", "wars", False), ("sawr", "wars", False),
        ("ws", "wars", False), ("rasw", "wars", False), ("", "a", True), ("", "ab", False),
    ],
)  # fmt: skip
def test_one_letter_wrong(first: str, second: str, one: bool) -> None:
    assert is_one_edit(first, second) is one


SEQUELS = (
    ("Star Wars", 1977, 9),
    ("Star Trek V: The Final Frontier", 1989, 3),
    ("The Godfather", 1972, 8),
    ("The Godfather: Part II", 1974, 7),
    ("The Godfather: Part III", 1990, 2),
    ("Terminator 2: Judgment Day", 1991, 6),
    ("Stir Wars", 1955, 1),
    ("V", 1983, 4),
    ("Room 5", 1980, 5),
)


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("star wrs", ["Star Wars"]),
        ("satr wars", ["Star Wars"]),
        ("star wars", ["Star Wars"]),  # no guess while there is a film: "Stir Wars" is one edit away
        ("stbr wars", ["Star Wars", "Stir Wars"]),  # the better known first
        ("strr wrs", []),  # two words wrong
        ("godfathr", ["The Godfather", "The Godfather: Part II", "The Godfather: Part III"]),
        ("godfather 1973", []),  # a year is meant as it stands
        ("go 77", []),
        ("godfather 2", ["The Godfather: Part II"]),
        ("godfather 3", ["The Godfather: Part III"]),
        ("godfathr 2", ["The Godfather: Part II"]),
        ("terminator ii", ["Terminator 2: Judgment Day"]),
        ("star trek 5", ["Star Trek V: The Final Frontier"]),
        ("v", ["V", "Star Trek V: The Final Frontier"]),  # a name, and not the room's number
    ],
)
def test_a_slip_and_a_number_written_the_other_way(typed: str, titles: list[str]) -> None:
    index = index_of(SEQUELS)
    assert [index.catalog.titles[item] for item in index.find(typed, 9)] == titles
    assert index.beginning("star wrs") is None  # a title that is asked for is not guessed


def test_an_article_alone_is_a_word() -> None:
    assert words_of("the") == ["the"]
    assert words_of("the an") == ["the", "an"]
    assert words_of("An Alien") == ["alien"]
    assert plain("Das Leben der ÄNDEREN") == "das leben der anderen"


@pytest.mark.parametrize("typed", ["a" * 100_000, "a " * 50_000, "\0\n\t", "🎬", "Ａｌｉｅｎ", "%_"])
def test_nothing_that_is_typed_breaks_it(typed: str) -> None:
    assert len(INDEX.find(typed, 3)) <= 3


def test_the_list_is_as_long_as_asked_and_each_film_once() -> None:
    assert len(INDEX.find("a", 2)) == 2
    found = INDEX.find("a", 99)
    assert len(found) == len(set(found)) > 2


def test_best_known_films_of_a_genre_and_a_decade() -> None:
    genres = np.zeros((len(FILMS), 3), dtype=bool)
    genres[[0, 1, 5, 6], 1] = True
    index = index_of(genres=genres)
    assert index.best_known(3) == [7, 0, 9]
    assert index.best_known(9, genre="Sci-Fi") == [0, 6, 5, 1]
    assert index.best_known(2, genre="Sci-Fi", decade=1980) == [6]
    assert index.best_known(9, decade=1950) == [3]
    assert index.best_known(9, genre="No such genre") == []
    assert index.best_known(9, decade=0) == [15]  # the film of no known year is of no decade that is offered
    assert index.decades() == [1930, 1950, 1970, 1980, 1990, 2000]


def test_ten_thousand_films_are_searched_while_one_types() -> None:
    films = tuple((f"Film {n} of the {n % 97} words", 1950 + n % 60, n) for n in range(10_000))
    index = index_of(films)
    start = time.process_time()
    for typed in ("f", "fi", "film", "film 99", "of 12", "words 19", "flim 99 wrods"):
        index.find(typed, 30)
    assert (time.process_time() - start) / 7 < 0.1


def test_starters_are_made_of_films_that_are_there(demo_dataset: Dataset) -> None:
    index = TitleIndex.of(demo_dataset.catalog, demo_dataset.item_counts)
    found = starters(index, demo_dataset.scale)
    assert [each.name for each in found] == [
        "Science fiction",
        "Family films",
        "Love stories",
        "Old classics",
        HARD_TO_PLEASE,
    ]
    for each in found:
        items = [item for item, _ in each.films]
        assert 4 <= len(items) == len(set(items)) <= 9
        assert all(stars in (1.0, 5.0) for _, stars in each.films)
        years = demo_dataset.catalog.years[items].tolist()
        assert years == sorted(years)
    science = {demo_dataset.catalog.titles[item]: stars for item, stars in found[0].films}
    assert science["Alien"] == science["Blade Runner"] == 5.0
    assert {stars for _, stars in found[-1].films} == {1.0}


def test_without_those_titles_a_taste_is_a_genre_s_best_known() -> None:
    films = tuple((f"Number {n}", 1990 - n, 100 - n) for n in range(12))
    genres = np.zeros((12, 3), dtype=bool)
    genres[:8, 1] = True
    found = starters(index_of(films, genres), RatingScale(0.5, 5.0, 0.5))
    assert [each.name for each in found] == ["Science fiction", HARD_TO_PLEASE]
    assert [item for item, _ in found[0].films] == [5, 4, 3, 2, 1, 0]  # the six best known, the oldest first
    assert {stars for _, stars in found[1].films} == {0.5}


def test_an_empty_catalogue_has_no_tastes() -> None:
    empty = TitleIndex.of(Catalog.anonymous(0), np.zeros(0))
    assert empty.find("a", 3) == empty.best_known(3) == empty.decades() == []
    assert starters(empty, RatingScale()) == []
