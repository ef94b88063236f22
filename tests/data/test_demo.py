"""The embedded data set: a valid list of films, and simulated viewers from whom something can be learnt."""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections import Counter
from importlib.resources import files

import numpy as np
import pytest

from recsys.data import demo
from recsys.data.catalog import AGE_BANDS
from recsys.data.dataset import Dataset

FINGERPRINT = "b16b6c59d045b08721088896f206640bc5aeb6c23454e777cdc81d450302b2db"
"""Of seed 0. It may change only together with the simulation or the film list: trained models belong to it."""

GENRES = {
    "Action", "Adventure", "Animation", "Children", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
    "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return demo.build()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    text = files("recsys.data").joinpath("demo_films.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


class TestFilmList:
    def test_each_row_has_every_column(self, rows: list[dict[str, str]]) -> None:
        columns = {"title", "year", "genres", "series", "part", "fame"}
        assert len(rows) >= 450
        assert all(set(row) == columns and None not in row.values() for row in rows)

    def test_titles_with_years_are_unique(self, rows: list[dict[str, str]]) -> None:
        counts = Counter((row["title"].casefold(), row["year"]) for row in rows)
        assert [film for film, count in counts.items() if count > 1] == []

    def test_titles_have_no_stray_spaces(self, rows: list[dict[str, str]]) -> None:
        assert all(row["title"] == " ".join(row["title"].split()) != "" for row in rows)

    def test_years_and_fame_are_plausible(self, rows: list[dict[str, str]]) -> None:
        years = [int(row["year"]) for row in rows]
        assert 1900 <= min(years) < 1930
        assert 2020 <= max(years) <= 2026
        assert {row["fame"] for row in rows} == set("12345")

    def test_genres_are_known_sorted_and_all_used(self, rows: list[dict[str, str]]) -> None:
        genres = [row["genres"].split("|") for row in rows]
        assert all(names == sorted(set(names)) for names in genres)
        assert set().union(*genres) == GENRES

    def test_series_are_complete_and_in_order(self, rows: list[dict[str, str]]) -> None:
        parts: dict[str, list[int]] = {}
        for row in rows:
            assert bool(row["series"]) == bool(row["part"])
            if row["series"]:
                parts.setdefault(row["series"], []).append(int(row["part"]))
        assert len(parts) >= 25
        assert all(numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 1 for numbers in parts.values())

    def test_newest_film_was_out_before_the_first_rating(self, dataset: Dataset) -> None:
        first = dataset.timestamps.min().astype("datetime64[s]")
        assert first > np.datetime64("2024-03-01")  # the first showing of the newest film
        newest = [dataset.catalog.label(int(i)) for i in np.flatnonzero(dataset.catalog.years >= 2024)]
        assert newest == ["Dune: Part Two (2024)"]

    @pytest.mark.parametrize(
        "label",
        [
            "M*A*S*H (1970)",
            "$ (1971)",
            "The Million Dollar Duck (1971)",
            "Amélie (2001)",
            "WALL·E (2008)",
            "12 Angry Men (1957)",
            "Thelma & Louise (1991)",
            "π (1998)",
            "[REC] (2007)",
            "8½ (1963)",
            '"Crocodile" Dundee (1986)',
            "Schindler's List (1993)",
            "2001: A Space Odyssey (1968)",
            "The Good, the Bad and the Ugly (1966)",
            "Everything You Always Wanted to Know About Sex * But Were Afraid to Ask (1972)",
            "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb (1964)",
            "Borat: Cultural Learnings of America for Make Benefit Glorious Nation of Kazakhstan (2006)",
        ],
    )
    def test_tricky_titles_are_there(self, dataset: Dataset, label: str) -> None:
        assert label in {dataset.catalog.label(item) for item in range(dataset.n_items)}


class TestSimulation:
    def test_counts(self, dataset: Dataset) -> None:
        assert dataset.name == "demo"
        assert dataset.n_users >= 600
        assert 40_000 <= len(dataset) <= 50_000
        assert dataset.user_counts.min() == demo.MIN_FILMS
        assert 200 <= dataset.user_counts.max() <= demo.MAX_FILMS
        assert dataset.item_counts.min() >= 3

    def test_says_that_viewers_are_simulated(self, dataset: Dataset) -> None:
        assert any("simulated viewers" in note.lower() for note in dataset.notes)

    def test_same_seed_same_bytes(self, dataset: Dataset) -> None:
        assert dataset.fingerprint == FINGERPRINT
        assert demo.build(0).fingerprint == FINGERPRINT

    def test_other_seed_other_viewers(self, dataset: Dataset) -> None:
        other = demo.build(1)
        assert other.fingerprint != dataset.fingerprint
        assert other.catalog.titles == dataset.catalog.titles

    def test_is_built_in_seconds(self) -> None:
        start = time.perf_counter()
        demo.build()
        assert time.perf_counter() - start < 3  # 0.4 s on an idle machine

    def test_needs_numpy_only(self) -> None:
        heavy = {"pandas", "scipy", "sklearn", "torch", "keras", "tensorflow", "surprise"}
        code = f"import sys, recsys.data.demo; recsys.data.demo.build(); print({heavy} & set(sys.modules))"
        result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert result.stdout.strip() == "set()"

    def test_nobody_rates_a_film_twice(self, dataset: Dataset) -> None:
        pairs = dataset.users.astype(np.int64) * dataset.n_items + dataset.items
        assert len(np.unique(pairs)) == len(dataset)

    def test_ratings_are_whole_stars_mostly_four(self, dataset: Dataset) -> None:
        shares = np.bincount(dataset.ratings.astype(int), minlength=6) / len(dataset)
        assert set(np.unique(dataset.ratings)) == {1.0, 2.0, 3.0, 4.0, 5.0}
        assert shares.argmax() == 4
        assert 3.4 < dataset.ratings.mean() < 3.8

    def test_times_are_in_order_and_in_range(self, dataset: Dataset) -> None:
        times = dataset.timestamps.astype("datetime64[s]")
        assert times.min() >= np.datetime64("2023-01-01")
        assert times.max() < np.datetime64("2026-01-01")
        gaps = np.concatenate([np.diff(dataset.history(user).timestamps) for user in range(dataset.n_users)])
        assert gaps.min() > 3_600  # no two films at once
        assert 0.4 < (gaps < 6 * 3_600).mean() < 0.9  # evenings of several films

    def test_viewers_are_described(self, dataset: Dataset) -> None:
        viewers = dataset.viewers
        assert viewers.age.names == ("unknown", *AGE_BANDS)
        for attribute in (viewers.gender, viewers.age, viewers.occupation, viewers.zip_area):
            assert set(attribute.codes) == set(range(1, len(attribute.names)))
        children = [viewers.occupation.name(u) for u in range(len(viewers)) if viewers.age.name(u) == "under 18"]
        assert set(children) == {"student"}


class TestSomethingToLearn:
    def test_popularity_has_a_long_tail(self, dataset: Dataset) -> None:
        counts = np.sort(dataset.item_counts)[::-1]
        assert counts[: len(counts) // 5].sum() > 0.4 * len(dataset)
        assert counts[0] > 5 * np.median(counts)

    def test_popularity_drifts(self, dataset: Dataset) -> None:
        early = dataset.timestamps < np.median(dataset.timestamps)
        halves = np.stack([np.bincount(dataset.items[half], minlength=dataset.n_items) for half in (early, ~early)])
        often = halves.sum(axis=0) >= 40
        share = halves[0, often] / halves[:, often].sum(axis=0)
        by_chance = 0.25 * (1 / halves[:, often].sum(axis=0)).mean()
        assert share.var() > 1.5 * by_chance

    def test_sequels_come_after_and_soon(self, dataset: Dataset) -> None:
        before = demo.read_films().before
        in_order, next_up = [], []
        for user in range(dataset.n_users):
            place = {item: t for t, item in enumerate(dataset.history(user).items.tolist())}
            both = [(place[int(before[item])], t) for item, t in place.items() if int(before[item]) in place]
            in_order += [first < second for first, second in both]
            next_up += [second - first == 1 for first, second in both]
        assert len(in_order) > 1_000
        assert 0.85 < np.mean(in_order) < 1
        assert np.mean(next_up) > 0.8

    def test_what_was_seen_tells_what_is_seen_next(self, dataset: Dataset) -> None:
        """For everybody's last film: co-occurrence beats popularity, and so does what followed the film before it."""
        histories = [history.items for history in dataset.histories()]
        seen = np.zeros((dataset.n_users, dataset.n_items), dtype=np.float32)
        follows = np.zeros((dataset.n_items, dataset.n_items), dtype=np.float32)
        for user, items in enumerate(histories):
            seen[user, items[:-1]] = 1
            np.add.at(follows, (items[:-2], items[1:-1]), 1)
        popularity = seen.sum(axis=0)
        together = seen.T @ seen / np.sqrt(np.outer(popularity, popularity))
        last, latest = (np.array([items[-n] for items in histories]) for n in (1, 2))
        everybody = np.arange(dataset.n_users)

        def hit_rate(scores: np.ndarray) -> float:
            scores = np.where(seen > 0, -np.inf, scores)
            return float(((scores > scores[everybody, last][:, None]).sum(axis=1) < 10).mean())

        baseline = hit_rate(np.broadcast_to(popularity, seen.shape))
        assert baseline > 3 * 10 / dataset.n_items
        assert hit_rate(seen @ together) > 1.5 * baseline
        assert hit_rate(follows[latest] + popularity / 1e4) > 1.5 * baseline

    def test_stars_depend_on_viewer_film_and_taste(self, dataset: Dataset) -> None:
        """Biases explain a good part of the stars; what a viewer gave to a genre before explains some of the rest."""
        stars, users, items = dataset.ratings.astype(float), dataset.users, dataset.items
        rest = stars - stars.mean()
        for rows, damping in ((items, 5), (users, 5)):
            rest = rest - (np.bincount(rows, rest) / (np.bincount(rows) + damping))[rows]
        assert rest.var() < 0.7 * stars.var()

        genres = dataset.catalog.genres / np.sqrt(dataset.catalog.genres.sum(axis=1, keepdims=True))
        early = np.arange(len(dataset)) % 2 == 0
        liking = np.zeros((dataset.n_users, genres.shape[1]))
        np.add.at(liking, users[early], rest[early, None] * genres[items[early]])

        def agreement(viewers: np.ndarray) -> float:
            match = (liking[viewers] * genres[items[~early]]).sum(axis=1)
            return float(np.corrcoef(match, rest[~early])[0, 1])

        assert agreement(users[~early]) > 0.08  # chance is 0.000 +- 0.007
        assert abs(agreement((users[~early] + 1) % dataset.n_users)) < 0.03  # somebody else's liking says nothing
