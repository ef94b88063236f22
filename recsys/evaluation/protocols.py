"""Evaluation protocols: which ratings are known, which are held out, what counts as relevant, what is measured.

A number without its protocol is noise, so every number that is stored or shown carries one of these names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from recsys.data.dataset import Dataset
from recsys.errors import UnfitDataError, UsageError
from recsys.evaluation import splits as cut
from recsys.evaluation.splits import Split

ANY_MODEL = "*"
LARGE = 500_000
"""Ratings from which the published figures are those of MovieLens 1M, with its own rules."""


class Ask(StrEnum):
    """What a protocol measures; a model answers what it can."""

    LISTS = "lists"  # rank films, compare with what was held out
    STARS = "stars"  # predict the held-out ratings
    PROBABILITIES = "probabilities"  # AUC and log loss of "relevant" on the held-out ratings
    ORDER = "order"  # AUC alone, for scores of any kind


@dataclass(frozen=True, eq=False)
class Candidates:
    """The only films that are ranked for each user: user u's are items[starts[u] : starts[u + 1]]."""

    items: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, per_user: Sequence[np.ndarray]) -> Candidates:
        starts = np.concatenate([[0], np.cumsum([len(items) for items in per_user])]).astype(np.int64)
        return cls(np.concatenate([*per_user, np.zeros(0, dtype=np.int32)]).astype(np.int32), starts)


@dataclass(frozen=True, eq=False)
class Task:
    """One question to a model: having seen `known`, what of `held_out` does it find?

    Args:
        known: what the model is trained on and asked with; its films are masked in the lists.
        held_out: what it is asked for.
        relevance: a held-out film is relevant if it has at least this many stars.
        asks: what is measured.
        masked: further rows whose films are left out of the lists.
        candidates: the only films that are ranked; None = all of the catalogue.
        is_rounded: predicted stars are rounded to the scale, as in one of the source articles.
    """

    known: Dataset
    held_out: Dataset
    relevance: float
    asks: frozenset[Ask] = frozenset({Ask.LISTS, Ask.STARS, Ask.PROBABILITIES})
    masked: Dataset | None = None
    candidates: Candidates | None = None
    is_rounded: bool = False

    def relevant_of(self, user: int) -> np.ndarray:
        """Film indices that the user really went on to like, in time order."""
        rows = self.held_out.rows_of(user)
        return self.held_out.items[rows[self.held_out.ratings[rows] >= self.relevance]]


def check_learnable(task: Task, *configs: object) -> None:
    """Asked before any model is trained, whichever it is: some would raise, others list films in the file's order.

    Args:
        configs: of the models; one may have a `min_rating` from which it takes a film for liked.

    Raises:
        UnfitDataError: too little is known, nothing is held out, or nobody gave as many stars as a liked film has.
    """
    known = task.known
    n_users, n_items = (np.count_nonzero(counts) for counts in (known.user_counts, known.item_counts))
    if min(n_users, n_items) < 2:
        raise UnfitDataError(
            f"There is nothing to learn from in {known.name}: what is not held out are {len(known):,} ratings, by "
            f"{n_users:,} users of {n_items:,} films, and two users and two films are needed. Take other data."
        )
    if not len(task.held_out):
        raise UnfitDataError(f"Nothing is held out of {known.name} to be measured on: its users have too few ratings.")
    thresholds = [float(getattr(config, "min_rating", 0)) for config in configs]
    liked = max([*thresholds, task.relevance if task.asks - {Ask.STARS} else 0.0])
    if known.ratings.max() < liked:
        raise UnfitDataError(
            f"There is nothing to learn from in {known.name}: nobody gave {liked:g} stars or more. Take a lower "
            "--relevance or min_rating, or other data."
        )


