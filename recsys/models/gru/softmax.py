"""The GRU's loss: a softmax over all films, or over some, which makes a step over many films affordable.

Sampled, a place is compared with its own film to predict, with those of the other rows at the same step (Hidasi et al.
2016) and with further films that all places of a batch share, drawn by popularity ** POWER (Hidasi & Karatzoglou 2018).
Popular films come up more often than others, so each counts divided by how often it is expected to come up: importance
sampling (Bengio & Senécal 2008), with which the sum under the softmax is that of all films on average.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

POWER = 0.75
"""Between drawing all films alike (0) and by popularity alone (1)."""

NEVER = -1e9
"""The logit of a film that does not take part."""


def full_losses(ops: Any, states: Any, targets: Any, vectors: Any, bias: Any) -> Any:
    """-log softmax of each target among all films, (B, T). The arguments are those of `sampled_losses`.

    The logit of the target is worked out on its own: picked out of the (B, T, I) logits, its gradient would be as large
    as they are. (With Keras's cross-entropy an epoch on 3,706 films takes half as long again.)
    """
    logits = ops.matmul(states, ops.transpose(vectors)) + bias  # (B, T, I)
    own = ops.sum(states * ops.take(vectors, targets, axis=0), axis=2) + ops.take(bias, targets)
    return ops.logsumexp(logits, axis=2) - own


def sampled_losses(
    ops: Any,
    states: Any,
    targets: Any,
    is_read: Any,
    drawn: Any,
    vectors: Any,
    bias: Any,
    target_share: Any,
    drawn_share: Any,
) -> Any:
    """-log softmax of each target, (B, T).

    Args:
        ops: keras.ops.
        states: (B, T, D).
        targets: (B, T) int32 films.
        is_read: (B, T) float32: 1, or 0 where a place is empty and its target none.
        drawn: (S,) int32 further films, shared by all places.
        vectors, bias: (I, D) and (I,): a film's logit is the product of its vector and the state, plus its bias.
        target_share: (I,) how often each film is a target, with sum 1.
        drawn_share: (I,) how often each film is drawn, with sum 1.
    """
    states, films, is_read = ops.transpose(states, (1, 0, 2)), ops.transpose(targets), ops.transpose(is_read)
    n_others = ops.maximum(ops.sum(is_read, axis=1, keepdims=True) - 1.0, 0.0)  # (T, 1)

    def log_expected(films: Any) -> Any:  # (T, n): how often such a film comes up at a place
        return ops.log(
            n_others * ops.take(target_share, films) + int(drawn.shape[0]) * ops.take(drawn_share, films) + 1e-20
        )

    step_vectors = ops.transpose(ops.take(vectors, films, axis=0), (0, 2, 1))  # (T, D, B)
    of_step = ops.matmul(states, step_vectors) + ops.take(bias, films)[:, None, :]  # (T, B, B)
    is_own = ops.eye(ops.shape(films)[1])[None]  # (1, B, B)
    own = ops.sum(of_step * is_own, axis=2)  # (T, B)
    # The own film counts once and as it is, wherever else it comes up.
    is_other = ops.logical_and(films[:, :, None] != films[:, None, :], is_read[:, None, :] > 0)
    others = ops.where(is_other, of_step - log_expected(films)[:, None, :], NEVER)
    of_batch = ops.matmul(states, ops.transpose(ops.take(vectors, drawn, axis=0))) + ops.take(bias, drawn)  # (T, B, S)
    of_batch = ops.where(
        films[:, :, None] != drawn[None, None, :], of_batch - log_expected(drawn[None, :])[:, None, :], NEVER
    )
    compared = ops.concatenate([ops.where(is_own > 0, of_step, others), of_batch], axis=2)
    return ops.transpose(ops.logsumexp(compared, axis=2) - own)


def full_softmax(keras: ModuleType, output: Any) -> Any:
    """states (B, T, D), targets (B, T) -> losses (B, T). `output` is as in `sampled_softmax`."""

    class FullSoftmax(keras.layers.Layer):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__(name="full_softmax")
            self.output_layer = output

        def call(self, states: Any, targets: Any) -> Any:
            return full_losses(keras.ops, states, targets, *self.output_layer.films())

    return FullSoftmax()


def sampled_softmax(keras: ModuleType, output: Any, counts: np.ndarray, n_sampled: int, seed: int) -> Any:
    """states (B, T, D), items (B, T), targets (B, T) -> losses (B, T), with other films drawn for each batch.

    Args:
        output: the layer that has the films' vectors and biases, as `output.films()`.
        counts: (I,) how often each film was rated.
    """
    ops = keras.ops
    popularity = np.maximum(counts, 1).astype(np.float64)  # at least 1: a film that nobody rated can be drawn too
    target_share, drawn_share = (share / share.sum() for share in (popularity, popularity**POWER))
    ladder = np.cumsum(drawn_share).astype(np.float32)

    class SampledSoftmax(keras.layers.Layer):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__(name="sampled_softmax")
            self.output_layer, self.draws = output, keras.random.SeedGenerator(seed)

        def call(self, states: Any, items: Any, targets: Any) -> Any:
            chance = keras.random.uniform((n_sampled,), seed=self.draws)
            drawn = ops.searchsorted(ops.convert_to_tensor(ladder), chance, side="right")
            drawn = ops.minimum(ops.cast(drawn, "int32"), len(ladder) - 1)
            shares = (ops.convert_to_tensor(share.astype(np.float32)) for share in (target_share, drawn_share))
            is_read = ops.cast(items > 0, "float32")
            return sampled_losses(ops, states, targets, is_read, drawn, *self.output_layer.films(), *shares)

    return SampledSoftmax()
