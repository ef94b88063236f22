"""The hyperparameters of GRU4Rec, which the model and its network both read."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.models.settings import ModelConfig, setting

BATCHINGS = ("padded", "session_parallel")


@dataclass(frozen=True)
class Config(ModelConfig):
    batching: str = setting(
        "padded", "padded: windows from an empty state; session_parallel: lanes that keep theirs", choices=BATCHINGS
    )
    horizon: int = setting(
        1, "the film to predict is drawn from the next so many; 1: the very next, as in the paper", low=1, most=500
    )
    withheld: float = setting(
        0.0, "share of the films that is not read, and of the targets that is drawn from those", low=0, below=1
    )
    embedding_dim: int = setting(128, "D, of the films; input and output share the vectors", low=1, high=1024, most=512)
    hidden_dim: int = setting(128, "H, of the GRU's state", low=1, high=2048, most=512)
    dropout: float = setting(0.4, "on the film embeddings and on the state", low=0, below=1)
    max_length: int = setting(
        50,
        "T, films per window or chunk of a lane; also how far back a recommendation looks",
        low=2,
        high=2048,
        most=500,
    )
    learning_rate: float = setting(4e-3, "Adam's in the first epoch; falls to 0 along a cosine", above=0, most=1)
    batch_size: int = setting(64, "windows per step, or lanes", low=1, most=65_536)
    n_sampled: int = setting(
        0, "films drawn per step to estimate the softmax from; 0: all films, no estimate", low=0, most=10_000
    )
    n_epochs: int = setting(14, "passes over all histories", low=1, most=200)
    min_rating: float = setting(
        0.0, "only films with at least this many stars are predicted; all of them are read", least=0, most=10
    )
