"""Film vectors: known neighbours on toys, and on the shipped artifacts that each row belongs to its film."""

from __future__ import annotations

import numpy as np
import pytest

from recsys import paths
from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain import film_vectors
from recsys.explain.film_maps import fitted, pca, tsne
from recsys.explain.film_vectors import FilmSpace, neighbours, placed_films, space_of
from recsys.serving import artifacts
from recsys.serving.fields import FIELDS, FieldTable
from recsys.serving.scorers import FactorScorer, Query, Scorer, ScorerState, Unit, scorer_from_state
from tests.toys import checkerboard, from_triples

ROOT = paths.ROOT / "artifacts"
ALL = np.arange(6)


def two_groups() -> FilmSpace:
    """Films 0 to 2 point one way, 3 to 5 another; lengths differ, as they must not matter."""
    angles = np.radians([0, 10, 25, 90, 97, 120])
    lengths = np.array([1, 30, 0.1, 5, 5, 2])[:, None]
    return FilmSpace((lengths * np.column_stack([np.cos(angles), np.sin(angles)])).astype(np.float32), "toys")


def test_neighbours_are_those_at_the_smallest_angle() -> None:
    items, alike = neighbours(two_groups(), ALL, 2)
    assert items.tolist() == [[1, 2], [0, 2], [1, 0], [4, 5], [3, 5], [4, 3]]
    assert alike[0].tolist() == pytest.approx([np.cos(np.radians(10)), np.cos(np.radians(25))], abs=1e-6)


def test_films_that_are_not_placed_are_nobodys_neighbours() -> None:
    placed = np.array([0, 2, 3, 5])
    items, alike = neighbours(two_groups(), placed)
    assert items.shape == alike.shape == (4, 3)  # all the others there are
    assert items[0].tolist() == [2, 3, 5]
    assert set(items.ravel().tolist()) <= set(placed.tolist())


def test_equal_films_come_in_index_order() -> None:
    same = FilmSpace(np.ones((5, 3), dtype=np.float32), "toys")
    assert neighbours(same, np.arange(5), 4)[0].tolist()[2] == [0, 1, 3, 4]


def test_neighbours_by_weight_are_those_with_the_largest_of_both_directions() -> None:
    weights = np.array([[0, 0.5, 0.1], [0.1, 0, 0.4], [0.7, 0.0, 0]], dtype=np.float32)  # row = recommended
    scorer = FactorScorer(Unit.STRENGTH, Query.INTERACTIONS, np.zeros(3, np.float32), item_factors=weights)
    space = space_of(scorer, from_triples([(0, 0, 5.0)], n_users=2, n_items=3))
    assert space is not None
    assert space.is_weights
    items, alike = neighbours(space, np.arange(3))
    assert items.tolist() == [[2, 1], [0, 2], [0, 1]]
    assert alike == pytest.approx(np.array([[0.4, 0.3], [0.3, 0.2], [0.4, 0.2]]))


@pytest.mark.parametrize("query", [Query.CONSTANT, Query.BIAS])
def test_a_model_with_one_number_per_film_has_no_space(query: Query) -> None:
    known = checkerboard().known
    assert space_of(FactorScorer(Unit.STARS, query, np.zeros(known.n_items, np.float32)), known) is None


def test_chance_has_no_space_either() -> None:
    directions = np.ones((24, 2), dtype=np.float32)
    zeros = np.zeros(24, np.float32)
    scorer = FactorScorer(Unit.STRENGTH, Query.LOOKUP, zeros, directions, user_factors=directions)
    assert space_of(scorer, checkerboard().known) is None


def test_few_ratings_and_empty_vectors_give_no_place() -> None:
    vectors = np.ones((4, 2), dtype=np.float32)
    vectors[2] = 0
    assert placed_films(FilmSpace(vectors, "toys"), np.array([4, 5, 9, 80])).tolist() == [1, 3]


def test_vectors_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        FilmSpace(np.array([[1.0, np.nan]], dtype=np.float32), "toys")


