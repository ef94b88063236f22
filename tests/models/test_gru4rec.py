from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from recsys.data.dataset import Dataset, History
from recsys.models.base import EpochLog, FitOptions
from recsys.models.gru.batches import Epoch, draw_sequence
from recsys.models.gru.gru4rec import Config, GRU4Rec, draw_epoch, learning_rate_in
from recsys.paths import ROOT
from recsys.serving.ranking import recommend
from recsys.serving.scorers import OnnxScorer
from tests.contract import RecommenderContract
from tests.toys import from_triples, markov_chain

pytestmark = pytest.mark.training


class TestGRU4Rec(RecommenderContract):
    model = GRU4Rec
    toy = staticmethod(markov_chain)
    exclude_seen = False  # in the chain, films come back
    settings = {
        "embedding_dim": 16, "hidden_dim": 16, "max_length": 12, "n_epochs": 40, "learning_rate": 0.02, "dropout": 0.1,
        "withheld": 0.0,  # nothing but the order tells the answer
    }  # fmt: skip
    changes = {
        "batching": "session_parallel", "horizon": 3, "withheld": 0.3, "embedding_dim": 8, "hidden_dim": 8,
        "dropout": 0.5, "max_length": 6, "learning_rate": 0.1, "batch_size": 16, "n_sampled": 4, "n_epochs": 1,
        "min_rating": 5.5,
    }  # fmt: skip


@pytest.fixture(scope="module")
def short_fit() -> tuple[Dataset, OnnxScorer]:
    train = markov_chain().known
    config = Config(embedding_dim=8, hidden_dim=8, max_length=12, n_epochs=1)
    return train, GRU4Rec(config).fit(train, FitOptions())


@pytest.fixture
def three_viewers() -> Dataset:
    """Histories of 23, 3 and 1 films; the first is longer than any chunk below."""
    return from_triples(
        [(0, i, 5.0) for i in range(23)] + [(1, i, 2.0) for i in (4, 7, 1)] + [(2, 9, 5.0)], n_users=3, n_items=23
    )


def epoch_of(train: Dataset, n_lanes: int | None, seed: int = 0, **settings: Any) -> Epoch:
    return draw_epoch(
        train, Config(**{"withheld": 0.0, "min_rating": 0.0, **settings}), n_lanes, np.random.default_rng(seed)
    )


# Serving


def test_padding_changes_nothing(short_fit) -> None:
    """A short history scores alike alone and in a batch with a long one, where it is padded."""
    train, scorer = short_fit
    short, long = History.of_new_user([3, 8], [5, 5]), train.history(0)
    np.testing.assert_allclose(scorer.score([short, long])[0], scorer.score([short])[0], atol=1e-6)


def test_scores_are_a_distribution_over_the_next_film(short_fit) -> None:
    train, scorer = short_fit
    np.testing.assert_allclose(scorer.score(train.histories()).sum(axis=1), 1.0, atol=1e-4)


def test_the_order_of_the_films_matters(short_fit) -> None:
    _, scorer = short_fit
    forward, backward = History.of_new_user([1, 2, 3], [5, 5, 5]), History.of_new_user([3, 2, 1], [5, 5, 5])
    assert not np.allclose(scorer.score([forward]), scorer.score([backward]))


@pytest.mark.parametrize("batching", ["padded", "session_parallel"])
def test_a_checkpoint_serves_like_the_network_and_leaves_training_alone(batching: str) -> None:
    train = markov_chain().known
    config = Config(batching, embedding_dim=8, hidden_dim=8, max_length=12, n_epochs=2)
    histories, live, stored = train.histories(range(5)), [], []

    def keep_first(log: EpochLog, scorer: Any) -> None:
        if log.epoch == 1:
            live.append(scorer.score(histories))
            stored.append(OnnxScorer.from_state(scorer.state(), train).score(histories))

    disturbed = GRU4Rec(config).fit(train, FitOptions(on_epoch=keep_first))
    np.testing.assert_allclose(stored[0], live[0], atol=1e-6)
    undisturbed = GRU4Rec(config).fit(train, FitOptions())
    np.testing.assert_array_equal(disturbed.score(histories), undisturbed.score(histories))


# What is read and predicted


@pytest.mark.parametrize("n_lanes", [None, 1, 2])
def test_every_pair_of_films_is_learned_from_once(three_viewers: Dataset, n_lanes: int | None) -> None:
    """Whatever the cut or the queue, each film that has a successor is read once with that successor as target."""
    for seed in range(20):
        epoch = epoch_of(three_viewers, n_lanes, seed, max_length=5)
        read = epoch.items > 0
        pairs = sorted(zip((epoch.items[read] - 1).tolist(), epoch.targets[read].tolist(), strict=True))
        assert pairs == sorted([(i, i + 1) for i in range(22)] + [(4, 7), (7, 1)])
        assert (epoch.weights[read] > 0).all()
        assert (epoch.weights[~read] == 0).all()
        assert epoch.n_targets == 24


