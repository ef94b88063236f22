"""What the two AutoEncoders share: the network over rows of stars, and how it learns to fill them in.

A row is what one user gave (AutoEncoder) or what one film got (AutoEncoder of films); its columns are the films or the
users. DeepRecommender's network (tied weights, SELU, dropout on the code) on what the ALS baseline leaves unexplained.
Part of each row is hidden while training and only the hidden stars are asked for, so that the network learns to
predict what it cannot see instead of copying what it can; which columns are filled in at all is an input too, as a
film that somebody chose to watch says something whatever its stars (Salakhutdinov et al. 2007, conditional RBM).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.models.base import N_THREADS, BatchLog, EpochLog, FitOptions, ModelConfig, setting
from recsys.models.size import FLOAT, KEPT, STEP, SURPRISE_RATING, TORCH_PROGRAM, dense
from recsys.models.surprise_tools import als_biases

if TYPE_CHECKING:
    import torch
    from scipy.sparse import csr_matrix


FULL = 25.0
"""A row of about this many stars enters the network as it is; longer ones are scaled down, shorter ones up."""


@dataclass(frozen=True)
class NetworkConfig(ModelConfig):
    """The hyperparameters of both; the defaults are those of the AutoEncoder of users."""

    hidden: tuple[int, ...] = setting(
        (256,), "widths of the encoder; the last is the code, the decoder mirrors the rest", low=1, most=2_048
    )
    dropout: float = setting(0.5, "share of the code dropped while training", low=0, below=1)
    input_dropout: float = setting(
        0.5, "share of a row's stars hidden from the input while training, and asked for", low=0, below=1
    )
    learning_rate: float = setting(1e-3, "Adam", above=0, most=1)
    learning_rate_decay: float = setting(0.97, "factor after each epoch", above=0, high=1)
    weight_decay: float = setting(12.0, "decoupled L2 (AdamW)", low=0, most=1e3)
    batch_size: int = setting(64, "rows per step", low=1, most=65_536)
    n_epochs: int = setting(50, "passes over all rows", low=1, most=200)
    reg_u: float = setting(15.0, "shrinkage of the user bias of the baseline", low=0, most=1e5)
    reg_i: float = setting(10.0, "shrinkage of the film bias of the baseline", low=0, most=1e5)


def memory_of_rows(config: NetworkConfig, n_rows: int, n_columns: int, n_ratings: int) -> float:
    """Bytes that the network over so many rows takes, as `Model.memory` has it."""
    widths = (n_columns, *config.hidden)
    learned = n_columns * config.hidden[0] + dense(widths) + n_columns
    n_at_a_time = max(min(2 * config.batch_size, n_rows), min(512, n_rows))
    step = n_at_a_time * (4 * STEP * n_columns + 2 * STEP * sum(config.hidden))
    return TORCH_PROGRAM + SURPRISE_RATING * n_ratings + FLOAT * (KEPT * learned + step)


def start(
    train: Dataset, config: NetworkConfig, options: FitOptions, *, rows_are_films: bool
) -> tuple[torch.nn.Module, csr_matrix, float]:
    """The untrained network, the ratings with its rows and columns, and the mean rating.

    Raises UsageError for ratings of 0 or less: to these networks 0 says that there is no rating.
    """
    import torch
    from scipy.sparse import csr_matrix

    if len(train) and train.ratings.min() <= 0:
        raise UsageError(f"The AutoEncoders need ratings above 0. Received {train.ratings.min():g}.")
    torch.manual_seed(options.seed)
    mean, user_bias, item_bias = als_biases(train, n_epochs=10, reg_u=config.reg_u, reg_i=config.reg_i)
    if rows_are_films:
        network = build_network(config, mean + user_bias, config.reg_i)
        ratings = csr_matrix((train.ratings, (train.items, train.users)), (train.n_items, train.n_users))
    else:
        network = build_network(config, mean + item_bias, config.reg_u)
        ratings = csr_matrix((train.ratings, (train.users, train.items)), (train.n_users, train.n_items))
    return network.to(options.device), ratings, mean


def build_network(config: NetworkConfig, column_mean: np.ndarray, shrinkage: float) -> torch.nn.Module:
    """The untrained network.

    Args:
        column_mean: (M,) stars that the baseline expects in a column, before anything is known of the row.
        shrinkage: of the row's bias, in ratings.
    """
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    class Network(nn.Module):
        """ratings (B, M), 0 = not rated -> predicted stars (B, M)."""

        column_mean: Tensor

        def __init__(self) -> None:
            super().__init__()
            widths = (len(column_mean), *config.hidden)
            shapes = list(zip(widths[1:], widths[:-1], strict=True))
            self.weights = nn.ParameterList([nn.Parameter(torch.empty(shape)) for shape in shapes])
            self.seen_weight = nn.Parameter(torch.empty(shapes[0]))
            self.encoder_biases = nn.ParameterList([nn.Parameter(torch.zeros(width)) for width, _ in shapes])
            self.decoder_biases = nn.ParameterList([nn.Parameter(torch.zeros(width)) for _, width in shapes])
            for weight in (*self.weights, self.seen_weight):
                nn.init.xavier_uniform_(weight)
            self.register_buffer("column_mean", torch.from_numpy(np.asarray(column_mean, dtype=np.float32)))  # (M,)

        def forward(self, ratings: Tensor) -> Tensor:
            row_bias, features = self.read(ratings)
            # Linear, as it predicts deviations; tied: the decoder is the encoder's transpose.
            deviations = functional.linear(features, self.weights[0].t(), self.decoder_biases[0])
            return self.column_mean + row_bias + deviations

        def read(self, ratings: Tensor) -> tuple[Tensor, Tensor]:
            """The row's bias (B, 1) and what the last layer of the decoder multiplies, (B, hidden[0])."""
            seen = (ratings > 0).to(ratings.dtype)  # (B, M)
            n_seen = seen.sum(1, keepdim=True)  # (B, 1)
            deviation = (ratings - self.column_mean) * seen
            row_bias = deviation.sum(1, keepdim=True) / (shrinkage + n_seen)
            # Inputs of equal length (in the Euclidean sense) whatever the number of stars.
            seen = seen * (FULL / (1 + n_seen)).sqrt()
            unexplained = (deviation - row_bias) * seen  # (B, M) what the baseline does not know
            code = functional.linear(unexplained, self.weights[0], self.encoder_biases[0])
            code = functional.selu(code + functional.linear(seen, self.seen_weight))
            for weight, bias in zip(self.weights[1:], self.encoder_biases[1:], strict=True):
                code = functional.selu(functional.linear(code, weight, bias))
            code = functional.dropout(code, config.dropout, self.training)
            for layer in range(len(self.weights) - 1, 0, -1):
                code = functional.selu(functional.linear(code, self.weights[layer].t(), self.decoder_biases[layer]))
            return row_bias, code

    return Network()


