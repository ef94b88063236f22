"""From our arrays to Surprise and back: the only place that knows its inner ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recsys.dataset import Dataset

if TYPE_CHECKING:
    from surprise import Trainset


def trainset(train: Dataset) -> Trainset:
    """A Surprise trainset whose raw ids are our indices."""
    import pandas as pd
    from surprise import Dataset as SurpriseDataset
    from surprise import Reader

    frame = pd.DataFrame({"user": train.users, "item": train.items, "rating": train.ratings})
    reader = Reader(rating_scale=(train.scale.low, train.scale.high))
    return SurpriseDataset.load_from_df(frame, reader).build_full_trainset()


def user_rows(values: np.ndarray, source: Trainset, n_users: int) -> np.ndarray:
    """Values per inner user reordered to our user indices; 0 for a user without ratings."""
    return _reorder(values, [source.to_raw_uid(inner) for inner in range(source.n_users)], n_users)


def item_rows(values: np.ndarray, source: Trainset, n_items: int) -> np.ndarray:
    """Values per inner item reordered to our film indices; 0 for a film without ratings."""
    return _reorder(values, [source.to_raw_iid(inner) for inner in range(source.n_items)], n_items)


def _reorder(values: np.ndarray, raw: list[int], n: int) -> np.ndarray:
    rows = np.zeros((n, *values.shape[1:]), dtype=np.float32)
    rows[np.asarray(raw, dtype=int)] = values
    return rows


def als_biases(train: Dataset, n_epochs: int, reg_u: float, reg_i: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean rating, user biases (U,) and film biases (I,) by alternating least squares (Koren 2010, section 2.1)."""
    from surprise import BaselineOnly

    source = trainset(train)
    options = {"method": "als", "n_epochs": n_epochs, "reg_u": reg_u, "reg_i": reg_i}
    algorithm = BaselineOnly(bsl_options=options, verbose=False).fit(source)
    return (
        float(source.global_mean),
        user_rows(algorithm.bu, source, train.n_users),
        item_rows(algorithm.bi, source, train.n_items),
    )
