"""The same step in two frameworks: the same numbers, and those of a gradient derived by hand."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recsys.paths import ROOT

MODULES = ("bias_mf_torch", "bias_mf_tensorflow")
MEAN, RATE, N_STEPS = 3.4, 0.3, 4

Arrays = dict[str, np.ndarray]

CHILD = """
import sys, importlib
import numpy as np
module = importlib.import_module("recsys.lessons.frameworks." + sys.argv[1])
given = np.load(sys.argv[2])
table = module.parameters({name: given[name] for name in ("b_u", "b_i", "p_u", "q_i")})
batch = (float(given["mean"]), given["users"], given["items"], given["stars"])
losses = [module.step(table, batch, float(given["rate"])) for _ in range(int(given["n_steps"]))]
after = {}
for name, each in table.items():
    each = each.detach() if hasattr(each, "detach") else each
    after[name] = each.numpy()
np.savez(sys.argv[3], losses=np.array(losses), **after)
"""


def start() -> Arrays:
    random = np.random.default_rng(7)
    shapes = {"b_u": (6,), "b_i": (9,), "p_u": (6, 4), "q_i": (9, 4)}
    return {name: random.normal(0, 0.3, shape) for name, shape in shapes.items()}


def batch() -> Arrays:
    """Users and films come up several times; user 5 and film 8 not at all."""
    random = np.random.default_rng(8)
    users, items = random.integers(0, 5, 20), random.integers(0, 8, 20)
    return {"users": users, "items": items, "stars": random.integers(1, 6, 20).astype(float)}


def by_hand(table: Arrays, given: Arrays) -> float:
    """One step in place: the gradients derived on paper, summed over the rows of a user or film."""
    users, items = given["users"], given["items"]
    b_u, b_i, p_u, q_i = table["b_u"][users], table["b_i"][items], table["p_u"][users], table["q_i"][items]
    error = MEAN + b_u + b_i + (p_u * q_i).sum(axis=1) - given["stars"]  # (B,)
    squares = b_u**2 + b_i**2 + (p_u**2).sum(axis=1) + (q_i**2).sum(axis=1)
    loss = float(np.mean(error**2 + 0.1 * squares))
    n = len(users)
    parts = (
        ("b_u", users, 2 * error + 0.2 * b_u),
        ("b_i", items, 2 * error + 0.2 * b_i),
        ("p_u", users, 2 * error[:, None] * q_i + 0.2 * p_u),
        ("q_i", items, 2 * error[:, None] * p_u + 0.2 * q_i),
    )
    for name, rows, gradient in parts:
        total = np.zeros_like(table[name])
        np.add.at(total, rows, gradient / n)
        table[name] = table[name] - RATE * total
    return loss


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True
    )


@pytest.mark.training
@pytest.mark.process
def test_both_frameworks_do_what_the_paper_says(tmp_path: Path) -> None:
    np.savez(tmp_path / "given.npz", mean=MEAN, rate=RATE, n_steps=N_STEPS, **start(), **batch())
    table = start()
    losses = [by_hand(table, batch()) for _ in range(N_STEPS)]
    assert losses[-1] < losses[0]
    for module in MODULES:
        run("-c", CHILD, module, str(tmp_path / "given.npz"), str(tmp_path / f"{module}.npz"))
        with np.load(tmp_path / f"{module}.npz", allow_pickle=False) as after:
            np.testing.assert_allclose(after["losses"], losses, rtol=1e-5)
            for name, values in table.items():
                np.testing.assert_allclose(after[name], values, atol=1e-5, err_msg=f"{module}: {name}")
            assert np.array_equal(after["b_u"][5], start()["b_u"][5])  # not in the batch, so not moved
            assert np.array_equal(after["q_i"][8], start()["q_i"][8])


@pytest.mark.training
@pytest.mark.process
def test_both_files_run_and_print_the_same() -> None:
    printed = [run("-m", f"recsys.lessons.frameworks.{module}").stdout.splitlines() for module in MODULES]
    assert printed[0] == printed[1]
    assert len(printed[0]) == 5
    losses = [float(re.fullmatch(r"step \d: loss (\d+\.\d{5})", line)[1]) for line in printed[0]]  # type: ignore[index]
    assert losses == sorted(losses, reverse=True)


def test_both_files_are_short_and_stand_side_by_side() -> None:
    """Line by line: the same functions at the same lines, narrow enough for half of a page."""
    outlines = []
    for module in MODULES:
        text = (ROOT / "recsys" / "lessons" / "frameworks" / f"{module}.py").read_text(encoding="utf-8")
        lines = text.splitlines()
        assert len(lines) <= 60
        assert max(map(len, lines)) <= 72
        functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        outlines.append([(node.name, node.lineno, node.end_lineno) for node in functions])
    assert [name for name, _, _ in outlines[0]] == ["parameters", "loss", "step"]
    assert outlines[0] == outlines[1]