@pytest.mark.parametrize("n_lanes", [None, 8])
def test_no_pair_is_lost_on_real_lengths(n_lanes: int | None) -> None:
    random = np.random.default_rng(0)
    rows = [(u, i, 4.0) for u in range(60) for i in range(int(random.integers(1, 90)))]
    train = from_triples(rows, n_users=60, n_items=90)
    epoch = epoch_of(train, n_lanes, max_length=7)
    pairs, counts = np.unique(np.stack([epoch.items, epoch.targets])[:, epoch.weights > 0], axis=1, return_counts=True)
    expected = [int((train.user_counts > i + 1).sum()) for i in pairs[1] - 1]  # viewers who saw film i and i + 1
    assert (pairs[0] == pairs[1]).all()  # film i is read as i + 1 and predicts film i + 1
    assert counts.tolist() == expected
    assert counts.sum() == (train.user_counts - 1).sum()


def test_only_liked_films_are_targets_with_min_rating() -> None:
    train = from_triples([(0, 0, 5.0), (0, 1, 2.0), (0, 2, 4.0)], n_users=1, n_items=3)
    epoch = epoch_of(train, None, max_length=4, min_rating=4.0)
    assert epoch.items[0].tolist() == [1, 2, 0, 0]  # all films are read
    assert epoch.targets[0][epoch.weights[0] > 0].tolist() == [2]  # but only the liked one is to be predicted


def test_targets_are_drawn_evenly_from_the_horizon() -> None:
    history = History.of_new_user(range(10, 16), [5, 5, 5, 5, 5, 1])
    random = np.random.default_rng(0)
    sequences = [draw_sequence(history, 3, 0.0, 4.0, random) for _ in range(3000)]
    targets = np.array([sequence.targets for sequence in sequences])
    for place in range(5):
        films, times = np.unique(targets[:, place], return_counts=True)
        assert films.tolist() == list(range(11 + place, min(14 + place, 16)))  # near the end fewer are left
        assert times.min() > 0.9 * 3000 / len(films)
    np.testing.assert_array_equal([sequence.counts for sequence in sequences], targets != 15)


def test_withheld_films_are_targets_before_and_after_but_never_read() -> None:
    history = History.of_new_user(range(40), [5] * 20 + [1] * 20)
    random = np.random.default_rng(0)
    sequences = [draw_sequence(history, 1, 0.5, 4.0, random) for _ in range(200)]
    n_far = n_earlier = n_read = 0
    for sequence in sequences:
        far = sequence.targets != sequence.films + 1
        assert not np.isin(sequence.targets[far], sequence.films).any()
        assert sequence.counts[far].all()  # only liked films are drawn from
        assert (np.diff(sequence.films) > 0).all()  # still in time order
        n_far, n_read = n_far + int(far.sum()), n_read + len(sequence)
        n_earlier += int((sequence.targets < sequence.films).sum())
    assert 0.45 < n_read / (200 * 39) < 0.55
    assert 0.4 < n_far / n_read < 0.55  # a little less than half: some of them happen to be the next film
    assert n_earlier > 0.5 * n_far


def test_a_viewer_always_reads_at_least_one_film() -> None:
    random = np.random.default_rng(0)
    history = History.of_new_user([3, 8], [5, 5])
    for _ in range(50):
        sequence = draw_sequence(history, 5, 0.9, 4.0, random)
        assert (sequence.films.tolist(), sequence.targets.tolist(), sequence.counts.tolist()) == ([3], [8], [True])


# Lanes


def test_a_lane_holds_one_viewer_after_the_other(three_viewers: Dataset) -> None:
    epoch = epoch_of(three_viewers, 1, max_length=5)
    films, begins = epoch.items.ravel(), epoch.begins.ravel() > 0  # one lane: the rows are its chunks in order
    entries = [part.tolist() for part in np.split(films[films > 0] - 1, np.flatnonzero(begins)[1:])]
    assert sorted(entries) == [list(range(22)), [4, 7]]


def test_a_state_is_carried_within_a_viewer_and_emptied_between_viewers() -> None:
    """At every place of every lane the network says what it says of that viewer's films alone, from the first one on.

    Histories of up to 24 films run over many chunks of 5, and viewers follow each other inside chunks.
    """
    train, config = markov_chain(n_users=11).known, Config(embedding_dim=8, hidden_dim=8, max_length=5)
    network, inference, keras = untrained(train.n_items, config, n_lanes=3)
    train = train.select(np.random.default_rng(0).random(len(train)) < 0.7)  # viewers of many lengths
    epoch = epoch_of(train, 3, max_length=5)
    seen: list[list[int]] = [[], [], []]
    n_compared = 0
    for start in range(0, len(epoch.items), 3):
        chunk = slice(start, start + 3)
        targets = epoch.targets[chunk]
        losses = network([epoch.items[chunk], epoch.begins[chunk], targets], training=False)
        said = np.exp(-keras.ops.convert_to_numpy(losses))  # (3, 5): the chance of the film that came next
        for lane in range(3):
            for place in np.flatnonzero(epoch.items[start + lane]):
                films = [] if epoch.begins[start + lane, place] else seen[lane]
                seen[lane] = [*films, int(epoch.items[start + lane, place])]
                alone = keras.ops.convert_to_numpy(inference(np.array([seen[lane]], dtype=np.int32)))[0]
                assert said[lane, place] == pytest.approx(alone[targets[lane, place]], abs=1e-6)
                n_compared += 1
    assert n_compared == (train.user_counts - 1).sum()


