"""The tables of docs/results.md are those of the record: `python -m recsys record tables` prints them."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from recsys.__main__ import main
from recsys.cli import report
from recsys.evaluation import anchors, results
from recsys.evaluation import new_users as fold_in_check
from recsys.evaluation.anchors import ANCHORS, CALIBRATIONS, Anchor, Standing
from recsys.evaluation.protocols import PROTOCOLS
from recsys.models import registry
from recsys.paths import ROOT
from recsys.serving import artifacts, records

RESULTS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
COMMITTED = ROOT / "artifacts"


@pytest.mark.parametrize("table", report.TABLES, ids=lambda table: table.__name__)
def test_the_results_show_what_is_on_record(table: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(COMMITTED))
    assert table() in RESULTS


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


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [
        (0.45, 0.01, "level"),
        (0.4251, 0.01, "level"),  # just within two standard errors
        (0.4249, 0.01, "missed by .0201"),
        (0.47, 0.01, "reached"),
        (0.44, math.nan, "missed by .0050"),
        (0.445, math.nan, "reached"),
    ],
)
def test_within_two_standard_errors_nobody_has_won(value: float, error: float, verdict: str) -> None:
    quality = Anchor("bpr", "ml-100k", "top", "ndcg@10", 0.445, "somebody")
    assert report._verdict(Standing(quality, value, error, 1)) == verdict


def new_users(difference: float, low: float, high: float) -> fold_in_check.FoldIn:
    interval = (difference, difference)
    kept_out = {"kept_out": difference, "kept_out_interval": interval, "trained": 0.1, "overlap_interval": interval}
    told = {"model": "m", "dataset": "d", "artifact_sha256": "", "config": {}, "seed": 0, "n_users": 9, "n_kept_out": 9}
    compared = {"over_popularity": difference, "over_popularity_interval": (low, high)}
    return fold_in_check.FoldIn(**told, **kept_out, **compared, overlap=difference)


def test_newcomers_are_compared_with_a_correction(monkeypatch: pytest.MonkeyPatch) -> None:
    """z = 2.2 is p = .028: alone beyond chance, as one of two of which the other is 0 no longer."""
    found = {"bpr": new_users(0.022, 0.0024, 0.0416), "gru": new_users(0.0, -0.0196, 0.0196)}
    found["popularity"] = new_users(0.0, 0.0, 0.0)
    monkeypatch.setattr(report, "_new_users", lambda *_: found)
    said = report.corrected()
    assert said == "After Holm's correction for 2 comparisons all but BPR and GRU differ from Popularity."
    found["svd"] = new_users(-0.1, -0.12, -0.08)
    assert "for 3 comparisons all but BPR and GRU differ" in report.corrected()
    del found["gru"]
    assert report.corrected() == "After Holm's correction for 2 comparisons all differ from Popularity."


def test_each_figure_says_whether_it_was_published() -> None:
    for anchor in ANCHORS:
        assert anchor.whose.startswith("published: ") != anchor.whose.split(";")[0].endswith("not published")


def test_seeds_are_counted_from_their_records(tmp_path: Path) -> None:
    """Mean of .1, .2 and .6 is .3, their standard deviation the root of (.04 + .01 + .09) / 2."""
    ones = {"by_seed": {str(seed): {"ndcg@10": value} for seed, value in enumerate((0.1, 0.2, 0.6))}}
    path, source = (results.folder_of("ml-100k", "holdout", root) / "bpr.json" for root in (tmp_path, COMMITTED))
    known = json.loads(source.read_text(encoding="utf-8"))
    records.write(path, known | ones | {"standard_errors": {"ndcg@10": 0.05}})
    path.with_suffix(".npz").write_bytes(source.with_suffix(".npz").read_bytes())
    assert report.seeds(root=tmp_path).splitlines()[2:] == [
        "| BPR | ndcg@10 | .100, .200, .600 | .300 ± .2646 | .0500 |"
    ]


def test_what_is_damaged_is_called_so_and_the_rest_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "artifacts"
    shutil.copytree(COMMITTED, root)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    for protocol in ("rate", "holdout"):
        (results.folder_of("ml-100k", protocol, root) / "svd.json").write_text("{")
    assert anchors.standing(ANCHORS[0]).is_damaged
    assert main(["record", "tables"]) == 2
    out, err = capsys.readouterr()
    assert "| SVD | ml-100k | `rate` | rmse | .9190 (published: SVD++ (Surprise)) | – | – | – | damaged |" in out
    assert "| SVD | rmse | damaged | damaged | damaged |" in out
    assert "python -m recsys verify" in err.splitlines()[-1]


LEFT_OUT = "Left out, as what is on record is damaged: BPR."


@pytest.mark.parametrize(
    ("victim", "says"),
    [
        ("models/bpr/manifest.json", ["\n| BPR | damaged | damaged | damaged | damaged |", LEFT_OUT]),
        ("models/bpr/evaluation.npz", [LEFT_OUT]),
        ("newcomers/bpr.json", ["\n| BPR | damaged | damaged | damaged | damaged | 92% (90% to 94%) |", LEFT_OUT]),
        ("explanations/bpr.json", [" | damaged |\n"]),
        ("searches/holdout/bpr.json", ["| ml-100k | `holdout` | SVD 72, AutoEncoder 4, BPR damaged, GRU 2"]),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_each_damaged_record_is_treated_alone(
    victim: str, says: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "artifacts"
    shutil.copytree(COMMITTED, root)
    monkeypatch.setenv("RECSYS_ARTIFACTS_DIR", str(root))
    assert main(["record", "tables"]) == 0
    sound = capsys.readouterr().out
    (root / "ml-100k" / victim).write_bytes(b"{")
    assert main(["record", "tables"]) == 2
    out, err = capsys.readouterr()
    for each in says:
        assert each in out
        assert each not in sound
    assert len(out.splitlines()) == len(sound.splitlines()) + out.count(LEFT_OUT)
    assert "python -m recsys verify" in err.splitlines()[-1]


def test_what_is_not_on_record_is_not_reached(tmp_path: Path) -> None:
    ours = anchors.standing(ANCHORS[0], tmp_path)
    assert math.isnan(ours.value)
    assert not ours.is_reached
    assert "not measured" in report.figures(tmp_path)


def test_the_sentence_on_the_table_names_a_leader_only_where_the_test_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 users: BPR and GRU are level, the first higher by chance; a third, ahead for everybody, leads."""
    random = np.random.default_rng(0)
    base, noise = random.uniform(0.3, 0.7, 60), random.normal(0, 0.1, 60)
    values = {"bpr": base, "gru": base - 0.005 - (noise - noise.mean()), "popularity": base - 0.2, "als": base - 0.25}
    monkeypatch.setattr(report, "_manifests", lambda *_: [(registry.entry(name), None) for name in values])
    monkeypatch.setattr(artifacts, "load_evaluation", lambda folder: {"ndcg@10": values[folder.name]})
    assert report.leaders() == (
        "By paired tests over the users, after Holm's correction for all 6 pairs,\nBPR and GRU are level at the top on "
        "nDCG@10;\nclearly behind Popularity: 1 of the 1 that predict stars."
    )
    values["ease"] = base + 0.1
    assert "all 10 pairs,\nEASE leads on nDCG@10;" in report.leaders()
    for name in list(values)[1:]:
        del values[name]
    assert report.leaders() == "Fewer than two models are on record: none is compared."
