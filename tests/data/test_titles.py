from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.movielens.titles import parse_title


@pytest.mark.parametrize(
    ("text", "title", "year"),
    [
        ("Matrix, The (1999)", "The Matrix", 1999),
        ("\x1b]0;Matrix\x07, \x9b31mThe\x00 (1999)", "]0;Matrix, 31mThe", 1999),  # what a terminal would obey
        ("Christmas Carol, A (1938)", "A Christmas Carol", 1938),
        ("American in Paris, An (1951)", "An American in Paris", 1951),
        ("Avventura, L' (Adventure, The) (1960)", "L'Avventura (The Adventure)", 1960),
        ("Postino, Il (The Postman) (1994)", "Il Postino (The Postman)", 1994),
        ("Boot, Das (Boat, The) (1981)", "Das Boot (The Boat)", 1981),
        ("Wings of Desire (Himmel über Berlin, Der) (1987)", "Wings of Desire (Der Himmel über Berlin)", 1987),
        ("Tin Drum, The (Blechtrommel, Die) (1979)", "The Tin Drum (Die Blechtrommel)", 1979),
        ("Mariachi, El (1992)", "El Mariachi", 1992),
        ("Young and the Damned, The (Olvidados, Los) (1950)", "The Young and the Damned (Los Olvidados)", 1950),
        ("Misérables, Les (1995)", "Les Misérables", 1995),
        ("Cercle Rouge, Le (Red Circle, The) (1970)", "Le Cercle Rouge (The Red Circle)", 1970),
        (
            "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
            "The City of Lost Children (La Cité des enfants perdus)",
            1995,
        ),
        (
            "City of the Living Dead (a.k.a. Gates of Hell, The) (Paura nella città dei morti viventi) (1980)",
            "City of the Living Dead (a.k.a. The Gates of Hell) (Paura nella città dei morti viventi)",
            1980,
        ),
        ("Good, the Bad and the Ugly, The (1966)", "The Good, the Bad and the Ugly", 1966),
        ("Paris, Texas (1984)", "Paris, Texas", 1984),
        ("I, Robot (2004)", "I, Robot", 2004),
        ("unknown", "unknown", 0),
        ("Babylon 5", "Babylon 5", 0),
        ("Two Friends (1986) ", "Two Friends", 1986),
        ("Land Before Time III: The Great Giving (1995) (V)", "Land Before Time III: The Great Giving", 1995),
        ("Movie (V) (1996)", "Movie", 1996),
        ("Associate, The (L'Associe)(1982)", "The Associate (L'Associe)", 1982),
        ("White Balloon, The (Badkonake Sefid ) (1995)", "The White Balloon (Badkonake Sefid)", 1995),
        ("Death Note: Desu nôto (2006–2007)", "Death Note: Desu nôto", 2006),
        ("Cosmos (2014- )", "Cosmos", 2014),
        ("Et Dieu&#8230;Créa la Femme (1956)", "Et Dieu…Créa la Femme", 1956),
        ("1984 (1984)", "1984", 1984),
        ("(500) Days of Summer (2009)", "(500) Days of Summer", 2009),
        ("2001: A Space Odyssey (1968)", "2001: A Space Odyssey", 1968),
        ("Movie (3000)", "Movie (3000)", 0),
        ("(1999)", "(1999)", 0),
        ("M*A*S*H (a.k.a. MASH) (1970)", "M*A*S*H (a.k.a. MASH)", 1970),
        ("$1,000,000 Duck (1971)", "$1,000,000 Duck", 1971),
        ("", "", 0),
        ("\u202etime \u2066lies\u2069\u202c (1990)", "time lies", 1990),
        ("ze\u200dro\u200cwidth", "ze\u200dro\u200cwidth", 0),
    ],
)  # fmt: skip
def test_titles_as_people_say_them(text: str, title: str, year: int) -> None:
    assert parse_title(text) == (title, year)


@given(st.text(alphabet="(), 'TheLa1999V", max_size=60))
def test_any_text_is_a_title(text: str) -> None:
    title, year = parse_title(text)
    assert year == 0 or 1850 <= year <= 2100
    assert set(title) <= set(text) | {" "}