@dataclass(frozen=True)
class Protocol:
    """A named evaluation protocol.

    Args:
        name: as in every manifest and table.
        summary: one or two sentences for the reader of a number.
        splits: cuts a data set, into several folds or one.
        headline: the metric that its tables are sorted by.
        relevance: stars from which a held-out film is relevant; 0 = every one.
        ks: list lengths that are measured.
        asks: what is measured.
        settings: what the protocol says about the training signal, by model; those of ANY_MODEL are for all that
            have such a setting.
        frame: makes the question of one split; by default known -> test, ranked among all films.
        tuned_as: the protocol whose searches give the settings where it has none of its own.
        flaw: two sentences: what is wrong with it. Only of the exhibits.
        leaks_to: models that are trained on the test rows as well, as the source did.
    """

    name: str
    summary: str
    splits: Callable[[Dataset], list[Split]]
    headline: str = "ndcg@10"
    relevance: float = 0.0
    ks: tuple[int, ...] = (5, 10, 20)
    asks: frozenset[Ask] = frozenset({Ask.LISTS})
    settings: dict[str, dict[str, float]] = field(default_factory=dict)
    frame: Callable[[Task, Split], Task] = lambda task, _split: task
    tuned_as: str = ""
    flaw: str = ""
    leaks_to: frozenset[str] = frozenset()

    def validation(self, dataset: Dataset) -> Task:
        """For choosing hyperparameters, on the first fold: the test part does not take part."""
        split = self.splits(dataset)[0]
        return Task(split.train, split.valid, self.relevance, self.asks)

    def final(self, dataset: Dataset) -> Task:
        """For the numbers that are shown, of a protocol with one fold."""
        return self.finals(dataset)[0]

    def finals(self, dataset: Dataset, model: str = "") -> list[Task]:
        """For the numbers that are shown: learn from train and validation, be asked for test; one task per fold."""
        splits = self.splits(dataset)
        tasks = [self.frame(Task(split.known, split.test, self.relevance, self.asks), split) for split in splits]
        if model in self.leaks_to:
            return [replace(task, known=dataset, is_rounded=True) for task in tasks]
        return tasks


# The rules that are more than a line


def _top_splits(dataset: Dataset) -> list[Split]:
    """MovieLens 1M and larger: the 10-core of the films with 3 stars or more, cut per user. Smaller: cut per film."""
    if len(dataset) < LARGE:
        return [cut.per_item_at_random(dataset)]
    return [cut.per_user_at_random(cut.core(dataset.select(dataset.ratings >= 3), 10))]


def _top_frame(task: Task, split: Split) -> Task:
    """On the larger data the published models learn from train alone; validation is masked, not learned."""
    if len(split.known) + len(split.test) < LARGE:
        return task
    return replace(task, known=split.train, masked=split.valid)


def _labelled(dataset: Dataset) -> Dataset:
    """MovieLens 1M drops the 3s, as the published figures do; MovieLens 100K sets 4 and more against the rest."""
    return dataset.select(dataset.ratings != 3) if len(dataset) >= LARGE else dataset


def _row_clock(dataset: Dataset) -> Dataset:
    """Row numbers in place of times, and only films with 3 stars or more: as one of the source articles had it."""
    return replace(dataset, timestamps=np.arange(1, len(dataset) + 1)).select(dataset.ratings >= 3)


def _unseen(split: Split) -> Iterator[np.ndarray]:
    """Per user, the films of neither part; one user at a time, as all at once do not fit where there are many."""
    for user in range(split.known.n_users):
        is_unseen = np.ones(split.known.n_items, dtype=bool)
        for part in (split.known, split.test):
            is_unseen[part.items[part.rows_of(user)]] = False
        yield np.flatnonzero(is_unseen)


def _with_uniform_negatives(task: Task, split: Split, n: int = 99, seed: int = 0) -> Task:
    random = np.random.default_rng(seed)
    return _held_out_and(task, [random.permutation(unseen)[:n] for unseen in _unseen(split)])


def _with_popular_negatives(task: Task, split: Split, n: int = 100, seed: int = 0) -> Task:
    random = np.random.default_rng(seed)
    weight = split.known.item_counts.astype(float)
    drawn = []
    for unseen in _unseen(split):
        films = unseen[weight[unseen] > 0]
        if len(films):
            share = weight[films] / weight[films].sum()
            films = random.choice(films, min(n, len(films)), replace=False, p=share)
        drawn.append(films)
    return _held_out_and(task, drawn)


def _held_out_alone(task: Task, _split: Split) -> Task:
    return _held_out_and(task, [np.zeros(0, dtype=np.int32)] * task.known.n_users)


