"""AutoInt+: fields that attend to each other."""

from __future__ import annotations

from itertools import pairwise

from recsys.data.dataset import Dataset
from recsys.lessons.base import Box, Code, Config, Flow, Formula, Lesson, Place, Sizes, Symbol
from recsys.serving.fields import FIELDS, FieldTable, years_of

_MODULE = "recsys/models/autoint.py"


def _sizes(known: Dataset, config: Config, scorer: Config) -> Sizes:
    years = tuple(scorer["rating_years"]) if "rating_years" in scorer else years_of(known.timestamps)
    return {
        "F": len(FIELDS),
        "C": sum(FieldTable.of(known, years).sizes),
        "D": config["embedding_dim"],
        "W": config["head_dim"],
        "A": config["n_heads"] * config["head_dim"],
        "H": config["dense"][-1],
    }


def _parameters(sizes: Sizes, config: Config) -> dict[str, int]:
    widths = [sizes["D"], *[sizes["A"]] * config["n_layers"]]
    dense = [sizes["F"] * sizes["D"], *config["dense"]]
    return {
        "vectors of the codes of all fields": sizes["C"] * sizes["D"],
        "attention": 4 * sum(one * next_one for one, next_one in pairwise(widths)),
        "plain network": sum((one + 1) * next_one for one, next_one in pairwise(dense)),
        "last sum": sizes["F"] * widths[-1] + dense[-1] + 1,
    }


LESSON = Lesson(
    name="autoint",
    full_name="Interacting features by self-attention, with a plain network beside",
    idea=(
        "A user, a film and a moment are described by fields, such as age band, genre and month; every value of a "
        "field has a vector, and together they say how likely 4 stars or more are.",
        "Three parts read the same vectors: attention lets each field mix in those of other fields that matter to it, "
        "a plain network reads all of them at once, and a factorisation machine adds the product of every pair.",
        "Rated films alone would teach nothing about films that nobody rates, so unseen films are drawn as examples of "
        "“no”, and ratings below 4 stars count less than those.",
    ),
    learns_from="fields of user, film and moment",
    flow=Flow(
        rows=(
            (Box("fields", "{F} fields", "of user, film and moment", "given"),),
            (Box("vectors", "a vector per field", "{F} × {D}", "learnt"),),
            (
                Box("attention", "attention", "layers: {n_layers}, heads: {n_heads}", "learnt"),
                Box("deep", "plain network", "{F} × {D} numbers in, {H} out", "learnt"),
                Box("pairs", "products of pairs", "of all fields, summed"),
            ),
            (Box("sum", "their sum", "one number"),),
            (Box("chance", "sigmoid", "chance of 4 stars or more"),),
        ),
        paths=(
            ("fields", "vectors", "attention", "sum", "chance"),
            ("vectors", "deep", "sum"),
            ("vectors", "pairs", "sum"),
        ),
        says="The vectors of the fields go through attention, through a plain network and through products of pairs; "
        "the sum of the three becomes a chance.",
    ),
    formulas=(
        Formula(
            "One head of an interacting layer: how much field f looks at field g, and what it takes from it; a further "
            "layer would read what this one has made",
            r"""\begin{aligned}
\alpha_{fg} &= \frac{\exp\left((Q e_f)^\top (K e_g)\right)}{\sum_{m} \exp\left((Q e_f)^\top (K e_m)\right)} \\
o_f &= \sum_{g} \alpha_{fg}\, V e_g
\end{aligned}""",
        ),
        Formula(
            "The heads side by side, and the field itself",
            r"y_f = \operatorname{ReLU}\left(\left[o_f^{1}, o_f^{2}, \ldots\right] + S e_f\right)",
        ),
        Formula(
            "The chance: attention and plain network through one weighted sum, and the products of all pairs of "
            "fields, which a setting can switch off",
            r"\hat y = \sigma\Big(w^\top \left[y, d\right] + w_0 + \sum_{f{<}g} e_f^\top e_g\Big)",
        ),
        Formula(
            "What it makes small: surprise at what was liked and what was not, and large vectors",
            r"""\begin{aligned}
L = -\frac{1}{n} \sum_x v_x \big[ & l_x \ln \hat y_x \\
& + (1 - l_x) \ln (1 - \hat y_x) \big] \\
& + \lambda \lVert E \rVert^2
\end{aligned}""",
        ),
    ),
    symbols=(
        Symbol("f", "a field"),
        Symbol("g", "a field, too"),
        Symbol("m", "any field"),
        Symbol("E", "vectors of all codes of all fields", ("C", "D")),
        Symbol("e_f", "vector of field f", ("F", "D")),
        Symbol("e_g", "vector of field g"),
        Symbol("e_m", "vector of any field"),
        Symbol("Q", "weights of the question that a field asks, of one head", ("W", "D")),
        Symbol("K", "weights of what a field answers to", ("W", "D")),
        Symbol("V", "weights of what a field hands over", ("W", "D")),
        Symbol(r"\alpha_{fg}", "attention: with sum 1 over g", ("F", "F")),
        Symbol("o_f", "what field f has taken from the others, in one head", ("F", "W")),
        Symbol("o_f^{1}", "the same of the first head"),
        Symbol("o_f^{2}", "the same of the second head"),
        Symbol("S", "weights of the field itself", ("A", "D")),
        Symbol("y_f", "the field after the layer", ("F", "A")),
        Symbol("y", "all of them in a row", ("F", "A")),
        Symbol("d", "what the plain network makes of all vectors", ("H",)),
        Symbol("w", "weights of the last sum"),
        Symbol("w_0", "its bias"),
        Symbol("f{<}g", "every pair of fields once"),
        Symbol(r"\sigma", "the sigmoid, 1 / (1 + exp(-x))"),
        Symbol(r"\hat y", "chance of 4 stars or more"),
        Symbol("x", "an example: a rating, or a user with an unseen film"),
        Symbol("l_x", "its label: 1 for a rating from so many stars on, else 0", setting="min_rating"),
        Symbol(r"\hat y_x", "its predicted chance"),
        Symbol("v_x", "its weight: 1, and less for a rating below the label's stars", setting="dislike_weight"),
        Symbol("n", "examples of a batch"),
        Symbol(r"\lambda", "weight of the penalty", setting="regularization"),
        Symbol("L", "the loss"),
    ),
    code=(
        Code(Place(_MODULE, "_interact"), "An interacting layer: attention over fields, head by head."),
        Code(
            Place(_MODULE, "_network"),
            "The three parts and their sum.",
            first="interacting = visible",
        ),
        Code(Place(_MODULE, "_examples"), "What an epoch learns from: ratings, unseen films, users made unknown."),
    ),
    model=Place(_MODULE, "AutoInt"),
    config=Place(_MODULE, "Config"),
    blind=(
        "The films that somebody has watched: of a known user it has a vector of their own, of a new user nothing but "
        "the fields that they fill in.",
        "Order: a moment is a year, a month and a decade, not a place in a sequence.",
        "More than three genres of a film, and all that is no field: title, plot, actors.",
    ),
    paper="https://arxiv.org/abs/1810.11921",
    sizes=_sizes,
    parameters=_parameters,
)
