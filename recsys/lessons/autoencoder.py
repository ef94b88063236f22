"""AutoEncoder: fill in the stars that are missing."""

from __future__ import annotations

from itertools import pairwise

from recsys.lessons.base import Box, Code, Config, Flow, Formula, Lesson, Place, Sizes, Symbol

_TOOLS = "recsys/models/autoencoder/network.py"


def _parameters(sizes: Sizes, config: Config) -> dict[str, int]:
    widths = [sizes["I"], *config["hidden"]]
    return {
        "shared weights of encoder and decoder": sum(one * next_one for one, next_one in pairwise(widths)),
        "weights of what was watched": widths[0] * widths[1],
        "biases of the layers": sum(widths[1:]) + sum(widths[:-1]),
    }


LESSON = Lesson(
    name="autoencoder",
    full_name="Deep autoencoder of a user's stars",
    idea=(
        "A user's whole row of stars goes in, is squeezed through a layer with far fewer numbers than there are films, "
        "and comes out again as stars for every film.",
        "While training, some of the stars are hidden from the input and only those are asked for, so that the network "
        "has to foresee what it cannot see instead of copying what it can.",
        "It starts from the baseline of ALS and learns what that leaves unexplained; which films were watched at all "
        "is an input of its own.",
    ),
    learns_from="stars, and which films were watched",
    flow=Flow(
        rows=(
            (Box("row", "the user's row", "stars for some of {I:,} films", "given"),),
            (
                Box("left", "what the baseline leaves", "{I:,} numbers, 0 if unseen"),
                Box("seen", "which films were watched", "{I:,} numbers, 0 if unseen"),
            ),
            (
                Box("w", "shared weights", "{H} × {I:,}", "learnt"),
                Box("code", "the code", "{H} numbers, SELU"),
                Box("v", "weights of “watched”", "{H} × {I:,}", "learnt"),
            ),
            (Box("out", "unfolded again by the same weights", "{I:,} deviations"),),
            (Box("stars", "plus the baseline", "stars for every film"),),
        ),
        paths=(
            ("row", "left", "code", "out", "stars"),
            ("row", "seen", "code"),
            ("w", "code"),
            ("v", "code"),
            ("w", "out"),
        ),
        says="A user's row of stars, less the baseline, and which films were watched make a short code; the same "
        "weights unfold the code into stars for every film.",
    ),
    formulas=(
        Formula(
            "What it predicts, with one hidden layer; more layers are further functions of the same kind between",
            r"""\begin{aligned}
\hat r_{ui} &= \mu + b_i + b_u + \left(W^\top h_u + c\right)_i \\
h_u &= \operatorname{SELU}\left(W e_u + V s_u + a\right)
\end{aligned}""",
        ),
        Formula(
            "What goes in: longer rows are turned down, so that every user speaks about equally loud",
            r"""\begin{aligned}
s_{ui} &= \sqrt{\tfrac{25}{1 + n_u}} \;\text{ if watched, else } 0 \\
e_{ui} &= s_{ui} \left(r_{ui} - \mu - b_i - b_u\right)
\end{aligned}""",
        ),
        Formula(
            "What it makes small: the squared error on the stars that were hidden",
            r"L = \frac{1}{\lvert M \rvert} \sum_{(u,i) \in M} \left(\hat r_{ui} - r_{ui}\right)^2",
        ),
    ),
    symbols=(
        Symbol("u", "a user"),
        Symbol("i", "a film"),
        Symbol(r"\hat r_{ui}", "predicted stars of user u for film i", ("U", "I")),
        Symbol(r"r_{ui}", "stars that user u gave to film i", ("N",)),
        Symbol(r"\mu", "mean of all known ratings"),
        Symbol("b_i", "bias of each film, as in ALS, fixed", ("I",)),
        Symbol("b_u", "bias of the user, worked out from the stars that went in"),
        Symbol("e_u", "the row of the numbers below", ("I",)),
        Symbol("e_{ui}", "what the baseline leaves unexplained; 0 where there is no star"),
        Symbol("s_u", "the row of the numbers below", ("I",)),
        Symbol("s_{ui}", "whether film i was watched, turned down in long rows"),
        Symbol("n_u", "how many stars went in"),
        Symbol("h_u", "the code", ("H",)),
        Symbol("W", "weights of the encoder, and turned over of the decoder", ("H", "I")),
        Symbol("V", "weights of which films were watched", ("H", "I")),
        Symbol("a", "biases of the code", ("H",)),
        Symbol("c", "biases of the output", ("I",)),
        Symbol("M", "the stars of a batch that were hidden from the input; all of them where nothing is hidden"),
        Symbol("L", "the loss; AdamW shrinks the weights apart from it"),
    ),
    code=(
        Code(Place(_TOOLS, "build_network.Network.read"), "From a row of stars to the code, and unfolding it again."),
        Code(Place(_TOOLS, "build_network.Network.forward"), "The last layer, and the baseline on top."),
        Code(
            Place(_TOOLS, "train_network"),
            "A step: hide some stars, ask for those.",
            first="stars = torch.from_numpy",
            last="optimizer.step()",
        ),
    ),
    model=Place("recsys/models/autoencoder/users.py", "AutoEncoder"),
    config=Place(_TOOLS, "NetworkConfig"),
    blind=(
        "Order and time: a row of stars has no first and no last film.",
        "What comes next: it foresees the stars of films as if they had been watched, not whether they will be.",
        "Genres, years, and who the user is.",
    ),
    paper="https://arxiv.org/abs/1708.01715",
    sizes=lambda _known, config, _scorer: {"H": config["hidden"][0]},
    parameters=_parameters,
)
