"""README's tables are those of the record: `python -m recsys report` prints them."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from recsys import anchors, registry
from recsys.anchors import ANCHORS, CALIBRATIONS, Anchor
from recsys.protocols import PROTOCOLS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMITTED = ROOT / "artifacts"


@pytest.mark.parametrize(
    "table",
    [anchors.shipped, anchors.visitors, anchors.figures, anchors.calibrations, anchors.by_protocol],
)
def test_readme_shows_what_is_on_record(table: object) -> None:
    assert table(root=COMMITTED) in README  # type: ignore[operator]


@pytest.mark.parametrize("anchor", [*ANCHORS, *CALIBRATIONS], ids=lambda a: f"{a.model}-{a.protocol}-{a.dataset}")
def test_an_anchor_names_a_model_and_a_protocol(anchor: Anchor) -> None:
    assert anchor.model in registry.BY_NAME
    assert anchor.protocol in PROTOCOLS


@pytest.mark.parametrize("anchor", CALIBRATIONS, ids=lambda a: f"{a.model}-{a.protocol}-{a.dataset}")
def test_deterministic_models_calibrate_the_protocols(anchor: Anchor) -> None:
    """More than 2 % off: the protocol is wrong, not the model."""
    assert anchors.standing(anchor, COMMITTED).relative_error <= 0.02


def test_lower_is_better_for_errors_and_higher_for_lists() -> None:
    error = Anchor("svd", "ml-100k", "rate", "rmse", 0.919, "somebody")
    quality = Anchor("bpr", "ml-100k", "top", "ndcg@10", 0.445, "somebody")
    assert error.is_reached_by(0.919)
    assert not error.is_reached_by(0.92)
    assert quality.is_reached_by(0.445)
    assert not quality.is_reached_by(0.44)


def test_what_is_not_on_record_is_not_reached(tmp_path: Path) -> None:
    ours = anchors.standing(ANCHORS[0], tmp_path)
    assert math.isnan(ours.value)
    assert not ours.is_reached
    assert "not measured" in anchors.figures(tmp_path)
