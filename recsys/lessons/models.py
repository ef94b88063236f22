"""A lesson per model: its words from texts/, and how its numbers follow from the data and the configuration."""

from __future__ import annotations

from itertools import pairwise

from recsys.data.dataset import Dataset
from recsys.lessons import texts
from recsys.lessons.base import Config, Lesson, Sizes
from recsys.serving.fields import FIELDS, FieldTable, years_of


def _of_autoencoder(sizes: Sizes, config: Config) -> dict[str, int]:
    widths = [sizes["I"], *config["hidden"]]
    return {
        "shared weights of encoder and decoder": sum(one * next_one for one, next_one in pairwise(widths)),
        "weights of what was watched": widths[0] * widths[1],
        "biases of the layers": sum(widths[1:]) + sum(widths[:-1]),
    }


def _of_gru(sizes: Sizes, _config: Config) -> dict[str, int]:
    films, width, hidden = sizes["I"], sizes["D"], sizes["H"]
    return {
        "vectors of films, and one of “no film”": (films + 1) * width,
        "gates of the recurrent layer": 3 * (width * hidden + hidden * hidden + 2 * hidden),
        "from the state to a film's vector": (hidden + 1) * width,
        "biases of films": films,
    }


def _of_autoint(sizes: Sizes, config: Config) -> dict[str, int]:
    widths = [sizes["D"], *[sizes["A"]] * config["n_layers"]]
    dense = [sizes["F"] * sizes["D"], *config["dense"]]
    return {
        "vectors of the codes of all fields": sizes["C"] * sizes["D"],
        "attention": 4 * sum(one * next_one for one, next_one in pairwise(widths)),
        "plain network": sum((one + 1) * next_one for one, next_one in pairwise(dense)),
        "last sum": sizes["F"] * widths[-1] + dense[-1] + 1,
    }


def _sizes_of_autoint(known: Dataset, config: Config, scorer: Config) -> Sizes:
    years = tuple(scorer["rating_years"]) if "rating_years" in scorer else years_of(known.timestamps)
    return {
        "F": len(FIELDS),
        "C": sum(FieldTable.of(known, years).sizes),
        "D": config["embedding_dim"],
        "W": config["head_dim"],
        "A": config["n_heads"] * config["head_dim"],
        "H": config["dense"][-1],
    }


_ALL = (
    Lesson(
        name="als",
        parameters=lambda sizes, _config: {"mean": 1, "biases of users": sizes["U"], "biases of films": sizes["I"]},
        **texts.of_lesson("als"),
    ),
    Lesson(
        name="svd",
        parameters=lambda sizes, _config: {
            "mean": 1,
            "biases": sizes["U"] + sizes["I"],
            "vectors of users": sizes["U"] * sizes["D"],
            "vectors of films": sizes["I"] * sizes["D"],
        },
        sizes=lambda _known, config, _scorer: {"D": config["n_factors"]},
        **texts.of_lesson("svd"),
    ),
    Lesson(
        name="autoencoder",
        parameters=_of_autoencoder,
        sizes=lambda _known, config, _scorer: {"H": config["hidden"][0]},
        **texts.of_lesson("autoencoder"),
    ),
    Lesson(
        name="bpr",
        parameters=lambda sizes, _config: {
            "vectors of users": sizes["U"] * sizes["D"],
            "vectors of films": sizes["I"] * sizes["D"],
            "biases of films": sizes["I"],
        },
        sizes=lambda _known, config, _scorer: {"D": config["n_factors"]},
        **texts.of_lesson("bpr"),
    ),
    Lesson(
        name="gru",
        parameters=_of_gru,
        sizes=lambda _known, config, _scorer: {
            "D": config["embedding_dim"],
            "H": config["hidden_dim"],
            "T": config["max_length"],
        },
        **texts.of_lesson("gru"),
    ),
    Lesson(name="autoint", parameters=_of_autoint, sizes=_sizes_of_autoint, **texts.of_lesson("autoint")),
    Lesson(
        name="popularity",
        parameters=lambda sizes, _config: {"counts of films": sizes["I"]},
        **texts.of_lesson("popularity"),
    ),
    Lesson(
        name="ease",
        parameters=lambda sizes, _config: {"weights between films": sizes["I"] ** 2},
        **texts.of_lesson("ease"),
    ),
)
LESSONS = {lesson.name: lesson for lesson in _ALL}
"""By name, in the registry's order."""
