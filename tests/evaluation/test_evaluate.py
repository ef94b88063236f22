from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest

from recsys.data.dataset import Dataset, History
from recsys.errors import UsageError
from recsys.evaluation.evaluate import BLOCK, COUNT, evaluate, pooled
from recsys.evaluation.metrics import LIST_METRICS
from recsys.evaluation.protocols import HOLDOUT, Ask, Task
from recsys.serving.ranking import recommend
from recsys.serving.scorers import ScorerState, Unit
from tests.toys import checkerboard, from_triples, genre_tastes


@dataclass
class FixedScorer:
    """Gives each known user a row of a matrix."""

    scores: np.ndarray
    unit: Unit = Unit.STRENGTH

    @property
    def n_items(self) -> int:
        return self.scores.shape[1]

    def score(self, histories: Sequence[History]) -> np.ndarray:
        return self.scores[[history.user or 0 for history in histories]].astype(np.float32)

    def state(self) -> ScorerState:
        raise NotImplementedError


def random_scorer(task: Task, unit: Unit, seed: int = 0) -> FixedScorer:
    """Scores with ties; where they are stars, some are off the scale."""
    random = np.random.default_rng(seed)
    shape = (task.known.n_users, task.known.n_items)
    scores = random.uniform(0.05, 0.95, shape) if unit is Unit.LIKE else random.normal(3, 2, shape)
    return FixedScorer(np.round(scores, 2), unit)


def truth(task: Task) -> np.ndarray:
    """(U, I) 1 where a film was held out and liked."""
    scores = np.zeros((task.known.n_users, task.known.n_items))
    for user in range(task.known.n_users):
        scores[user, task.relevant_of(user)] = 1
    return scores


@pytest.fixture(scope="module")
def task(demo_dataset: Dataset) -> Task:
    """The first 60 viewers of the demo, for whom a plain loop is quick enough."""
    return HOLDOUT.final(demo_dataset.select(demo_dataset.users < 60))


@pytest.mark.parametrize("toy", [checkerboard, genre_tastes])
def test_a_perfect_and_a_worst_scorer(toy: Callable[[], Task]) -> None:
    toy_task = toy()
    relevant = truth(toy_task)
    n = int(relevant.sum(axis=1)[0])
    perfect, worst = (evaluate(FixedScorer(scores), toy_task, (n,)).summary for scores in (relevant, -relevant))
    for name in LIST_METRICS:
        assert perfect[f"{name}@{n}"] == 1
        assert worst[f"{name}@{n}"] == 0


def test_perfect_and_worst_stars_and_probabilities() -> None:
    toy_task = genre_tastes()
    held_out = toy_task.known  # ratings from 1 to 5, so that there are pairs and both labels
    exam = replace(toy_task, held_out=held_out)
    stars = np.zeros((exam.known.n_users, exam.known.n_items))
    stars[held_out.users, held_out.items] = held_out.ratings
    perfect = evaluate(FixedScorer(stars, Unit.STARS), exam, (5,)).summary
    worst = evaluate(FixedScorer(6 - stars, Unit.STARS), exam, (5,)).summary
    assert (perfect["rmse"], perfect["mae"], perfect["fcp"], worst["fcp"]) == (0, 0, 1, 0)
    assert worst["mae"] == pytest.approx(np.abs(6 - 2 * held_out.ratings).mean())
    like = evaluate(FixedScorer(stars >= 4, Unit.LIKE), exam, (5,)).summary
    dislike = evaluate(FixedScorer(stars < 4, Unit.LIKE), exam, (5,)).summary
    assert (like["auc"], dislike["auc"]) == (1, 0)
    assert like["log_loss"] == pytest.approx(0, abs=1e-6)
    assert dislike["log_loss"] == pytest.approx(-math.log(1e-7))


# An independent second implementation, in plain loops, straight from docs/protocols.md


@dataclass
class NaiveUser:
    """What one user contributes."""

    ranked: list[int]
    relevant: set[int]
    stars: list[float]
    predicted: list[float]


def naive_users(scorer: FixedScorer, task: Task) -> list[NaiveUser]:
    known, held_out = (
        list(zip(part.users.tolist(), part.items.tolist(), part.ratings.tolist(), strict=True))
        for part in (task.known, task.held_out)
    )
    users = []
    for user in range(task.known.n_users):
        seen = {item for u, item, _ in known if u == user}
        of_user = [(item, stars) for u, item, stars in held_out if u == user]
        scores = scorer.scores[user].astype(np.float32).tolist()
        users.append(
            NaiveUser(
                ranked=sorted(set(range(scorer.n_items)) - seen, key=lambda item: (-scores[item], item)),
                relevant={item for item, stars in of_user if stars >= 4},
                stars=[stars for _, stars in of_user],
                predicted=[scores[item] for item, _ in of_user],
            )
        )
    return users