def test_no_gradient_crosses_the_border_between_viewers() -> None:
    """One step on a viewer's films moves every weight alike, whoever was in the lane before."""
    config = Config(embedding_dim=8, hidden_dim=8, max_length=6, dropout=0.0)
    begins = np.array([[1, 0, 0, 1, 0, 0]], dtype=np.float32)
    weights = np.array([[0, 0, 0, 1, 1, 1]], dtype=np.float32)  # only the second viewer counts
    moved = []
    for before in ([1, 2, 3], [7, 8, 9]):
        network, _, keras = untrained(12, config, n_lanes=1)
        network.compile("sgd", lambda _targets, losses: losses)
        items, targets = np.array([[*before, 4, 5, 6]], np.int32), np.array([[0, 0, 0, 5, 6, 7]], np.int32)
        network.train_on_batch([items, begins, targets], targets, sample_weight=weights)
        moved.append([keras.ops.convert_to_numpy(weight) for weight in network.trainable_weights])
    for first, second in zip(*moved, strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(("batching", "n_sampled"), [("session_parallel", 0), ("session_parallel", 4), ("padded", 4)])
def test_the_chain_is_learned_in_lanes_and_from_a_sampled_softmax(batching: str, n_sampled: int) -> None:
    task = markov_chain()
    config = Config(batching, n_sampled=n_sampled, **TestGRU4Rec.settings)
    losses: list[float] = []
    scorer = GRU4Rec(config).fit(task.known, FitOptions(on_epoch=lambda log, _: losses.append(log.loss)))
    found = recommend(scorer, task.known.histories(), 1, exclude_seen=False).items
    assert np.mean([np.isin(task.relevant_of(user), found[user]).any() for user in range(80)]) >= 0.9
    assert losses[-1] < losses[0] / 2


def test_more_lanes_than_viewers_are_not_opened(three_viewers: Dataset) -> None:
    config = Config("session_parallel", embedding_dim=4, hidden_dim=4, max_length=5, batch_size=64, n_epochs=1)
    assert np.isfinite(GRU4Rec(config).fit(three_viewers, FitOptions()).score(three_viewers.histories())).all()


TRAIN_IN_LANES_ON_TORCH = """
import keras
import numpy as np
from recsys.models.base import FitOptions
from recsys.models.gru.gru4rec import Config, GRU4Rec
from tests.toys import markov_chain
assert keras.backend.backend() == "torch"
train = markov_chain(n_users=20).known
settings = {"embedding_dim": 8, "hidden_dim": 8, "max_length": 5, "batch_size": 4, "n_epochs": 2}
for n_sampled in (0, 4):
    model, live = GRU4Rec(Config("session_parallel", n_sampled=n_sampled, **settings)), []
    watch = FitOptions(on_epoch=lambda _, scorer: live.append(scorer.score(train.histories(range(5)))))
    scorer = model.fit(train, watch)
    assert not np.allclose(*live), f"nothing was learned with {n_sampled} films sampled"
    np.testing.assert_allclose(scorer.score(train.histories(range(5))), live[-1], atol=1e-5)
"""


def test_lanes_also_train_on_torch() -> None:
    """With the softmax over all films and over a sample; in one process, as its imports take the longest."""
    command = [sys.executable, "-W", "ignore", "-c", TRAIN_IN_LANES_ON_TORCH]
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def untrained(n_items: int, config: Config, n_lanes: int) -> tuple[Any, Any, Any]:
    """Training and serving view with equal weights on every call, and Keras."""
    from recsys.models import keras_tools
    from recsys.models.gru.network import networks

    keras = keras_tools.start(0, "cpu")
    return *networks(keras, n_items, config, 0, n_lanes), keras


def test_the_learning_rate_is_scheduled_over_all_epochs() -> None:
    """After five of ten epochs it is not what it is after five of twenty: a search counts the last epoch only."""
    assert GRU4Rec.is_scheduled
    ten, twenty = (Config(learning_rate=0.004, n_epochs=n_epochs) for n_epochs in (10, 20))
    assert [learning_rate_in(epoch, ten) for epoch in (1, 6)] == pytest.approx([0.004, 0.002])
    assert [learning_rate_in(epoch, twenty) for epoch in (1, 11)] == pytest.approx([0.004, 0.002])
