"""Every model by name, in the order in which it is shown everywhere. A new model is one file and one line here.

The classes are imported when they are asked for, so that the app and the command line stay light.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from recsys.errors import UsageError

if TYPE_CHECKING:
    from recsys.models.base import Model


@dataclass(frozen=True)
class Entry:
    """A line of the registry.

    Args:
        name: as on the command line and in folders.
        label: as people call it.
        path: module and class.
        color: place in the two lists of colours in `.streamlit/config.toml`, where some are still free.
        learns_from: the part of the data that it sees, as shipped; a few words that follow "from".
        note: a few words that follow a label which could be misunderstood.
        full_name: what the label stands for.
        rests_on: what the order of its list rests on, in five words at most.
        is_baseline: a simple method that the models have to beat.
        predicts_stars: it can be asked for a rating, not only for a list.
        is_extra: one of "more models": systems of the source articles beside the six, and their honest rivals.
    """

    name: str
    label: str
    path: str
    color: int
    learns_from: str = ""
    note: str = ""
    full_name: str = ""
    rests_on: str = ""
    is_baseline: bool = False
    predicts_stars: bool = False
    is_extra: bool = False

    @property
    def is_main(self) -> bool:
        """One of the six that the app is about."""
        return not (self.is_baseline or self.is_extra)

    def load(self) -> type[Model]:
        module, class_name = self.path.rsplit(".", 1)
        return getattr(import_module(module), class_name)


_STARS = "stars"
_LIKED = "films of 4 stars or more"
_ALL = "all ratings, with their stars and order"

ENTRIES = (
    Entry(
        "als",
        "ALS",
        "recsys.models.als.ALS",
        0,
        _STARS,
        note="bias model, not iALS",
        full_name="Alternating least squares: a bias model, not iALS, which has factors",
        rests_on="averages, same for everybody",
        predicts_stars=True,
    ),
    Entry(
        "svd",
        "SVD",
        "recsys.models.svd.SVD",
        1,
        _STARS,
        full_name="Matrix factorisation with biases, called SVD",
        rests_on="hidden axes of taste",
        predicts_stars=True,
    ),
    Entry(
        "autoencoder",
        "AutoEncoder",
        "recsys.models.autoencoder.users.AutoEncoder",
        2,
        _STARS,
        full_name="Deep autoencoder of a user's stars",
        rests_on="fills gaps in their stars",
        predicts_stars=True,
    ),
    Entry(
        "bpr",
        "BPR",
        "recsys.models.bpr.BPR",
        3,
        _ALL,
        full_name="Bayesian personalised ranking",
        rests_on="learns order, not stars",
    ),
    Entry(
        "gru",
        "GRU",
        "recsys.models.gru.gru4rec.GRU4Rec",
        4,
        "the order of films",
        full_name="Recurrent network of gated units (GRU4Rec)",
        rests_on="order of films watched",
    ),
    Entry(
        "autoint",
        "AutoInt+",
        "recsys.models.autoint.AutoInt",
        5,
        "ratings, demographics, and facts about films",
        full_name="Interacting features by self-attention, with a plain network beside",
        rests_on="who they are, film facts",
    ),
    Entry(
        "autoencoder-items",
        "AutoEncoder (items)",
        "recsys.models.autoencoder.items.ItemAutoEncoder",
        15,
        _STARS,
        full_name="Deep autoencoder of a film's stars",
        rests_on="fills gaps, film by film",
        predicts_stars=True,
        is_extra=True,
    ),
    Entry(
        "mf",
        "MF (Keras)",
        "recsys.models.mf.MF",
        9,
        _STARS,
        full_name="Matrix factorisation in Keras",
        rests_on="hidden axes of taste",
        predicts_stars=True,
        is_extra=True,
    ),
    Entry(
        "deep-mf",
        "Deep MF",
        "recsys.models.mf.DeepMF",
        10,
        _STARS,
        full_name="Matrix factorisation with a deep network",
        rests_on="hidden axes, deep network",
        predicts_stars=True,
        is_extra=True,
    ),
    Entry(
        "deep-mf-occupation",
        "Deep MF + occupation",
        "recsys.models.mf.DeepMFOccupation",
        11,
        "stars and occupations",
        full_name="Matrix factorisation with a deep network and occupations",
        rests_on="hidden axes and occupation",
        predicts_stars=True,
        is_extra=True,
    ),
    Entry(
        "neumf",
        "NeuMF",
        "recsys.models.neumf.NeuMF",
        12,
        _LIKED,
        full_name="Neural matrix factorisation",
        rests_on="hidden axes, deep network",
        is_extra=True,
    ),
    Entry(
        "item-knn",
        "Item-kNN",
        "recsys.models.item_knn.ItemKNN",
        13,
        _LIKED,
        full_name="Nearest neighbours of films",
        rests_on="films most like theirs",
        is_extra=True,
    ),
    Entry(
        "ials",
        "iALS",
        "recsys.models.ials.IALS",
        14,
        _LIKED,
        full_name="Implicit alternating least squares",
        rests_on="hidden axes of what's liked",
        is_extra=True,
    ),
    Entry(
        "random",
        "Random",
        "recsys.models.baselines.Random",
        8,
        "nothing",
        full_name="A list at random",
        rests_on="chance",
        is_baseline=True,
    ),
    Entry(
        "popularity",
        "Popularity",
        "recsys.models.baselines.Popularity",
        6,
        "how many rated a film",
        full_name="Counting",
        rests_on="counts, same for everybody",
        is_baseline=True,
    ),
    Entry(
        "ease",
        "EASE",
        "recsys.models.ease.EASE",
        7,
        _LIKED,
        full_name="Embarrassingly shallow autoencoder",
        rests_on="films liked together",
        is_baseline=True,
    ),
    Entry(
        "ease-weighted",
        "EASE (weighted)",
        "recsys.models.ease.WeightedEASE",
        16,
        _ALL,
        full_name="Embarrassingly shallow autoencoder, weighted by stars and time",
        rests_on="films liked together, weighted",
        is_extra=True,
    ),
)

BY_NAME = {entry.name: entry for entry in ENTRIES}


def entry(name: str) -> Entry:
    """The registry's line for a model. Raises UsageError for an unknown name."""
    try:
        return BY_NAME[name]
    except KeyError:
        raise UsageError(f"There is no model {name!r}; available: {', '.join(BY_NAME)}.") from None


def entries(names: str | None) -> list[Entry]:
    """The lines for a comma-separated list of names, in the registry's order; all of them for None or "all", the six
    and the baselines for "main"."""
    if names is None or names.strip() == "all":
        return list(ENTRIES)
    if names.strip() == "main":
        return [known for known in ENTRIES if not known.is_extra]
    wanted = {entry(name.strip()).name for name in names.split(",") if name.strip()}
    if not wanted:
        raise UsageError(f"No model was named; available: {', '.join(BY_NAME)}.")
    return [known for known in ENTRIES if known.name in wanted]