def naive_list_metrics(user: NaiveUser, k: int) -> dict[str, float]:
    hits = [item in user.relevant for item in user.ranked[:k]]
    ranks = [rank for rank, hit in enumerate(hits, start=1) if hit]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(user.relevant)) + 1))
    return {
        "ndcg": sum(1 / math.log2(rank + 1) for rank in ranks) / ideal,
        "recall": len(ranks) / len(user.relevant),
        "precision": len(ranks) / k,
        "hit_rate": float(bool(ranks)),
        "map": sum(sum(hits[:rank]) / rank for rank in ranks) / min(k, len(user.relevant)),
        "mrr": 1 / ranks[0] if ranks else 0.0,
    }


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def test_lists_are_measured_as_a_plain_loop_would(task: Task) -> None:
    scorer = random_scorer(task, Unit.STRENGTH)
    scorer.scores += 2 * truth(task)  # something to find
    ours, users = evaluate(scorer, task, HOLDOUT.ks), naive_users(scorer, task)
    counted = [user for user in users if user.relevant]
    assert 0 < len(counted) < len(users)
    assert ours.summary["users_counted"] == len(counted)
    for k in HOLDOUT.ks:
        expected = [naive_list_metrics(user, k) for user in counted]
        for name in LIST_METRICS:
            of_users = [row[name] for row in expected]
            assert ours.summary[f"{name}@{k}"] == pytest.approx(mean(of_users)), f"{name}@{k}"
            defined = ours.per_user[f"{name}@{k}"][[bool(user.relevant) for user in users]]
            np.testing.assert_allclose(defined, of_users, rtol=1e-6)


def test_breadth_is_measured_as_a_plain_loop_would(task: Task) -> None:
    scorer = random_scorer(task, Unit.STRENGTH)
    ours, known = evaluate(scorer, task, HOLDOUT.ks).summary, task.known
    lists = [user.ranked[:10] for user in naive_users(scorer, task)]
    times_known = [max(1, known.items.tolist().count(item)) for item in range(known.n_items)]
    genres = [set(known.catalog.genres_of(item)) for item in range(known.n_items)]
    times_listed = [sum(items.count(item) for items in lists) for item in range(known.n_items)]

    def spread(items: list[int]) -> float:
        pairs = [(genres[a], genres[b]) for i, a in enumerate(items) for b in items[i + 1 :]]
        return mean([1 - len(a & b) / len(a | b) for a, b in pairs])

    differences = sum(abs(a - b) for a in times_listed for b in times_listed)
    expected = {
        "coverage": sum(n > 0 for n in times_listed) / known.n_items,
        "gini": differences / (2 * known.n_items * sum(times_listed)),
        "novelty": mean([mean([-math.log2(times_known[i] / known.n_users) for i in items]) for items in lists]),
        "popularity": mean([mean([float(known.item_counts[i]) for i in items]) for items in lists]),
        "diversity": mean([spread(items) for items in lists]),
    }
    assert {name: ours[name] for name in expected} == pytest.approx(expected)


def test_a_hit_that_popularity_lists_too_is_no_surprise(task: Task) -> None:
    scorer = random_scorer(task, Unit.STRENGTH)
    scorer.scores += 2 * truth(task)
    counts = task.known.item_counts.astype(float)
    usual = naive_users(FixedScorer(np.tile(counts, (task.known.n_users, 1))), task)
    expected = [
        len({item for item in user.ranked[:10] if item in user.relevant} - set(popular.ranked[:10])) / 10
        for user, popular in zip(naive_users(scorer, task), usual, strict=True)
        if user.relevant
    ]
    ours = evaluate(scorer, task, HOLDOUT.ks).summary
    assert 0 < ours["serendipity"] < ours["precision@10"]
    assert ours["serendipity"] == pytest.approx(mean(expected))
    assert evaluate(FixedScorer(np.tile(counts, (task.known.n_users, 1))), task, (10,)).summary["serendipity"] == 0


def test_stars_are_measured_as_surprise_would_clipped_and_not_rounded(task: Task) -> None:
    from surprise import accuracy

    scorer = random_scorer(task, Unit.STARS)
    ours, users = evaluate(scorer, task, (5,)), naive_users(scorer, task)
    clipped = [
        (number, None, stars, min(5.0, max(1.0, predicted)), None)
        for number, user in enumerate(users)
        for stars, predicted in zip(user.stars, user.predicted, strict=True)
    ]
    assert any(row[3] in (1.0, 5.0) for row in clipped)
    assert any(row[3] % 1 for row in clipped)
    assert ours.summary["rmse"] == pytest.approx(accuracy.rmse(clipped, verbose=False))
    assert ours.summary["mae"] == pytest.approx(accuracy.mae(clipped, verbose=False))
    right = wrong = 0
    for number, user in enumerate(users):
        pairs = list(zip(user.stars, user.predicted, strict=True))
        right += sum(a > b and p > q for a, p in pairs for b, q in pairs)
        wrong += sum(a > b and p < q for a, p in pairs for b, q in pairs)
        if pairs:
            errors = [stars - min(5.0, max(1.0, predicted)) for stars, predicted in pairs]
            assert ours.per_user["rmse"][number] == pytest.approx(math.sqrt(mean([e * e for e in errors])), rel=1e-5)
            assert ours.per_user["mae"][number] == pytest.approx(mean([abs(e) for e in errors]), rel=1e-5)
    assert ours.summary["fcp"] == pytest.approx(right / (right + wrong))


