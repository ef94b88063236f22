"""`python -m recsys record tables`: the tables of docs/results.md, from what is on record."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from recsys.cli.parsing import no_arguments
from recsys.errors import ArtifactError, UsageError
from recsys.evaluation import new_users, results
from recsys.evaluation.anchors import ANCHORS, CALIBRATIONS, Anchor, Standing, standing
from recsys.evaluation.metrics import LOWER_IS_BETTER
from recsys.evaluation.protocols import HOLDOUT, PROTOCOLS, Protocol
from recsys.evaluation.statistics import at_the_top, clearly_better_of_all, mean
from recsys.explain import deletion
from recsys.models.registry import ENTRIES, Entry, entry
from recsys.serving import artifacts, records
from recsys.serving.artifacts import Manifest
from recsys.training import search

ABOUT = "Print the tables of docs/results.md from what is on record, as Markdown."
EXAMPLE = "python -m recsys record tables"
DAMAGED = "damaged"
"""What stands in the place of a number that is on record and cannot be read; a sentence names whom it leaves out."""
add_arguments = no_arguments

Rows = Iterator[Sequence[str]]
T = TypeVar("T")


def run(_options: argparse.Namespace) -> None:
    text = "\n\n".join(table() for table in TABLES)
    print(text)
    if DAMAGED in text:
        raise UsageError(
            f"What the tables call {DAMAGED} cannot be read. `python -m recsys verify` says why, and how to mend it."
        )


def _sound(read: Callable[..., T], *place: object) -> T | str:
    """What is on record there, or DAMAGED: a record that cannot be read takes no table with it."""
    try:
        return read(*place)
    except ArtifactError:
        return DAMAGED


def _markdown(rows: Callable[..., Rows]) -> Callable[..., str]:
    """The rows that a function yields as a table in Markdown; the first has the titles."""

    @wraps(rows)
    def table(*args: Any, **kwargs: Any) -> str:
        titles, *others = rows(*args, **kwargs)
        lines = [f"| {' | '.join(cells)} |" for cells in (titles, *others)]
        return "\n".join([lines[0], f"|{'---|' * len(titles)}", *lines[1:]])

    return table


@_markdown
def shipped(dataset: str = "ml-100k", root: Path | None = None) -> Rows:
    """The models in artifacts/, under `holdout`."""
    titles = ("model", "nDCG@10", "recall@10", "hit rate@10", "coverage", "RMSE", "AUC", "training", "size")
    yield titles
    for known, manifest in _manifests(dataset, root):
        if isinstance(manifest, str):
            yield known.label, *[DAMAGED] * (len(titles) - 1)
            continue
        low, high = manifest.intervals["ndcg@10"]
        yield (
            known.label,
            f"{_number(manifest.metric('ndcg@10'), 3)} ({_number(low, 3)}–{_number(high, 3)})",
            *(_number(manifest.metric(name), 3) for name in ("recall@10", "hit_rate@10")),
            _number(manifest.metric("coverage"), 2),
            _number(manifest.metric("rmse"), 4),
            _number(manifest.metric("auc"), 3),
            f"{manifest.train_seconds:.0f} s",
            f"{manifest.n_bytes / 1e6:.2f} MB",
        )


@_markdown
def by_protocol(dataset: str = "ml-100k", root: Path | None = None) -> Rows:
    """The headline of every protocol but `holdout`, of every model with a result on record."""
    recorded = results.recorded(dataset, root)
    wanted = [each for each in PROTOCOLS.values() if each.name in recorded and each.name != "holdout"]
    yield "model", *(f"`{each.name}` {each.headline}" for each in wanted)
    for known in ENTRIES:
        cells = [_headline(dataset, each, known.name, root) for each in wanted]
        if set(cells) != {_number(math.nan)}:
            yield known.label, *cells


def _headline(dataset: str, protocol: Protocol, model: str, root: Path | None) -> str:
    result = _sound(results.read, dataset, protocol.name, model, root)
    if isinstance(result, str):
        return DAMAGED
    return _number(math.nan if result is None else result.metric(protocol.headline), 3)


@_markdown
def for_new_users(dataset: str = "ml-100k", root: Path | None = None) -> Rows:
    """What each shipped model is worth to somebody it never saw, and how its explanations fare."""
    kept_out = ("overlap with the trained list", "nDCG@10, kept out", "less Popularity's", "trained")
    yield "model", *kept_out, "first film counts more"
    for name, found in _new_users(dataset, root).items():
        first_film = _first_film(_sound(deletion.read, dataset, name, root))
        if isinstance(found, str):
            yield entry(name).label, *[DAMAGED] * len(kept_out), first_film
            continue
        low, high = found.over_popularity_interval
        yield (
            entry(name).label,
            _number(found.overlap, 2),
            _number(found.kept_out, 3),
            f"{found.over_popularity:+.3f} ({low:+.3f} to {high:+.3f})" if name != "popularity" else "–",
            _number(found.trained, 3),
            first_film,
        )


def leaders(dataset: str = "ml-100k", root: Path | None = None) -> str:
    """Who is at the top of `shipped` and who is not clearly behind Popularity, by paired tests over its users."""
    values, damaged = {}, []
    for known, _ in _manifests(dataset, root):
        per_user = _sound(artifacts.load_evaluation, artifacts.folder_of(dataset, known.name, root))
        if isinstance(per_user, str):
            damaged.append(known.name)
        else:
            values[known.name] = per_user[HOLDOUT.headline]
    clear, without = clearly_better_of_all(values), _left_out(damaged)
    if len(values) < 2:
        return f"Fewer than two models are on record: none is compared.{without}"
    top = [entry(name).label for name in at_the_top({name: mean(of_users) for name, of_users in values.items()}, clear)]
    says = f"{top[0]} leads" if len(top) == 1 else f"{', '.join(top[:-1])} and {top[-1]} are level at the top"
    n_stars = sum(entry(name).predicts_stars for name in values)
    n_behind = sum(entry(name).predicts_stars and ("popularity", name) in clear for name in values)
    return (
        f"By paired tests over the users, after Holm's correction for all {math.comb(len(values), 2)} pairs,\n"
        f"{says} on nDCG@10;\n"
        f"clearly behind Popularity: {n_behind} of the {n_stars} that predict stars.{without}"
    )


def corrected(dataset: str = "ml-100k", root: Path | None = None) -> str:
    """Which models differ from Popularity for new users, as one of many comparisons.

    The record has an interval for each; its width gives the p-value of a normal distribution.
    """
    found = _new_users(dataset, root)
    damaged = [name for name, each in found.items() if isinstance(each, str)]
    sound = {name: each for name, each in found.items() if not isinstance(each, str)}
    ahead, level, behind = new_users.beside_popularity(sound)
    who = f"all but {' and '.join(entry(name).label for name in level)}" if level else "all"
    n = len(ahead) + len(level) + len(behind)
    return f"After Holm's correction for {n} comparisons {who} differ from Popularity.{_left_out(damaged)}"


def _left_out(models: Sequence[str]) -> str:
    """The end of a sentence about models, of which these are damaged; "" for none."""
    return (
        f"\nLeft out, as what is on record is {DAMAGED}: {', '.join(entry(name).label for name in models)}."
        if models
        else ""
    )


def _new_users(dataset: str, root: Path | None) -> dict[str, new_users.FoldIn | str]:
    """Model -> what was measured of the shipped one, or DAMAGED, in the registry's order."""
    return {
        known.name: found
        for known, manifest in _manifests(dataset, root)
        if (found := _new_users_of(dataset, known.name, manifest, root)) is not None
    }


