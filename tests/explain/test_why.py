"""Explanations on models small enough to take apart by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.dataset import History
from recsys.explain import shares as explain_shares
from recsys.explain.networks import MOST_LEFT_OUT, leave_each_out, steps
from recsys.explain.parts import Films, place, without
from recsys.explain.shares import N_AT_END, axes_of, factors_of, pairwise_shares, ridge_shares
from recsys.explain.why import explain, reasons
from recsys.models.base import FitOptions
from recsys.models.item_knn import ItemKNN
from recsys.serving.fold_in import ridge_vector
from recsys.serving.scorers import FactorScorer, Query, ScorerState, Unit
from tests.toys import checkerboard, from_triples

RANDOM = np.random.default_rng(0)
N, D = 30, 5
FACTORS = RANDOM.normal(scale=0.5, size=(N, D)).astype(np.float32)
BIAS = RANDOM.normal(scale=0.3, size=N).astype(np.float32)
DATA = from_triples(
    [(u, i, float(1 + (3 * u + i) % 5)) for u in range(6) for i in range(N) if (u + i) % 3], n_users=6, n_items=N
)
NEW_USER = History.of_new_user([2, 7, 11, 20, 5, 28], [5, 1, 4, 3, 5, 2])


def stars_model(regularization: float = 0.1) -> FactorScorer:
    return FactorScorer(
        unit=Unit.STARS,
        query=Query.RIDGE,
        item_bias=BIAS,
        item_factors=FACTORS,
        user_bias=RANDOM.normal(size=6).astype(np.float32),
        user_factors=RANDOM.normal(size=(6, D)).astype(np.float32),
        global_bias=3.5,
        regularization=regularization,
    )


def pairs_model(recency: float, n_candidates: int) -> FactorScorer:
    asked = {"regularization": 0.05, "min_rating": 3.0, "star_power": 2.0, "recency": recency}
    return FactorScorer(Unit.STRENGTH, Query.PAIRWISE, BIAS, FACTORS, n_candidates=n_candidates, **asked)


def total(explanation) -> float:
    return sum(term.value for term in explanation.terms)


def test_ease_by_hand() -> None:
    """Three films: the second says 0.5 about the first, the third -0.2; a disliked film says nothing."""
    weights = np.array([[0, 0.5, -0.2, 9.0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], dtype=np.float32)
    ease = FactorScorer(Unit.STRENGTH, Query.INTERACTIONS, np.zeros(4, dtype=np.float32), weights, min_rating=4.0)
    known = from_triples([(0, 1, 5.0)], n_users=1, n_items=4)
    why = explain(ease, known, History.of_new_user([2, 1, 3], [4, 5, 1]), 0)
    assert why.score == pytest.approx(0.3)
    assert dict(zip(why.films.items.tolist(), why.films.values.tolist(), strict=True)) == pytest.approx(
        {2: -0.2, 1: 0.5}
    )
    assert why.films.first == 1
    assert (why.rank, why.n_ranked) == (1, 1)


def test_votes_with_weights_by_hand() -> None:
    """With 5 stars and the last place a film says 0.5; with 4 stars and one of two places older, -0.2 times a share."""
    weights = np.array([[0, 0.5, -0.2], [0, 0, 0], [0, 0, 0]], dtype=np.float32)
    asked = {"star_power": 2.0, "recency": 6.0}
    ease = FactorScorer(Unit.STRENGTH, Query.INTERACTIONS, np.zeros(3, dtype=np.float32), weights, **asked)
    known = from_triples([(0, 1, 5.0)], n_users=1, n_items=3)
    new_user = History.of_new_user([2, 1], [4, 5])
    why = explain(ease, known, new_user, 0)
    share = 0.8**2 * np.exp(-6 / 2)
    assert why.films.items.tolist() == [2, 1]
    assert why.films.values.tolist() == pytest.approx([-0.2 * share, 0.5])
    assert why.score == pytest.approx(total(why), abs=1e-6)
    assert "louder with more stars and a later place" in why.method
    assert (why.films.is_split, why.films.is_loss) == (True, False)  # the others would move up


def test_als_is_three_averages() -> None:
    als = FactorScorer(
        Unit.STARS,
        Query.BIAS,
        np.array([0.5, -0.5], dtype=np.float32),
        user_bias=np.array([0.25], dtype=np.float32),
        global_bias=3.0,
        regularization=1.0,
    )
    known = from_triples([(0, 0, 5.0)], n_users=1, n_items=2)
    of_user = explain(als, known, known.history(0), 1)
    assert [term.value for term in of_user.terms] == pytest.approx([3.0, -0.5, 0.25])
    assert total(of_user) == pytest.approx(of_user.score, abs=1e-5)
    # The new user's 5 stars lie 1.5 above 3.0 + 0.5; shrunk by one imaginary film that is 0.75.
    of_new_user = explain(als, known, History.of_new_user([0], [5.0]), 1)
    assert [term.value for term in of_new_user.terms] == pytest.approx([3.0, -0.5, 0.75])
    assert of_new_user.films is None


@pytest.mark.parametrize("history", [NEW_USER, DATA.history(3)], ids=["new user", "known user"])
@pytest.mark.parametrize("item", [0, 13, 29])
def test_the_terms_of_a_stars_model_add_up_and_so_do_the_films(history: History, item: int) -> None:
    scorer = stars_model()
    why = explain(scorer, DATA, history, item)
    assert total(why) == pytest.approx(why.score, abs=1e-5)
    carried = scorer.global_bias + float(BIAS[item]) + why.films.values.sum() + why.films.rest
    assert carried == pytest.approx(why.score, abs=1e-5)
    if history.user is None:
        assert abs(why.films.rest) < 1e-5
    else:
        as_visitor = scorer.score([replace(history, user=None)])[0, item]
        assert why.films.rest == pytest.approx(why.score - as_visitor, abs=1e-5)  # what training knows beyond


@pytest.mark.parametrize("regularization", [0.1, 0.0])
@pytest.mark.parametrize("n", [1, 3, 20])
def test_the_ridge_shares_sum_to_the_product(n: int, regularization: float) -> None:
    residuals = RANDOM.normal(size=n)
    vector, bias = ridge_vector(FACTORS[:n], residuals, regularization)
    shares = ridge_shares(FACTORS[:n].astype(float), residuals, regularization, FACTORS[25].astype(float))
    assert shares.sum() == pytest.approx(bias + float(vector @ FACTORS[25]), abs=1e-5)
    assert len(ridge_shares(np.zeros((0, D)), np.zeros(0), 0.1, FACTORS[25])) == 0


def test_a_ridge_share_is_what_one_residual_adds() -> None:
    """The score is linear in the stars: half a star more for one film moves it by half of share / residual."""
    scorer, item, changed = stars_model(), 13, 3
    ratings = NEW_USER.ratings.copy()
    ratings[changed] += 0.5
    moved = scorer.score([NEW_USER, replace(NEW_USER, ratings=ratings)])[:, item]
    share = reasons(scorer, DATA, NEW_USER, item).films.values[changed]
    film = NEW_USER.items[changed]
    residual = NEW_USER.ratings[changed] - scorer.global_bias - BIAS[film]
    assert moved[1] - moved[0] == pytest.approx(0.5 * share / residual, abs=1e-4)


def test_ials_is_split_over_the_liked_films() -> None:
    scorer = FactorScorer(
        Unit.STRENGTH,
        Query.WEIGHTED,
        np.zeros(N, dtype=np.float32),
        FACTORS,
        regularization=2.0,
        min_rating=4.0,
        alpha=7.0,
    )
    why = explain(scorer, DATA, NEW_USER, 13)
    assert set(why.films.items.tolist()) == {2, 11, 5}
    assert why.films.values.sum() == pytest.approx(why.score, abs=1e-5)


@pytest.mark.parametrize("n_candidates", [1, 4])
def test_the_pulls_of_bpr_balance_at_the_vector_of_the_fold_in(n_candidates: int) -> None:
    scorer = pairs_model(recency=1.0, n_candidates=n_candidates)
    why = explain(scorer, DATA, NEW_USER, 13)
    assert total(why) == pytest.approx(why.score, abs=1e-5)
    assert set(why.films.items.tolist()) == {2, 11, 20, 5}
    product = why.score - float(BIAS[13])
    assert why.films.values.sum() + why.films.rest == pytest.approx(product, abs=1e-5)
    # Exact for one candidate; the fold-in stands in for the draws of several by films at fixed places.
    assert abs(why.films.rest) < (1e-3 if n_candidates == 1 else 0.25 * np.abs(why.films.values).sum())
    items, shares = pairwise_shares(scorer, History.of_new_user([7], [1]), np.zeros(D), 13)
    assert len(items) == len(shares) == 0


def test_shares_found_in_blocks_are_those_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = pairs_model(recency=0.0, n_candidates=4)
    person = RANDOM.normal(size=D)
    items, at_once = pairwise_shares(scorer, NEW_USER, person, 13)
    n_unseen = N - len(NEW_USER)
    for n_rows in (0, 1, 3):  # not even one film fits; one at a time; three and the one that is left
        monkeypatch.setattr(explain_shares, "MOST_COMPARED", n_rows * n_unseen)
        again, in_blocks = pairwise_shares(scorer, NEW_USER, person, 13)
        assert again.tolist() == items.tolist()
        np.testing.assert_allclose(in_blocks, at_once, rtol=1e-12)


def test_a_vote_is_lost_with_its_film_and_a_share_is_not() -> None:
    """Without a film the vector of iALS is solved anew from the others, which take over a part of its share."""
    weights = np.abs(RANDOM.normal(size=(N, N))).astype(np.float32)
    ease = FactorScorer(Unit.STRENGTH, Query.INTERACTIONS, np.zeros(N, dtype=np.float32), weights, min_rating=4.0)
    ials = replace(ease, query=Query.WEIGHTED, item_factors=FACTORS, regularization=2.0, alpha=7.0)
    for scorer, is_loss in ((ease, True), (ials, False), (stars_model(), False)):
        films = reasons(scorer, DATA, NEW_USER, 13).films
        assert films.is_loss is is_loss
        at = NEW_USER.items.tolist().index(int(films.items[0]))
        with_film, without_film = scorer.score([NEW_USER, without(NEW_USER, at)])[:, 13]
        assert bool(abs(with_film - without_film - films.values[0]) < 1e-5) is is_loss


def test_the_axes_keep_all_products_and_name_well_known_films() -> None:
    axes, person = axes_of(stars_model()), RANDOM.normal(size=D)
    np.testing.assert_allclose(axes.T @ axes, np.eye(D), atol=1e-6)
    vectors = FACTORS.astype(float)
    products = (person @ axes) * (vectors @ axes)[4]
    assert products.sum() == pytest.approx(person @ vectors[4])
    counts = np.arange(N)[::-1]
    factors = factors_of(vectors, axes, person, 4, counts)
    assert [abs(factor.value) for factor in factors] == sorted(np.abs(products))[::-1][: len(factors)]
    known = set(range(max(2 * N_AT_END, int(0.2 * N))))
    for factor in factors:
        assert {*factor.toward, *factor.away} <= known
        along = (vectors @ axes)[:, factor.place - 1] * np.sign((vectors @ axes)[4, factor.place - 1])
        assert along[list(factor.toward)].min() > along[list(factor.away)].max()


def test_item_knn_votes_add_up_on_the_checkerboard() -> None:
    task = checkerboard()
    scorer = ItemKNN().fit(task.known, FitOptions())
    for history in task.known.histories([0, 7]):
        why = explain(scorer, task.known, history, history.user)
        assert why.films.values.sum() == pytest.approx(why.score, abs=1e-5)
        assert (why.films.items % 2 == history.user % 2).all()  # the disliked ones say nothing
        assert why.rank == 1


class Planted:
    """A network-like scorer with a known answer: 0.1 a film, and 0.5 for film 3 if film 1 came before film 2."""

    n_items, unit = 8, Unit.NEXT

    def __init__(self, encoder: str = "item_sequence", max_length: int = 4) -> None:
        self.settings = {"encoder": encoder, "max_length": max_length}
        self.n_asked = 0

    def score(self, histories) -> np.ndarray:
        self.n_asked += len(histories)
        scores = np.zeros((len(histories), 8), dtype=np.float32)
        for row, history in enumerate(histories):
            read = history.items.tolist()[-self.settings["max_length"] :]
            scores[row] = 0.1 * len(read)
            if 1 in read and 2 in read and read.index(1) < read.index(2):
                scores[row, 3] += 0.5
        return scores

    def state(self) -> ScorerState:
        return ScorerState("onnx", self.settings)


def test_leaving_each_film_out_finds_what_was_planted() -> None:
    why = explain(Planted(), DATA, History.of_new_user([6, 1, 2], [3, 3, 3]), 3)
    assert why.films.values == pytest.approx([0.1, 0.6, 0.6])
    assert not why.films.is_split
    assert why.films.first == 1  # a tie: the earlier one
    assert (why.rank, why.n_ranked) == (1, 5)


def test_only_what_is_read_is_left_out_and_long_histories_are_cut() -> None:
    long = History.of_new_user([6, 7, 0, 1, 2, 5], [3] * 6)
    why = explain(Planted(), DATA, long, 3)
    assert why.films.items.tolist() == [0, 1, 2, 5]
    assert why.films.values == pytest.approx([0, 0.5, 0.5, 0])  # an older film moves into the window of four
    assert "newest 4 of 6" in why.method
    cut = leave_each_out(Planted(max_length=99), long, 3, n_most=2)
    assert (cut.items.tolist(), cut.n_unasked) == ([2, 5], 4)
    assert MOST_LEFT_OUT >= 100


def test_the_steps_of_a_sequence() -> None:
    history = History.of_new_user([6, 1, 2, 5], [3] * 4)
    read = steps(Planted(max_length=9), history, 3, n=3)
    assert (read.items.tolist(), read.n_before, read.n_ranked) == ([1, 2, 5], 1, 4)
    assert read.scores == pytest.approx([0.1, 0.2, 0.8, 0.9])
    assert read.ranks.tolist() == [2, 2, 1, 1]  # before film 2 all are alike, and film 0 comes first
    assert steps(Planted(), History.of_new_user([], []), 3).scores == pytest.approx([0.0])


def test_an_empty_history_has_an_explanation_everywhere() -> None:
    nobody = History.of_new_user([], [])
    for scorer in (stars_model(), Planted()):
        why = explain(scorer, DATA, nobody, 3)
        assert len(why.films) == 0
        assert why.films.first is None


def test_a_film_of_the_history_has_no_rank_and_a_film_that_is_not_there_is_refused() -> None:
    assert place(np.array([3.0, 1.0, 3.0]), History.of_new_user([0], [5]), 0) == (0, 2)
    assert place(np.array([3.0, 3.0, 3.0]), History.of_new_user([0], [5]), 2) == (2, 2)
    with pytest.raises(ValueError, match=r"item must be 0\.\.29"):
        explain(stars_model(), DATA, NEW_USER, N)


def test_a_history_without_one_film_keeps_order_user_and_traits() -> None:
    history = DATA.history(2)
    shorter = without(history, 1)
    assert shorter.items.tolist() == [history.items[0], *history.items[2:].tolist()]
    assert (len(shorter.ratings), len(shorter.timestamps), shorter.user) == (len(history) - 1, len(history) - 1, 2)


def test_the_films_in_order() -> None:
    films = Films(np.array([9, 8, 7]), np.array([0.1, -0.5, 0.1]), is_split=True)
    assert films.items[films.order].tolist() == [9, 7, 8]


def test_models_without_reasons_say_so_in_a_sentence() -> None:
    for query, word in ((Query.CONSTANT, "counts"), (Query.LOOKUP, "shuffled")):
        scorer = FactorScorer(Unit.STRENGTH, query, BIAS)
        why = explain(scorer, DATA, NEW_USER, 2 if query is Query.CONSTANT else 3)
        assert word in why.method
        assert why.films is None
