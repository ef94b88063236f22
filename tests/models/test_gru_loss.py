"""The sampled softmax against the one over all films. The full one is written out here in numpy and in Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.models.gru import loss as gru_loss

pytestmark = pytest.mark.training

N_ITEMS, DIM = 9, 4


@pytest.fixture(scope="module")
def keras() -> Any:
    from recsys.models import keras_tools

    return keras_tools.start(0, "cpu")


def films(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    vectors, bias = random.normal(size=(N_ITEMS, DIM)), random.normal(size=N_ITEMS)
    return vectors.astype(np.float32), bias.astype(np.float32)


def exact_losses(states: np.ndarray, targets: np.ndarray) -> np.ndarray:
    vectors, bias = films()
    logits = states @ vectors.T + bias  # (B, T, I)
    own = np.take_along_axis(logits, targets[:, :, None], axis=2)[:, :, 0]
    return np.log(np.exp(logits).sum(axis=2)) - own


def call(keras: Any, states: np.ndarray, targets: np.ndarray, drawn: np.ndarray, **given: np.ndarray) -> np.ndarray:
    even = np.full(N_ITEMS, 1 / N_ITEMS, dtype=np.float32)
    is_read = given.get("is_read", np.ones(targets.shape, dtype=np.float32))
    shares = given.get("target_share", even), given.get("drawn_share", even)
    arguments = (states, targets, is_read, drawn, *films(), *shares)
    tensors = [keras.ops.convert_to_tensor(argument) for argument in arguments]
    return keras.ops.convert_to_numpy(gru_loss.sampled_losses(keras.ops, *tensors))


def test_with_every_film_drawn_once_it_is_the_full_softmax(keras: Any) -> None:
    """One row, so that nothing but the draw takes part: drawn evenly, each film is expected once and comes once."""
    random = np.random.default_rng(1)
    states = random.normal(size=(1, 6, DIM)).astype(np.float32)
    targets = random.integers(0, N_ITEMS, (1, 6)).astype(np.int32)
    drawn = random.permutation(N_ITEMS).astype(np.int32)
    np.testing.assert_allclose(call(keras, states, targets, drawn), exact_losses(states, targets), rtol=1e-5)


def test_losses_and_gradients_of_both_are_then_those_of_keras_cross_entropy(keras: Any) -> None:
    import tensorflow as tf

    random = np.random.default_rng(2)
    states = tf.Variable(random.normal(size=(1, 6, DIM)).astype(np.float32))
    targets = random.integers(0, N_ITEMS, (1, 6)).astype(np.int32)
    vectors, bias = (tf.Variable(table) for table in films())
    even = tf.fill((N_ITEMS,), 1 / N_ITEMS)
    drawn, is_read = tf.range(N_ITEMS), tf.ones((1, 6))
    with tf.GradientTape(persistent=True) as tape:
        logits = tf.matmul(states, vectors, transpose_b=True) + bias
        exact = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        full = tf.reduce_sum(gru_loss.full_losses(keras.ops, states, tf.constant(targets), vectors, bias))
        sampled = gru_loss.sampled_losses(
            keras.ops, states, tf.constant(targets), is_read, drawn, vectors, bias, even, even
        )
        sampled = tf.reduce_sum(sampled)
    np.testing.assert_allclose([full, sampled], exact, rtol=1e-5)
    for variable in (states, vectors, bias):
        of_full, of_sampled, expected = (
            tf.convert_to_tensor(tape.gradient(loss, variable)) for loss in (full, sampled, exact)
        )
        np.testing.assert_allclose(of_full, expected, atol=1e-5)
        np.testing.assert_allclose(of_sampled, expected, atol=1e-5)


def test_on_average_it_has_the_sum_of_all_films(keras: Any) -> None:
    """What films of the step and of the batch add, each divided by how often it is expected, is what all others add.

    With targets as often as `target_share` says and draws as often as `drawn_share` says, over many steps.
    """
    random = np.random.default_rng(3)
    target_share, drawn_share = (random.dirichlet(np.full(N_ITEMS, 3.0)) for _ in range(2))
    n_steps, n_rows, n_drawn = 200, 5, 6
    state = 0.3 * random.normal(size=DIM).astype(np.float32)  # small: no film is the whole sum
    states = np.broadcast_to(state, (n_rows, n_steps, DIM))
    shares = {"target_share": target_share.astype(np.float32), "drawn_share": drawn_share.astype(np.float32)}
    targets = random.choice(N_ITEMS, (n_rows, n_steps), p=target_share).astype(np.int32)
    targets[0] = 2  # the place that is looked at; its own film is fixed, those of the others are drawn
    sums = []
    for _ in range(300):  # the films drawn are shared by all steps of a call
        drawn = random.choice(N_ITEMS, n_drawn, p=drawn_share).astype(np.int32)
        loss = call(keras, states, targets, drawn, **shares)[0].astype(np.float64)
        vectors, bias = films()
        sums.append(np.exp(loss + vectors[2] @ state + bias[2]).mean())
    expected = np.exp(films()[0] @ state + films()[1]).sum()
    error = np.std(sums) / np.sqrt(len(sums))
    assert abs(np.mean(sums) - expected) < 4 * error
    assert error < 0.05 * expected  # so that the line above says something


def test_empty_places_take_no_part(keras: Any) -> None:
    """A row without films has no say in the losses of the others, whatever its targets are."""
    random = np.random.default_rng(4)
    states = random.normal(size=(3, 2, DIM)).astype(np.float32)
    targets = np.array([[1, 2], [3, 4], [0, 0]], dtype=np.int32)
    is_read = np.array([[1, 1], [1, 1], [0, 0]], dtype=np.float32)
    drawn = np.array([5, 6, 1], dtype=np.int32)
    with_empty = call(keras, states, targets, drawn, is_read=is_read)[:2]
    without = call(keras, states[:2], targets[:2], drawn)
    np.testing.assert_allclose(with_empty, without, rtol=1e-6)


def test_an_own_film_that_comes_up_again_counts_once(keras: Any) -> None:
    random = np.random.default_rng(5)
    states = random.normal(size=(2, 1, DIM)).astype(np.float32)
    targets = np.array([[7], [7]], dtype=np.int32)  # both rows have the same film, and it is drawn too
    losses = call(keras, states, targets, np.array([7, 7, 7], dtype=np.int32))
    np.testing.assert_allclose(losses, 0.0, atol=1e-6)  # nothing else to be compared with