def _new_users_of(
    dataset: str, model: str, manifest: Manifest | str, root: Path | None
) -> new_users.FoldIn | str | None:
    if isinstance(manifest, str):
        return manifest
    return _sound(new_users.read, dataset, model, manifest.sha256, root)


def _manifests(dataset: str, root: Path | None) -> Iterator[tuple[Entry, Manifest | str]]:
    """The models in artifacts/ with their manifests, or DAMAGED, in the registry's order."""
    trained = artifacts.trained(dataset, root)
    for known in (known for known in ENTRIES if known.name in trained):
        yield known, _sound(artifacts.read_manifest, artifacts.folder_of(dataset, known.name, root))


def _first_film(tested: deletion.Deletion | str | None) -> str:
    """How often deleting the film named first costs more than deleting another."""
    if isinstance(tested, str):
        return tested
    if tested is None:
        return "names no films"
    if tested.is_identity:
        return "by construction"
    low, high = tested.wins_interval
    return f"{tested.wins:.0%} ({low:.0%} to {high:.0%})"


def figures(root: Path | None = None) -> str:
    """The figures to beat beside ours, and by how much one is missed."""
    return _beside_ours(ANCHORS, "to beat", "", _verdict, root)


def calibrations(root: Path | None = None) -> str:
    """How far the deterministic models are from what others measured."""
    return _beside_ours(CALIBRATIONS, "others", "off by", lambda ours: f"{ours.relative_error:.1%}", root)


