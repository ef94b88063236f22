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
    Entry("als", "ALS", "recsys.models.als.ALS", 0, _STARS, "Bias model fitted by ALS, not iALS", predicts_stars=True),
    Entry("svd", "SVD", "recsys.models.svd.SVD", 1, _STARS, predicts_stars=True),
    Entry("autoencoder", "AutoEncoder", "recsys.models.autoencoder.users.AutoEncoder", 2, _STARS, predicts_stars=True),
    Entry("bpr", "BPR", "recsys.models.bpr.BPR", 3, _ALL),
    Entry("gru", "GRU", "recsys.models.gru.gru4rec.GRU4Rec", 4, "the order of films"),
    Entry("autoint", "AutoInt+", "recsys.models.autoint.AutoInt", 5, "ratings, demographics, and facts about films"),
    Entry(
        "autoencoder-items",
        "AutoEncoder (items)",
        "recsys.models.autoencoder.items.ItemAutoEncoder",
        15,
        _STARS,
        is_extra=True,
        predicts_stars=True,
    ),
    Entry("mf", "MF (Keras)", "recsys.models.mf.MF", 9, _STARS, predicts_stars=True, is_extra=True),
    Entry("deep-mf", "Deep MF", "recsys.models.mf.DeepMF", 10, _STARS, predicts_stars=True, is_extra=True),
    Entry(
        "deep-mf-occupation",
        "Deep MF + occupation",
        "recsys.models.mf.DeepMFOccupation",
        11,
        "stars and occupations",
        predicts_stars=True,
        is_extra=True,
    ),
    Entry("neumf", "NeuMF", "recsys.models.neumf.NeuMF", 12, _LIKED, is_extra=True),
    Entry("item-knn", "Item-kNN", "recsys.models.item_knn.ItemKNN", 13, _LIKED, is_extra=True),
    Entry("ials", "iALS", "recsys.models.ials.IALS", 14, _LIKED, is_extra=True),
    Entry("random", "Random", "recsys.models.baselines.Random", 8, "nothing", is_baseline=True),
    Entry(
        "popularity", "Popularity", "recsys.models.baselines.Popularity", 6, "how many rated a film", is_baseline=True
    ),
    Entry("ease", "EASE", "recsys.models.ease.EASE", 7, _LIKED, is_baseline=True),
    Entry("ease-weighted", "EASE (weighted)", "recsys.models.ease.WeightedEASE", 16, _ALL, is_extra=True),
)

BY_NAME = {entry.name: entry for entry in ENTRIES}


def entry(name: str) -> Entry:
    """The registry's line for a model. Raises UsageError for an unknown name."""
    try:
        return BY_NAME[name]
    except KeyError:
        raise UsageError(f"There is no model {name!r}; there is: {', '.join(BY_NAME)}.") from None


def entries(names: str | None) -> list[Entry]:
    """The lines for a comma-separated list of names, in the registry's order; all of them for None or "all", the six
    and the baselines for "main"."""
    if names is None or names.strip() == "all":
        return list(ENTRIES)
    if names.strip() == "main":
        return [known for known in ENTRIES if not known.is_extra]
    wanted = {entry(name.strip()).name for name in names.split(",") if name.strip()}
    if not wanted:
        raise UsageError(f"No model was named; there is: {', '.join(BY_NAME)}.")
    return [known for known in ENTRIES if known.name in wanted]