def test_maps_keep_groups_apart_and_are_the_same_each_time() -> None:
    random = np.random.default_rng(0)
    centres = np.eye(3, 20)[np.repeat([0, 1, 2], 30)]
    space = FilmSpace((centres + 0.05 * random.normal(size=(90, 20))).astype(np.float32), "toys")
    directions = space.directions(np.arange(90))
    flat, share = pca(directions)
    near = tsne(directions, seed=0)
    for points in (flat, near):
        assert points.shape == (90, 2)
        assert np.ptp(points, axis=0).max() == pytest.approx(2.0, abs=1e-6)
        assert np.abs(points).max() <= 1 + 1e-6
        away = np.linalg.norm(points[:, None] - points[None], axis=2)
        np.fill_diagonal(away, np.inf)
        assert (away.argmin(axis=1) // 30 == np.arange(90) // 30).all()
    assert 0.8 < share <= 1  # three far groups span a plane
    assert np.array_equal(tsne(directions, seed=0), near)


def test_principal_components_by_hand() -> None:
    """Variances 8, 2 and 0.5 along the axes: the first two are shown, and are 10 parts of 10.5."""
    along = np.array([[2, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 0.5], [0, 0, -0.5]], dtype=np.float32)
    points, share = pca(along + 7)
    assert points[:4] == pytest.approx(np.array([[1, 0], [-1, 0], [0, 0.5], [0, -0.5]]), abs=1e-6)
    assert points[4:] == pytest.approx(np.zeros((2, 2)), abs=1e-6)
    assert share == pytest.approx(10 / 10.5)


def test_films_of_one_number_lie_on_a_line_and_equal_ones_on_a_point() -> None:
    points, share = pca(np.array([[1], [-1], [1]], dtype=np.float32))
    assert points.tolist() == [[1, 0], [-1, 0], [1, 0]]
    assert share == pytest.approx(1)
    points, share = pca(np.ones((4, 3), dtype=np.float32))
    assert np.abs(points).max() == share == 0


@pytest.mark.parametrize("model", ["svd", "ease", "item-knn", "autoencoder"])
def test_principal_components_are_those_of_scikit_learn(model: str, ml100k: Dataset) -> None:
    """Also of 1,682 weights, where the strengths fall slowly."""
    from sklearn.decomposition import PCA

    _, space = shipped(model, ml100k)
    directions = space.directions(placed_films(space, HOLDOUT.final(ml100k).known.item_counts))
    exact = PCA(n_components=2, svd_solver="full")
    expected = fitted(exact.fit_transform(directions))
    points, share = pca(directions)
    assert share == pytest.approx(exact.explained_variance_ratio_.sum(), rel=1e-3)
    for axis in (0, 1):  # the direction of an axis is a convention
        assert abs(np.corrcoef(points[:, axis], expected[:, axis])[0, 1]) > 0.9999


# The graphs of the shipped artifacts


def shipped(model: str, dataset: Dataset) -> tuple[Scorer, FilmSpace]:
    scorer = artifacts.load(artifacts.folder_of(dataset.name, model, ROOT), dataset).scorer
    space = space_of(scorer, dataset)
    assert space is not None
    assert space.vectors.shape[0] == dataset.n_items
    return scorer, space


def changed(scorer: Scorer, dataset: Dataset, change) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Scores of the same graph for two users after `change(name, array)` of every matrix in it."""
    import onnx
    from onnx import numpy_helper

    state = scorer.state()
    model = onnx.load_from_string(state.graph)
    for tensor in model.graph.initializer:
        if len(tensor.dims) == 2:
            array = numpy_helper.to_array(tensor).copy()
            change(tensor.name, array)
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    other = scorer_from_state(ScorerState("onnx", state.settings, {}, model.SerializeToString()), dataset)
    return other.score(two_users(dataset))


def two_users(dataset: Dataset):  # type: ignore[no-untyped-def]
    known = HOLDOUT.final(dataset).known
    return [known.history(3), known.history(40)]


@pytest.mark.parametrize(("model", "kept"), [("gru", np.log), ("autoencoder", lambda scores: scores)])
def test_what_two_users_differ_by_is_linear_in_the_film_vectors(model: str, kept, demo_dataset: Dataset) -> None:  # type: ignore[no-untyped-def]
    """Logits and stars are (state of a user) . (vector of a film) + what all share; so no film may be displaced."""
    scorer, space = shipped(model, demo_dataset)
    one, two = kept(scorer.score(two_users(demo_dataset)).astype(np.float64))
    difference = one - two

    def unexplained(vectors: np.ndarray) -> float:
        design = np.column_stack([vectors, np.ones(len(vectors))]).astype(np.float64)
        solution, *_ = np.linalg.lstsq(design, difference, rcond=None)
        return float(np.var(difference - design @ solution) / np.var(difference))

    assert unexplained(space.vectors) < 1e-6
    displaced = np.roll(space.vectors, 1, axis=0)
    assert unexplained(displaced) > 0.3


def test_autoint_adds_the_vectors_of_the_films_own_fields(demo_dataset: Dataset) -> None:
    scorer, space = shipped("autoint", demo_dataset)
    before, film = scorer.score(two_users(demo_dataset)), 7
    fields = FieldTable.of(demo_dataset, tuple(scorer.state().settings["rating_years"]))
    start = sum(fields.sizes[: FIELDS.index("film")])

    def change(_name: str, array: np.ndarray) -> None:
        if len(array) == sum(fields.sizes):
            array[start + film + 1] += 0.5

    after = changed(scorer, demo_dataset, change)
    assert np.flatnonzero((before != after).any(axis=0)).tolist() == [film]

    moved: dict[str, np.ndarray] = {}
    changed(scorer, demo_dataset, lambda name, array: (change(name, array), moved.setdefault(name, array)))
    table = next(array for array in moved.values() if len(array) == sum(fields.sizes))
    difference = film_vectors._sum_of_fields(table, fields) - space.vectors
    assert np.flatnonzero(difference.any(axis=1)).tolist() == [film]
    assert difference[film] == pytest.approx(np.full(difference.shape[1], 0.5), abs=1e-5)


def test_neumf_with_two_films_exchanged_exchanges_their_scores(ml100k: Dataset) -> None:
    scorer, space = shipped("neumf", ml100k)
    before, towers = scorer.score(two_users(ml100k)), []

    def change(_name: str, array: np.ndarray) -> None:
        if len(array) == ml100k.n_items:
            towers.append(array.shape[1])
            array[[10, 20]] = array[[20, 10]]

    after = changed(scorer, ml100k, change)
    assert space.vectors.shape[1] == sum(towers) == 64
    assert after[:, 10] == pytest.approx(before[:, 20])
    assert after[:, 20] == pytest.approx(before[:, 10])
    others = np.setdiff1d(np.arange(ml100k.n_items), [10, 20])
    assert np.array_equal(after[:, others], before[:, others])


def test_a_graph_without_film_vectors_is_refused(demo_dataset: Dataset) -> None:
    scorer, _ = shipped("gru", demo_dataset)
    state = scorer.state()
    with pytest.raises(UsageError, match="no matrix"):
        film_vectors._of_graph(state.graph, {"encoder": "rating_vector"}, demo_dataset)
    with pytest.raises(UsageError, match="encoder 'other'"):
        film_vectors._of_graph(state.graph, {"encoder": "other"}, demo_dataset)


@pytest.mark.parametrize("model", ["svd", "bpr", "autoencoder", "mf", "ials", "ease", "item-knn", "autoint"])
def test_the_return_of_the_jedi_is_near_star_wars(model: str, ml100k: Dataset) -> None:
    """Sequels are seen and liked by the same people: every space worth the name has them close."""
    (_, space), titles = shipped(model, ml100k), ml100k.catalog.titles
    placed = placed_films(space, HOLDOUT.final(ml100k).known.item_counts)
    items, _ = neighbours(space, placed, 3)
    row = np.searchsorted(placed, titles.index("Star Wars"))
    assert titles.index("Return of the Jedi") in items[row]