def _held_out_and(task: Task, others: list[np.ndarray]) -> Task:
    """Only each user's held-out films and these others are ranked."""
    lists = [np.concatenate([task.held_out.history(user).items, other]) for user, other in enumerate(others)]
    return replace(task, candidates=Candidates.of(lists))


ALL_POSITIVE = {ANY_MODEL: {"min_rating": 0.0}}
RATED_ONLY = {"autoint": {"n_negatives": 0, "hidden_users": 0.0, "dislike_weight": 1.0}}
"""Click-through style: learn from rated films alone, of known users."""

HOLDOUT = Protocol(
    name="holdout",
    summary=(
        "Each user's last 20 % of ratings are hidden and the model learns from the rest; all films not yet seen are "
        "ranked, and a hit is a hidden film with 4 stars or more. Time order is per user: what others rated later is "
        "visible to the models."
    ),
    splits=lambda dataset: [cut.per_user_by_time(dataset)],
    relevance=4.0,
    asks=frozenset({Ask.LISTS, Ask.STARS, Ask.PROBABILITIES}),
)
MIN_KNOWN = 5
"""Ratings before the moment from which `holdout-time` asks a user."""
HOLDOUT_TIME = replace(
    HOLDOUT,
    name="holdout-time",
    tuned_as="holdout",
    summary=(
        "One moment for all: what was rated before it is known, the latest 20 % of all ratings are hidden. Users with "
        f"{MIN_KNOWN} ratings or more before it are asked for the films that they liked after it, ranked among all not "
        "yet seen, with the settings of `holdout`. Nobody's later ratings are visible, but few users have ratings on "
        "both sides: a second opinion with wide intervals; no choice was based on it."
    ),
    splits=lambda dataset: [cut.by_moment(dataset, test_share=0.2, valid_share=0.1, min_known=MIN_KNOWN)],
)
"""A film that nobody had rated before the moment stays in the catalogue, as under every protocol: it may be listed, and
where it was liked it counts among what was to be found, though no model can know it."""
RATE = Protocol(
    name="rate",
    summary=(
        "Five-fold cross-validation at random: every rating is predicted once by a model that has not seen it. "
        "Predictions are clipped to the scale and never rounded."
    ),
    splits=cut.k_folds,
    headline="rmse",
    relevance=4.0,
    asks=frozenset({Ask.STARS}),
)
RATE_90 = replace(
    RATE,
    name="rate-90",
    tuned_as="rate",
    summary="One random tenth of the ratings is predicted from the rest; predictions are clipped and never rounded.",
    splits=lambda dataset: [cut.at_random(dataset, test_share=0.1)],
)
TOP = Protocol(
    name="top",
    summary=(
        "A random part of the ratings is hidden (a quarter of each film's; on MovieLens 1M a tenth of each user's, of "
        "films with 3 stars or more in the 10-core). Every hidden film counts as a hit, whatever its stars."
    ),
    splits=_top_splits,
    frame=_top_frame,
    ks=(10, 20),
    settings=ALL_POSITIVE,
)
NEXT = Protocol(
    name="next",
    summary=(
        "Each user's very last film is hidden; the model has learned from all that came before, and ranks every film "
        "not yet seen."
    ),
    splits=lambda dataset: [cut.leave_one_out(dataset)],
    ks=(10, 20),
    settings=ALL_POSITIVE,
)
CTR = Protocol(
    name="ctr",
    summary=(
        "A random tenth of the ratings: is it 4 stars or more? On MovieLens 1M ratings of 3 are left out, as in the "
        "published figures. No film is ranked."
    ),
    splits=lambda dataset: [cut.at_random(_labelled(dataset), test_share=0.1)],
    frame=lambda task, split: replace(task, known=split.train),  # as published: validation only stops training
    headline="auc",
    relevance=4.0,
    asks=frozenset({Ask.ORDER, Ask.PROBABILITIES}),
    settings=RATED_ONLY,
)
CTR_TIME = replace(
    CTR,
    name="ctr-time",
    tuned_as="ctr",
    summary=(
        "Like `ctr`, but the hidden tenth is the latest of all ratings: the model has to predict the future, not fill "
        "in gaps."
    ),
    splits=lambda dataset: [cut.by_moment(_labelled(dataset))],
)
SAMPLED = replace(
    NEXT,
    name="sampled",
    tuned_as="next",
    summary="Each user's very last film is hidden and ranked among 99 others drawn at random from those not seen.",
    frame=_with_uniform_negatives,
    ks=(10,),
)
NAIVE_AE = replace(
    RATE,
    name="naive-ae",
    tuned_as="rate",
    summary="A random 30 % of the ratings are predicted; the AutoEncoder has been trained on all ratings.",
    splits=lambda dataset: [cut.at_random(dataset, test_share=0.3)],
    leaks_to=frozenset({"autoencoder", "autoencoder-items"}),
    flaw=(
        "The AutoEncoder has seen the very ratings that it is tested on, the other models have not. "
        "Its predictions are rounded as well, which throws away what it knows between two stars."
    ),
)
NAIVE_GRU = replace(
    NEXT,
    name="naive-gru",
    tuned_as="next",
    summary="Films with 3 stars or more, cut at one moment, where the row number in the file stands for the time.",
    splits=lambda dataset: [cut.by_moment(_row_clock(dataset))],
    headline="recall@20",
    ks=(20,),
    flaw=(
        "The row number is not a clock: the file is in no order of time, so there is no next film to predict. "
        "A model of sequences is asked for a sequence that was shuffled."
    ),
)
NAIVE_BPR = replace(
    SAMPLED,
    name="naive-bpr",
    tuned_as="top",
    summary="The last tenth of each user's rows in the file, ranked among 100 unseen films drawn by popularity.",
    splits=lambda dataset: [cut.last_of_file(dataset)],
    frame=_with_popular_negatives,
    headline="hit_rate@10",
    flaw=(
        "Ranking a hundred films is not ranking all of them: a sampled metric can put the worse model first "
        "(Krichene & Rendle 2020). And the last rows of the file are a random tenth, not the latest."
    ),
)
NAIVE_CTR = Protocol(
    name="naive-ctr",
    tuned_as="ctr",
    summary="A random fifth of the ratings; only these films of each user are ranked, and 4 stars or more is a hit.",
    splits=lambda dataset: [cut.at_random(dataset, test_share=0.2)],
    frame=_held_out_alone,
    relevance=4.0,
    ks=(10,),
    settings=RATED_ONLY,
    flaw=(
        "Only films that the user is known to have watched are ranked: in real use, nobody knows which those are. "
        "With few films to choose from, a random order scores high as well."
    ),
)
NAIVE_MF = replace(
    RATE,
    name="naive-mf",
    tuned_as="rate",
    summary="A random quarter of the ratings is predicted from the rest.",
    splits=lambda dataset: [cut.at_random(dataset, test_share=0.25)],
    flaw=(
        "The source had no validation part: the number of epochs was chosen by looking at the test error. "
        "Here the settings come from elsewhere, so what is left is one random split without an interval over folds."
    ),
)

