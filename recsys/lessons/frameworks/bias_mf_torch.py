"""Matrix factorisation with biases, in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

Table = dict[str, Any]  # name -> torch.Tensor
Batch = tuple[float, np.ndarray, np.ndarray, np.ndarray]


def parameters(start: dict[str, np.ndarray]) -> Table:
    """Biases (U,), (I,) and vectors (U, D), (I, D)."""
    table = {}
    for name, given in start.items():
        table[name] = torch.tensor(given, requires_grad=True)
    return table


def loss(table: Table, batch: Batch) -> torch.Tensor:
    """Squared error and penalty, mean over a batch."""
    mean, users, items, stars = batch
    b_u = table["b_u"][users]  # (B,)
    b_i = table["b_i"][items]
    p_u = table["p_u"][users]  # (B, D)
    q_i = table["q_i"][items]
    product = torch.sum(p_u * q_i, dim=1)
    error = mean + b_u + b_i + product - torch.tensor(stars)
    norms = torch.sum(p_u**2 + q_i**2, dim=1)
    penalty = 0.1 * (b_u**2 + b_i**2 + norms)
    return torch.mean(error**2 + penalty)


def step(table: Table, batch: Batch, rate: float) -> float:
    """Go down the gradient once; the loss before."""
    value = loss(table, batch)
    value.backward()
    with torch.no_grad():
        for each in table.values():
            each -= rate * each.grad
            each.grad = None
    return value.item()


if __name__ == "__main__":
    random = np.random.default_rng(0)
    shapes = {"b_u": (3,), "b_i": (4,), "p_u": (3, 2), "q_i": (4, 2)}
    values = {k: random.normal(0, 0.1, n) for k, n in shapes.items()}
    users = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    items = np.array([0, 1, 2, 0, 3, 1, 2, 3])
    stars = np.array([5.0, 4, 1, 5, 2, 1, 5, 4])
    table = parameters(values)
    for number in range(1, 6):
        before = step(table, (3.375, users, items, stars), 0.5)
        print(f"step {number}: loss {before:.5f}")
