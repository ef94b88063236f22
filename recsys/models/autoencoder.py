"""AutoEncoder: a user's stars squeezed through a narrow code and unfolded into stars for every film.

DeepRecommender's network (tied weights, SELU, dropout on the code, masked MSE on the observed ratings), on what the
ALS baseline leaves unexplained. Inputs are dropped at random while training, so that the network learns to predict
stars it cannot see instead of copying those it can.
"""

from __future__ import annotations

import io
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.dataset import Dataset
from recsys.encoders import RatingVector
from recsys.models.base import EpochLog, FitOptions, LiveScorer, Model, require
from recsys.scorers import OnnxScorer, Unit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Config:
    hidden: tuple[int, ...] = (512,)  # widths of the encoder; the last is the code, the decoder mirrors the rest
    dropout: float = 0.5  # share of the code dropped while training
    input_dropout: float = 0.8  # share of a user's stars hidden from the input while training
    learning_rate: float = 1e-3  # Adam
    weight_decay: float = 30.0  # decoupled L2 (AdamW)
    batch_size: int = 64  # users per step
    n_epochs: int = 80  # passes over all users
    reg_u: float = 15.0  # shrinkage of the user bias of the baseline
    reg_i: float = 10.0  # shrinkage of the film bias of the baseline

    def __post_init__(self) -> None:
        require(len(self.hidden) >= 1 and min(self.hidden) >= 1, "hidden", self.hidden, "needs positive widths")
        require(0 <= self.dropout < 1, "dropout", self.dropout, "must be in [0, 1)")
        require(0 <= self.input_dropout < 1, "input_dropout", self.input_dropout, "must be in [0, 1)")
        require(self.learning_rate > 0, "learning_rate", self.learning_rate, "must be positive")
        require(self.weight_decay >= 0, "weight_decay", self.weight_decay, "must not be negative")
        require(self.batch_size >= 1, "batch_size", self.batch_size, "must be at least 1")
        require(self.n_epochs >= 1, "n_epochs", self.n_epochs, "must be at least 1")
        require(self.reg_u >= 0, "reg_u", self.reg_u, "must not be negative")
        require(self.reg_i >= 0, "reg_i", self.reg_i, "must not be negative")


class AutoEncoder(Model):
    name = "autoencoder"
    uses_gpu = True
    config_class = Config
    looks_at = "All the stars this user gave at once; the network fills in the ones that are missing."
    visitor = "Their stars are the input; nothing else is needed."
    source = "Kuchaiev & Ginsburg (2017), Training Deep AutoEncoders for Collaborative Filtering"
    selected_on = "rmse"
    search_grid = [
        {"weight_decay": [3.0, 10.0, 30.0]},
        {"weight_decay": [10.0], "hidden": [[512, 512, 1024]]},
        {"weight_decay": [0.0], "dropout": [0.8], "input_dropout": [0.0], "hidden": [[512, 512, 1024]]},  # the source's
    ]

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        import torch

        from recsys.models.surprise_tools import als_biases

        config: Config = self.config
        torch.manual_seed(options.seed)
        mean, _, item_bias = als_biases(train, n_epochs=10, reg_u=config.reg_u, reg_i=config.reg_i)
        network = _network(train.n_items, config, mean, item_bias).to(options.device)
        matrices = [parameter for parameter in network.parameters() if parameter.ndim > 1]
        biases = [parameter for parameter in network.parameters() if parameter.ndim == 1]
        optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": config.weight_decay}, {"params": biases, "weight_decay": 0.0}],
            lr=config.learning_rate,
        )
        encoder = RatingVector(train)
        users = np.flatnonzero(train.user_counts)
        shuffle = np.random.default_rng(options.seed)

        def forward(inputs: dict[str, np.ndarray]) -> np.ndarray:
            with torch.inference_mode():
                return network.eval()(torch.from_numpy(inputs["ratings"]).to(options.device)).cpu().numpy()

        live = LiveScorer(encoder, forward, train.n_items, Unit.STARS)
        for epoch in range(1, config.n_epochs + 1):
            start, total, n_ratings = time.perf_counter(), 0.0, 0
            network.train()
            for batch in np.array_split(shuffle.permutation(users), max(1, len(users) // config.batch_size)):
                ratings = torch.from_numpy(encoder.encode(train.histories(batch))["ratings"]).to(options.device)
                observed = ratings > 0  # (B, I)
                squared = (network(ratings) - ratings)[observed].square()
                loss = squared.mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total, n_ratings = total + float(squared.detach().sum()), n_ratings + len(squared)
            seconds = time.perf_counter() - start
            options.report(EpochLog(epoch, config.n_epochs, total / n_ratings, seconds, len(users) / seconds), live)
        return OnnxScorer(_export(network.cpu().eval(), train.n_items), Unit.STARS, {"encoder": "rating_vector"}, train)


def _network(n_items: int, config: Config, mean: float, item_bias: np.ndarray) -> torch.nn.Module:
    import torch
    from torch import Tensor, nn
    from torch.nn import functional

    class Network(nn.Module):
        """ratings (B, I), 0 = not rated -> predicted stars (B, I)."""

        item_mean: Tensor

        def __init__(self) -> None:
            super().__init__()
            widths = (n_items, *config.hidden)
            shapes = list(zip(widths[1:], widths[:-1], strict=True))
            self.weights = nn.ParameterList([nn.Parameter(torch.empty(shape)) for shape in shapes])
            self.encoder_biases = nn.ParameterList([nn.Parameter(torch.zeros(width)) for width, _ in shapes])
            self.decoder_biases = nn.ParameterList([nn.Parameter(torch.zeros(width)) for _, width in shapes])
            for weight in self.weights:
                nn.init.xavier_uniform_(weight)
            self.register_buffer("item_mean", torch.from_numpy(mean + item_bias))  # (I,)

        def forward(self, ratings: Tensor) -> Tensor:
            observed = (ratings > 0).to(ratings.dtype)  # (B, I)
            deviation = (ratings - self.item_mean) * observed
            user_bias = deviation.sum(1, keepdim=True) / (config.reg_u + observed.sum(1, keepdim=True))  # (B, 1)
            hidden = (deviation - user_bias) * observed  # what the baseline leaves unexplained
            hidden = functional.dropout(hidden, config.input_dropout, self.training)
            for weight, bias in zip(self.weights, self.encoder_biases, strict=True):
                hidden = functional.selu(functional.linear(hidden, weight, bias))
            hidden = functional.dropout(hidden, config.dropout, self.training)
            for layer in range(len(self.weights) - 1, -1, -1):
                # Tied: the decoder is the encoder's transpose; its last layer is linear, as it predicts deviations.
                hidden = functional.linear(hidden, self.weights[layer].t(), self.decoder_biases[layer])
                if layer > 0:
                    hidden = functional.selu(hidden)
            return self.item_mean + user_bias + hidden

    return Network()


def _export(network: torch.nn.Module, n_items: int) -> bytes:
    """The network as ONNX; the tied weights are stored once."""
    import torch

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter needs no further package and stores a tied weight once; torch is pinned.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (torch.zeros(1, n_items),),
            buffer,  # type: ignore[arg-type]
            dynamo=False,
            input_names=["ratings"],
            output_names=["scores"],
            dynamic_axes={"ratings": {0: "users"}, "scores": {0: "users"}},
            do_constant_folding=False,  # folding would store the transposed weights a second time
        )
    return buffer.getvalue()
