"""The `ctr` protocol calibrated: logistic regression on one-hot fields reaches the published figures within 2 %."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from recsys.data.catalog import Categorical
from recsys.data.dataset import Dataset
from recsys.evaluation import metrics
from recsys.evaluation.protocols import CTR


def one_hot(rows: Dataset) -> sparse.csr_matrix:
    """(N, fields): user, film, gender, age band, occupation, release year, and the genres as they are."""
    viewers, years = rows.viewers, np.maximum(rows.catalog.years.astype(int) - 1900, 0)

    def of_viewers(attribute: Categorical) -> tuple[np.ndarray, int]:
        return attribute.codes[rows.users].astype(int), len(attribute.names)

    columns = [
        (rows.users, rows.n_users),
        (rows.items, rows.n_items),
        *map(of_viewers, (viewers.gender, viewers.age, viewers.occupation)),
        (years[rows.items], int(years.max()) + 1),
    ]
    ones, number = np.ones(len(rows), dtype=np.float32), np.arange(len(rows))
    blocks = [sparse.csr_matrix((ones, (number, codes)), shape=(len(rows), size)) for codes, size in columns]
    return sparse.hstack([*blocks, rows.catalog.genres[rows.items].astype(np.float32)]).tocsr()


def calibrate(dataset: Dataset) -> tuple[float, float]:
    """AUC and log loss of logistic regression on the test part."""
    task = CTR.final(dataset)
    label = task.held_out.ratings >= task.relevance
    model = LogisticRegression(C=1.0, max_iter=500).fit(one_hot(task.known), task.known.ratings >= task.relevance)
    probability = model.predict_proba(one_hot(task.held_out))[:, 1]
    auc = metrics.auc(label, probability, np.zeros(len(label), dtype=int), 1)[0]
    return float(auc), float(metrics.log_loss(label, probability).mean())


def test_on_ml_100k(ml100k: Dataset) -> None:
    auc, log_loss = calibrate(ml100k)
    assert auc == pytest.approx(0.7765, rel=0.02)
    assert log_loss == pytest.approx(0.562, rel=0.02)


@pytest.mark.training
def test_on_ml_1m(ml1m_untimed: Dataset) -> None:
    auc, log_loss = calibrate(ml1m_untimed)
    assert auc == pytest.approx(0.8699, rel=0.02)
    assert log_loss == pytest.approx(0.3488, rel=0.02)