def test_probabilities_are_measured_by_hand(task: Task) -> None:
    """AUC: the share of (liked, not liked) pairs in the right order, ties half. Log loss: mean of -log p(label)."""
    scorer = random_scorer(task, Unit.LIKE)
    ours, users = evaluate(scorer, task, (5,)), naive_users(scorer, task)
    rows = [(stars >= 4, p) for user in users for stars, p in zip(user.stars, user.predicted, strict=True)]

    def auc(pairs: list[tuple[bool, float]]) -> float:
        liked, not_liked = ([p for label, p in pairs if label is wanted] for wanted in (True, False))
        return mean([(a > b) + (a == b) / 2 for a in liked for b in not_liked])

    curve = ours.calibration
    assert curve is not None
    assert curve[:, 2].sum() == len(rows)
    gaps = [abs(mean_p - share) * n for mean_p, share, n in curve]
    assert ours.summary["calibration_error"] == pytest.approx(sum(gaps) / len(rows))
    assert ours.summary["auc"] == pytest.approx(auc(rows))
    assert ours.summary["log_loss"] == pytest.approx(mean([-math.log(p if label else 1 - p) for label, p in rows]))
    for number, user in enumerate(users):
        pairs = [(stars >= 4, p) for stars, p in zip(user.stars, user.predicted, strict=True)]
        both = len({label for label, _ in pairs}) == 2
        assert ours.per_user["auc"][number] == pytest.approx(auc(pairs) if both else math.nan, nan_ok=True)


# The numbers belong to the lists on screen


def test_hits_are_those_of_the_lists_that_recommend_gives(task: Task) -> None:
    scorer = random_scorer(task, Unit.STRENGTH, seed=1)
    lists = recommend(scorer, task.known.histories(), 10).items
    found = [np.isin(items, task.relevant_of(user)).mean() for user, items in enumerate(lists)]
    liked = np.array([len(task.relevant_of(user)) > 0 for user in range(task.known.n_users)])
    ours = evaluate(scorer, task, (10,)).per_user["precision@10"]
    np.testing.assert_allclose(ours, np.where(liked, found, np.nan), rtol=1e-6)


def test_users_in_several_blocks_are_measured_alike() -> None:
    n = BLOCK + 3
    rows = [(user, user % 3, 5.0) for user in range(n)]
    known = from_triples(rows, n_users=n, n_items=6)
    held_out = from_triples([(user, 3 + user % 3, 5.0) for user in range(n)], n_users=n, n_items=6)
    whole = Task(known, held_out, relevance=4.0)
    assert evaluate(FixedScorer(truth(whole)), whole, (1,)).summary["ndcg@1"] == 1


def test_no_more_than_a_block_of_users_is_scored_at_a_time() -> None:
    """What bounds the memory: all scores of 6,040 users x 3,706 films would be 90 MB, those of ML-20M 15 GB."""
    n, asked = 2 * BLOCK + 1, []

    class Counting(FixedScorer):
        def score(self, histories: Sequence[History]) -> np.ndarray:
            asked.append(len(histories))
            return super().score(histories)

    known = from_triples([(user, 0, 5.0) for user in range(n)], n_users=n, n_items=3)
    held_out = from_triples([(user, 1, 5.0) for user in range(n)], n_users=n, n_items=3)
    evaluate(Counting(np.ones((n, 3)), Unit.STARS), Task(known, held_out, relevance=4.0), (1,))
    assert asked == [BLOCK, BLOCK, 1]


def test_a_user_who_liked_nothing_held_out_is_not_counted_and_not_zero() -> None:
    known = from_triples([(0, 0, 5.0), (1, 0, 5.0), (2, 0, 5.0)], n_users=3, n_items=3)
    held_out = from_triples([(0, 1, 4.0), (1, 1, 3.5)], n_users=3, n_items=3)  # user 2: nothing at all
    result = evaluate(FixedScorer(np.ones((3, 3))), Task(known, held_out, relevance=4.0), (1,))
    assert result.summary["users_counted"] == 1
    assert result.summary["hit_rate@1"] == 1
    np.testing.assert_array_equal(result.per_user["hit_rate@1"], [1, np.nan, np.nan])