PROTOCOLS = {
    protocol.name: protocol
    for protocol in (
        *(HOLDOUT, HOLDOUT_TIME, RATE, RATE_90, TOP, NEXT, CTR, CTR_TIME, SAMPLED),
        *(NAIVE_AE, NAIVE_GRU, NAIVE_BPR, NAIVE_CTR, NAIVE_MF),
    )
}


def protocol(name: str) -> Protocol:
    """The protocol of that name. Raises UsageError for any other."""
    try:
        return PROTOCOLS[name]
    except KeyError:
        raise UsageError(f"There is no protocol {name!r}; available: {', '.join(PROTOCOLS)}.") from None


def of_own(task: Task, k: int, liked: float) -> Protocol:
    """A split of one's own as a protocol: lists of k, and whatever else the models can answer.

    Args:
        liked: stars from which a film counts as liked when a model learns from likes.
    """

    nothing = task.known.select(np.zeros(len(task.known), dtype=bool))
    return Protocol(
        name="own",
        summary="A split of your own.",
        splits=lambda _dataset: [Split(task.known, nothing, task.held_out, task.known)],
        headline=f"ndcg@{k}",
        relevance=task.relevance,
        ks=(k,),
        asks=task.asks,
        settings={ANY_MODEL: {"min_rating": liked}},
    )