def _ours_in_a_word(ours: Standing) -> str:
    """Why there is no figure of ours; "" where there is one."""
    if ours.is_damaged:
        return DAMAGED
    return "not measured" if math.isnan(ours.value) else ""


def _verdict(ours: Standing) -> str:
    if ours.is_level:
        return "level"
    return "reached" if ours.is_reached else f"missed by {_number(abs(ours.value - ours.anchor.value))}"


@_markdown
def _beside_ours(
    anchors: tuple[Anchor, ...], theirs: str, last: str, verdict: Callable[[Standing], str], root: Path | None
) -> Rows:
    """A line per anchor; `theirs` is the title of its figure, `last` that of the verdict."""
    yield "model", "data", "protocol", "metric", theirs, "ours", "std. error", "seeds", last
    for anchor in anchors:
        ours = standing(anchor, root)
        yield (
            entry(anchor.model).label,
            anchor.dataset,
            f"`{anchor.protocol}`",
            anchor.metric,
            f"{_number(anchor.value)} ({anchor.whose})",
            _number(ours.value),
            _number(ours.standard_error),
            str(ours.n_seeds) if ours.n_seeds else "–",
            _ours_in_a_word(ours) or verdict(ours),
        )


@_markdown
def seeds(dataset: str = "ml-100k", root: Path | None = None) -> Rows:
    """The spread over seeds of every model that was trained with several under `holdout`."""
    spread = ("mean ± std. deviation over seeds", "std. error over users")
    yield "model", "metric", "seeds 0, 1, 2 (0 is shipped)", *spread
    for known in ENTRIES:
        metric = known.load().selected_on
        found = _sound(results.read, dataset, "holdout", known.name, root)
        if isinstance(found, str):
            yield known.label, metric, DAMAGED, DAMAGED, DAMAGED
            continue
        if found is None or not found.seed_spread(metric) > 0:  # one seed, or a model without chance
            continue
        digits = 4 if metric in LOWER_IS_BETTER else 3
        each = (summary[metric] for summary in found.by_seed.values())
        yield (
            known.label,
            metric,
            ", ".join(_number(value, digits) for value in each if value is not None),
            f"{_number(found.metric(metric), digits)} ± {_number(found.seed_spread(metric))}",
            _number(found.standard_error(metric)),
        )


@_markdown
def trials() -> Rows:
    """How many settings were tried on the validation part of each protocol, and are on record."""
    yield "data", "protocol", "trials on record"
    tables = {place: _sound(search.read, *place) for place in records.all_of(records.SEARCHES)}
    for dataset in sorted({dataset for dataset, *_ in tables}):
        for protocol in (name for name in PROTOCOLS if any(place[:2] == (dataset, name) for place in tables)):
            counts = (
                f"{known.label} {table if isinstance(table, str) else len(table['trials'])}"
                for known in ENTRIES
                if (table := tables.get((dataset, protocol, known.name))) is not None
            )
            yield dataset, f"`{protocol}`", ", ".join(counts)


def _number(value: float, digits: int = 4) -> str:
    """Without the leading zero, as in the literature; a dash where undefined."""
    if math.isnan(value):
        return "–"
    text = f"{value:.{digits}f}"
    return text.removeprefix("0") if 0 <= value < 1 else text


TABLES: tuple[Callable[..., str], ...] = (
    *(shipped, leaders, for_new_users, corrected, figures, calibrations, by_protocol),
    *(seeds, trials),
)
"""What `record tables` prints and docs/results.md shows."""
