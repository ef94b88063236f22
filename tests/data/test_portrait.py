"""The counts of the Data page: by hand on toys, and against pandas on the real MovieLens 100K."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.data import portrait, sources
from recsys.data.catalog import Catalog, Categorical, IdMap
from recsys.data.dataset import Dataset, RatingScale
from recsys.data.movielens import reader
from recsys.data.portrait import Band, Tail
from recsys.evaluation.hidden_part import cut_of
from recsys.evaluation.protocols import HOLDOUT, NEXT, RATE
from tests.toys import from_triples

MONDAY = 345_600
"""5 January 1970."""
DAY, WEEK = 86_400, 7 * 86_400


def toy(rows: list[tuple[int, int, float, int]], n_users: int, n_items: int, **changes: object) -> Dataset:
    """(user, film, stars, time) rows."""
    made = from_triples(
        [(u, i, stars) for u, i, stars, _ in rows],
        n_users=n_users,
        n_items=n_items,
        timestamps=[time for *_, time in rows],
    )
    return replace(made, **changes)


def test_a_histogram_has_every_level_of_the_scale() -> None:
    stars = portrait.histogram(toy([(0, 0, 4, 1), (0, 1, 4, 2), (1, 0, 1, 3), (1, 1, 5, 4)], 2, 2))
    assert stars.stars == (1, 2, 3, 4, 5)
    assert stars.n_ratings == (1, 0, 0, 2, 1)
    assert stars.favourite == 4
    assert stars.share_from(4) == 0.75


def test_a_histogram_of_half_stars() -> None:
    halves = RatingScale(0.5, 5.0, 0.5)
    stars = portrait.histogram(toy([(0, 0, 0.5, 1), (0, 1, 4.5, 2), (0, 2, 4.5, 3)], 1, 3, scale=halves))
    assert len(stars.stars) == 10
    assert stars.n_ratings == (1, 0, 0, 0, 0, 0, 0, 0, 2, 0)


def test_the_tail_of_eleven_films() -> None:
    tail = Tail.of(np.array([1, 50, 0, 10, 10, 10, 5, 5, 5, 2, 2]))  # 100 ratings of 10 films, one without
    assert tail.counts.tolist() == [50, 10, 10, 10, 5, 5, 5, 2, 2, 1]
    assert tail.median == 5
    assert tail.share_of_top(0.1) == 0.5
    assert tail.share_of_top(0.2) == 0.6
    assert tail.n_for_share(0.5) == 1
    assert tail.n_for_share(0.51) == 2
    assert tail.n_for_share(1.0) == 10
    assert tail.n_up_to(2) == 3


def test_a_tail_of_nothing_and_of_one() -> None:
    nothing = Tail.of(np.zeros(3, dtype=np.int64))
    assert (len(nothing.counts), nothing.n_for_share(0.5)) == (0, 0)
    assert np.isnan(nothing.median)
    assert np.isnan(nothing.share_of_top(0.1))
    assert Tail.of(np.array([7])).share_of_top(0.1) == 1.0


def test_weeks_begin_on_monday_and_have_no_gaps() -> None:
    rows = [
        (0, 0, 3, MONDAY + WEEK - 1),  # Sunday night
        (0, 1, 3, MONDAY + WEEK),  # Monday, a second later
        (1, 0, 3, MONDAY + 3 * WEEK + DAY),
        (1, 1, 3, MONDAY + 3 * WEEK + 2 * DAY),
    ]
    activity = portrait.activity(toy(rows, 3, 2))  # the third user has rated nothing
    assert activity.unit == "week"
    assert activity.starts.astype(str).tolist() == ["1970-01-05", "1970-01-12", "1970-01-19", "1970-01-26"]
    assert activity.n_ratings.tolist() == [1, 1, 0, 2]
    assert activity.n_new_users.tolist() == [1, 0, 0, 1]


def test_a_long_time_is_counted_by_month() -> None:
    times = [pd.Timestamp(day).value // 10**9 for day in ("1999-12-31 23:59:59", "2000-01-01", "2002-03-15")]
    activity = portrait.activity(toy([(0, n, 3, time) for n, time in enumerate(times)], 1, 3))
    assert activity.unit == "month"
    assert len(activity.starts) == 28
    assert activity.starts[[0, 1, -1]].astype(str).tolist() == ["1999-12-01", "2000-01-01", "2002-03-01"]
    assert activity.n_ratings[[0, 1, -1]].tolist() == [1, 1, 1]
    assert activity.n_ratings.sum() == 3
    assert activity.n_new_users.tolist() == [1] + [0] * 27


def test_spans_leave_out_who_has_rated_nothing() -> None:
    first, last = portrait.spans(toy([(2, 0, 3, 50), (0, 0, 3, 30), (2, 1, 3, 20), (2, 2, 3, 90)], 3, 3))
    assert (first.tolist(), last.tolist()) == ([30, 20], [30, 90])


def test_genres_by_decade() -> None:
    catalog = Catalog(
        ids=IdMap(np.arange(4)),
        titles=("a", "b", "c", "d"),
        years=np.array([1979, 1995, 1999, 0]),
        genres=np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=bool),
        genre_names=("Drama", "Comedy", "Western"),
    )
    rows = [(0, 0, 3, 1), (0, 1, 3, 2), (1, 1, 3, 3), (1, 3, 3, 4)]
    genres = portrait.genres_by_decade(toy(rows, 2, 4, catalog=catalog))
    assert genres.genres == ("Drama", "Comedy")  # the only western has no year
    assert genres.decades == (1970, 1980, 1990)
    assert genres.n_films.tolist() == [[1, 0, 1], [0, 0, 2]]
    assert genres.n_ratings.tolist() == [[1, 0, 2], [0, 0, 2]]
    assert genres.all_films.tolist() == [1, 0, 2]
    assert genres.all_ratings.tolist() == [1, 0, 2]
    assert genres.n_undated == 1


def test_films_without_years_have_no_decades() -> None:
    genres = portrait.genres_by_decade(toy([(0, 0, 3, 1)], 1, 2))
    assert (genres.decades, genres.genres, genres.n_undated) == ((), (), 2)


def test_bands_keep_their_order_with_the_unknown_last() -> None:
    age = Categorical(np.array([0, 2, 1, 2, 0]), ("unknown", "young", "old", "nobody"))
    assert portrait.bands(age, np.array([1, 2, 3, 4, 5])) == [
        Band("young", 1, 3),
        Band("old", 2, 6),
        Band("unknown", 2, 6),
    ]
    assert portrait.bands(Categorical.unknown(5), np.arange(5)) == []


# One user under a protocol


def ten_ratings() -> Dataset:
    """User 0 rates ten films from time 100 on; user 1 rates five, all later."""
    rows = [(0, item, 5.0 if item % 2 else 2.0, 100 + item) for item in range(10)]
    return toy([*rows, *((1, item, 4.0, 1000 + item) for item in range(5))], 2, 10)


def test_holdout_hides_the_last_fifth() -> None:
    cut = cut_of(HOLDOUT.final(ten_ratings()), 0)
    assert cut.items.tolist() == list(range(10))
    assert cut.is_hidden.tolist() == [False] * 8 + [True] * 2
    assert cut.is_hit.tolist() == [False] * 9 + [True]  # film 8 has 2 stars, film 9 has 5
    assert (cut.n_kept, cut.n_hidden, cut.n_filled_in) == (8, 2, 0)
    assert (cut.n_known, cut.n_known_later) == (12, 4)  # all that is kept of user 1 comes later


def test_next_hides_one_film_and_counts_it_whatever_its_stars() -> None:
    cut = cut_of(NEXT.final(ten_ratings()), 0)
    assert cut.is_hidden.tolist() == [False] * 9 + [True]
    assert cut.is_hit.tolist() == cut.is_hidden.tolist()


def test_a_random_fold_hides_gaps_and_asks_for_no_list() -> None:
    data = ten_ratings()
    cut = cut_of(RATE.finals(data)[0], 0)
    hidden = np.sort(np.random.RandomState(0).permutation(15)[:3])  # the first of five folds
    assert cut.items[cut.is_hidden].tolist() == [int(row) for row in hidden if row < 10]
    assert cut.n_filled_in == int((cut.times[cut.is_hidden] < cut.times[~cut.is_hidden].max()).sum()) > 0
    assert not cut.is_hit.any()


def test_at_one_time_what_is_kept_comes_first() -> None:
    cut = cut_of(HOLDOUT.final(toy([(0, item, 4.0, 500) for item in range(5)], 1, 5)), 0)
    assert cut.is_hidden.tolist() == [False] * 4 + [True]
    assert cut.n_filled_in == cut.n_known_later == 0


# The real data, counted again


@pytest.fixture(scope="module")
def frame(ml100k: Dataset) -> pd.DataFrame:
    """u.data as pandas reads it, past our loader."""
    path = sources.find("ml-100k")
    if path is None or not (path / "u.data").is_file():
        pytest.skip("the files of MovieLens 100K are in a zip here")
    assert reader.layout_of(path) is not None
    return pd.read_csv(path / "u.data", sep="\t", names=["user", "film", "stars", "time"])


def test_real_stars_and_tails_agree_with_pandas(ml100k: Dataset, frame: pd.DataFrame) -> None:
    stars = portrait.histogram(ml100k)
    assert dict(zip(stars.stars, stars.n_ratings, strict=True)) == frame.stars.value_counts().to_dict()
    assert stars.share_from(4) == pytest.approx((frame.stars >= 4).mean())
    for column, counts in (("film", ml100k.item_counts), ("user", ml100k.user_counts)):
        tail, per = Tail.of(counts), frame[column].value_counts()
        assert tail.counts.tolist() == per.tolist()
        assert tail.median == per.median()
        assert tail.share_of_top(0.1) == pytest.approx(per.head(round(len(per) / 10)).sum() / len(frame))
        assert tail.n_for_share(0.5) == (per.cumsum() < len(frame) / 2).sum() + 1
        assert tail.n_up_to(4) == (per <= 4).sum()


def test_real_weeks_and_sittings_agree_with_pandas(ml100k: Dataset, frame: pd.DataFrame) -> None:
    weeks = pd.to_datetime(frame.time, unit="s").dt.to_period("W-SUN")
    per_week = weeks.value_counts().sort_index()
    activity = portrait.activity(ml100k)
    assert activity.unit == "week"
    filled = activity.n_ratings > 0
    assert activity.n_ratings[filled].tolist() == per_week.tolist()
    assert activity.starts[filled].astype(str).tolist() == [str(week.start_time.date()) for week in per_week.index]
    joined = weeks.groupby(frame.user).min().value_counts().sort_index()
    assert activity.n_new_users[activity.n_new_users > 0].tolist() == joined.tolist()
    first, last = portrait.spans(ml100k)
    per_user = frame.groupby("user").time
    np.testing.assert_array_equal(last - first, (per_user.max() - per_user.min()).to_numpy())


def test_real_genres_and_people_agree_with_pandas(ml100k: Dataset, frame: pd.DataFrame) -> None:
    folder = sources.find("ml-100k")
    assert folder is not None
    names = [line.split("|")[0] for line in (folder / "u.genre").read_text(encoding="latin-1").split("\n") if line]
    columns = ["film", "title", "date", "video", "link", *names]
    films = pd.read_csv(folder / "u.item", sep="|", encoding="latin-1", names=columns, index_col="film")
    year = films.title.str.extract(r"\((\d{4})\)\s*(?:\((?:V|TV)\))?\s*$")[0].dropna().astype(int)
    decade = year // 10 * 10
    genres = portrait.genres_by_decade(ml100k)
    per_film = frame.film.value_counts()
    for place, first in enumerate(genres.decades):
        of_decade = decade.index[decade == first]
        assert genres.all_films[place] == len(of_decade)
        assert genres.all_ratings[place] == per_film.reindex(of_decade).sum()
        drama = films.loc[of_decade].Drama.astype(bool)
        assert genres.n_films[genres.genres.index("Drama"), place] == drama.sum()
    users = pd.read_csv(folder / "u.user", sep="|", names=["user", "age", "gender", "job", "zip"], index_col="user")
    per_user = frame.user.value_counts()
    found = {band.name: band for band in portrait.bands(ml100k.viewers.gender, ml100k.user_counts)}
    for letter, name in (("F", "female"), ("M", "male")):
        group = users.index[users.gender == letter]
        assert found[name] == Band(name, len(group), int(per_user.reindex(group).sum()))
    ages = {band.name: band.n_users for band in portrait.bands(ml100k.viewers.age, ml100k.user_counts)}
    assert ages["25-34"] == users.age.between(25, 34).sum()
    jobs = {band.name: band.n_users for band in portrait.bands(ml100k.viewers.occupation, ml100k.user_counts)}
    assert jobs == users.job.value_counts().to_dict()


def test_real_holdout_of_a_user_agrees_with_pandas(ml100k: Dataset, frame: pd.DataFrame) -> None:
    mine = frame[frame.user == 405].sort_values("time", kind="stable")
    n_hidden = int(0.2 * len(mine))
    cut = cut_of(HOLDOUT.final(ml100k), ml100k.viewers.ids.index(405))
    assert (len(cut.items), cut.n_hidden) == (len(mine), n_hidden)
    assert cut.stars.tolist() == mine.stars.tolist()
    assert int(cut.is_hit.sum()) == (mine.stars.tail(n_hidden) >= 4).sum()
