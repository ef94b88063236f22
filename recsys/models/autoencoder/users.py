"""AutoEncoder: a user's stars squeezed through a narrow code and unfolded into stars for every film.

The network and its training are in `network`; a row is a user.
"""

from __future__ import annotations

import copy
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.dataset import Dataset
from recsys.models.autoencoder.network import NetworkConfig, memory_of_rows, start, train_network
from recsys.models.base import FitOptions, LiveScorer, Model
from recsys.models.size import Size
from recsys.serving.scorers import OnnxScorer, Unit

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Config(NetworkConfig):
    """The shared hyperparameters as they are."""


class AutoEncoder(Model):
    name = "autoencoder"
    uses_gpu = True
    config_class = Config
    looks_at = "All the stars this user gave at once; the network fills in the ones that are missing."
    new_user = "Their stars are the input; nothing else is needed."
    source = "Kuchaiev & Ginsburg (2017), Training Deep AutoEncoders for Collaborative Filtering"
    selected_on = "rmse"
    search_grid = [
        {"weight_decay": [8.0, 12.0, 20.0]},
        {"weight_decay": [0.0], "dropout": [0.8], "input_dropout": [0.0], "hidden": [[512, 512, 1024]]},  # the source's
    ]
    quick = {"n_epochs": 12, "learning_rate": 2e-3, "learning_rate_decay": 0.9}
    quick_seconds = 7

    @staticmethod
    def memory(config: Config, size: Size) -> float:
        return memory_of_rows(config, size.n_users, size.n_items, size.n_ratings)

    def fit(self, train: Dataset, options: FitOptions) -> OnnxScorer:
        import torch

        network, ratings, _ = start(train, self.config, options, rows_are_films=False)

        def run(inputs: dict[str, np.ndarray]) -> np.ndarray:
            with torch.inference_mode():
                return network(torch.from_numpy(inputs["ratings"]).to(options.device)).cpu().numpy()

        live = LiveScorer(
            run,
            Unit.STARS,
            {"encoder": "rating_vector"},
            train,
            export=lambda: _export(network, train.n_items),
            get_weights=lambda: copy.deepcopy(network.state_dict()),
            set_weights=network.load_state_dict,
        )
        for log in train_network(network, ratings, self.config, options):
            options.report(log, live)
        return live.as_served()


def _export(network: torch.nn.Module, n_items: int) -> bytes:
    """The network as ONNX; the tied weights are stored once."""
    import torch

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # The TorchScript exporter needs no further package and stores a tied weight once; torch is pinned.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            copy.deepcopy(network).cpu().eval(),  # a copy, as training may go on
            (torch.zeros(1, n_items),),
            buffer,  # type: ignore[arg-type]
            dynamo=False,
            input_names=["ratings"],
            output_names=["scores"],
            dynamic_axes={"ratings": {0: "users"}, "scores": {0: "users"}},
            do_constant_folding=False,  # folding would store the transposed weights a second time
        )
    return buffer.getvalue()