def test_what_a_unit_does_not_mean_is_not_measured(task: Task) -> None:
    names = {unit: set(evaluate(random_scorer(task, unit), task, (5,)).summary) for unit in Unit}
    assert {"rmse", "mae", "fcp"} <= names[Unit.STARS]
    assert {"auc", "log_loss"} <= names[Unit.LIKE]
    for unit in (Unit.STRENGTH, Unit.NEXT, Unit.VIEWERS):
        assert not {"rmse", "mae", "fcp", "auc", "log_loss"} & names[unit]


def test_only_what_the_task_asks_is_measured(task: Task) -> None:
    stars, like = random_scorer(task, Unit.STARS), random_scorer(task, Unit.LIKE)

    def names(scorer: FixedScorer, *asks: Ask) -> set[str]:
        return set(evaluate(scorer, replace(task, asks=frozenset(asks)), (5,)).summary)

    assert names(stars, Ask.STARS) == {"rmse", "mae", "fcp"}
    assert names(stars, Ask.ORDER, Ask.PROBABILITIES) == {"auc"}  # stars have an order, and are no probabilities
    assert names(like, Ask.ORDER, Ask.PROBABILITIES) == {"auc", "log_loss", "calibration_error"}
    assert "ndcg@5" in names(like, Ask.LISTS)
    assert not {"auc", "log_loss"} & names(like, Ask.LISTS)


def test_predictions_are_rounded_to_the_scale_by_the_exhibit_alone() -> None:
    known = from_triples([(0, 0, 5.0)], n_users=1, n_items=4)
    held_out = from_triples([(0, 1, 4.0), (0, 2, 4.0), (0, 3, 4.0)], n_users=1, n_items=4)
    task = Task(known, held_out, relevance=4.0, asks=frozenset({Ask.STARS}))
    scorer = FixedScorer(np.array([[0.0, 3.6, 3.4, 9.0]]), Unit.STARS)
    assert evaluate(scorer, task, (1,)).summary["mae"] == pytest.approx((0.4 + 0.6 + 1) / 3)
    assert evaluate(scorer, replace(task, is_rounded=True), (1,)).summary["mae"] == pytest.approx((0 + 1 + 1) / 3)


# Intervals and folds


def test_intervals_surround_the_summary_and_rmse_counts_ratings(task: Task) -> None:
    found = evaluate(random_scorer(task, Unit.STARS), task, (5,))
    intervals, errors = found.intervals(), found.standard_errors()
    for name in ("ndcg@5", "novelty", "rmse", "mae"):
        low, high = intervals[name]
        assert low < found.summary[name] < high
    assert errors["novelty"] == pytest.approx((intervals["novelty"][1] - intervals["novelty"][0]) / 3.92, rel=0.1)
    for name in ("auc", "fcp", "coverage", COUNT):
        assert name not in intervals
    assert not {"rmse", "mae", "fcp"} & set(errors)


def test_folds_are_pooled_by_hand() -> None:
    """User 0 has errors 1, 1 in one fold and 2 in the other: RMSE sqrt(2); user 1 has none in the second."""

    def fold(rows: list[tuple[int, int, float]]) -> Task:
        known = from_triples([(0, 0, 1.0)], n_users=2, n_items=3)
        return Task(known, from_triples(rows, n_users=2, n_items=3), 4.0, frozenset({Ask.STARS}))

    threes = FixedScorer(np.full((2, 3), 3.0), Unit.STARS)
    folds = [evaluate(threes, fold(rows), (1,)) for rows in ([(0, 0, 4.0), (0, 1, 2.0), (1, 0, 3.0)], [(0, 2, 5.0)])]
    whole = pooled(folds)
    np.testing.assert_allclose(whole.per_user["rmse"], [math.sqrt(2), 0], rtol=1e-6)
    np.testing.assert_allclose(whole.per_user["mae"], [4 / 3, 0], rtol=1e-6)
    np.testing.assert_array_equal(whole.per_user[COUNT], [3, 1])
    assert whole.summary["rmse"] == pytest.approx((math.sqrt(2 / 3) + 2) / 2)  # the mean over folds
    assert pooled(folds[:1]) is folds[0]


def test_lists_longer_than_the_catalogue_are_left_out() -> None:
    toy_task = checkerboard(6)
    summary = evaluate(FixedScorer(truth(toy_task)), toy_task, (5, 50)).summary
    assert "ndcg@5" in summary
    assert "ndcg@50" not in summary


def test_a_catalogue_shorter_than_every_list_is_refused_with_a_reason() -> None:
    toy_task = checkerboard(4)
    with pytest.raises(UsageError, match="4 films"):
        evaluate(FixedScorer(truth(toy_task)), toy_task, (5, 10))