def train_network(
    network: torch.nn.Module, ratings: csr_matrix, config: NetworkConfig, options: FitOptions
) -> Iterator[EpochLog]:
    """Train on the rows of `ratings` (n, M) that hold any; after each epoch the log, the network then in eval mode."""
    import torch

    matrices = [parameter for parameter in network.parameters() if parameter.ndim > 1]
    biases = [parameter for parameter in network.parameters() if parameter.ndim == 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": config.weight_decay}, {"params": biases, "weight_decay": 0.0}],
        lr=config.learning_rate,
    )
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, config.learning_rate_decay)
    rows = np.flatnonzero(np.diff(ratings.indptr))
    shuffle = np.random.default_rng(options.seed)
    torch.set_num_threads(N_THREADS)
    torch.set_flush_denormal(True)  # weights that decay to almost nothing would be ten times slower
    try:
        for epoch in range(1, config.n_epochs + 1):
            start, total, n_asked = time.perf_counter(), 0.0, 0
            network.train()
            batches = np.array_split(shuffle.permutation(rows), max(1, len(rows) // config.batch_size))
            for number, batch in enumerate(batches, 1):
                stars = torch.from_numpy(ratings[batch].toarray()).to(options.device)  # (B, M)
                kept = stars * (torch.rand_like(stars) >= config.input_dropout)
                # With nothing hidden, as in the source, all that is left is to reproduce the input.
                asked = (stars > 0) & (kept == 0) if config.input_dropout else stars > 0
                squared = (network(kept) - stars)[asked].square()
                if len(squared) == 0:  # tiny batches of tiny rows
                    continue
                optimizer.zero_grad()
                squared.mean().backward()
                optimizer.step()
                total, n_asked = total + float(squared.detach().sum()), n_asked + len(squared)
                options.tick(BatchLog(epoch, config.n_epochs, number, len(batches), total / n_asked))
            schedule.step()
            seconds = time.perf_counter() - start
            network.eval()
            yield EpochLog(epoch, config.n_epochs, total / max(1, n_asked), seconds, len(rows) / seconds)
    finally:
        torch.set_flush_denormal(False)  # it is a setting of the processor, and other code may need such numbers
