"""The baselines: what a model has to beat. Shorter lessons."""

from recsys.lessons.base import Box, Code, Flow, Formula, Lesson, Place, Symbol

_MODULE = "recsys/models/baselines.py"
_EASE = "recsys/models/ease.py"

POPULARITY = Lesson(
    name="popularity",
    full_name="Counting",
    idea=(
        "Count how many people rated each film, and recommend the films with the most.",
        "Nothing is fitted and nothing is known of the user, but for the films to leave out.",
        "It is a baseline: what knows a user and finds less than this has learnt nothing of use.",
    ),
    learns_from="how many people rated a film",
    flow=Flow(
        rows=(
            (Box("ratings", "{N:,} known ratings", "stars left aside", "given"),),
            (Box("count", "count per film", "{I:,} numbers", "learnt"),),
            (Box("list", "films by their count", "the same order for everybody"),),
        ),
        paths=(("ratings", "count", "list"),),
        says="The known ratings of each film are counted, and films are listed by their count.",
    ),
    formulas=(Formula("The score; there is no loss", r"s_i = \lvert R(i) \rvert"),),
    symbols=(
        Symbol("s_i", "score of film i", ("I",)),
        Symbol("R(i)", "the users who rated film i"),
    ),
    code=(Code(Place(_MODULE, "Popularity.fit"), "The whole model is one line."),),
    model=Place(_MODULE, "Popularity"),
    config=Place(_MODULE, "PopularityConfig"),
    blind=("Everything but the count: taste, stars, time, and films that are loved by few.",),
    paper="",
    parameters=lambda sizes, _config: {"counts of films": sizes["I"]},
)

EASE = Lesson(
    name="ease",
    full_name="Embarrassingly shallow autoencoder",
    idea=(
        "One weight for every pair of films says how much a like of the one speaks for the other.",
        "A film may not speak for itself, or the best weights would copy the input.",
        "The best weights have a formula: no epochs, no steps, one inversion of a matrix.",
    ),
    learns_from="which films are liked together",
    flow=Flow(
        rows=(
            (Box("likes", "who liked what", "{U:,} × {I:,}, 0 or 1", "given"),),
            (Box("gram", "films liked together", "{I:,} × {I:,} counts"),),
            (Box("weights", "weights between films", "{I:,} × {I:,}", "learnt"),),
            (Box("sum", "sum over the user's liked films", "a score for each film"),),
        ),
        paths=(("likes", "gram", "weights", "sum"),),
        says="Counts of films liked together are inverted into weights between films; a score is the sum of the "
        "weights from the films that the user liked.",
    ),
    formulas=(
        Formula("The score: a sum over the films that the user liked", r"s_{uj} = \sum_{i \in X_u} B_{ij}"),
        Formula(
            "What it makes small",
            r"L = \lVert X - X B \rVert^2 + \lambda \lVert B \rVert^2, \quad B_{jj} = 0",
        ),
        Formula(
            "Its only solution",
            r"G = \left(X^\top X + \lambda \mathbb{1}\right)^{-1}, \quad B_{ij} = -\frac{G_{ij}}{G_{jj}}",
        ),
    ),
    symbols=(
        Symbol("i", "a film that the user liked"),
        Symbol("s_{uj}", "score of film j for user u", ("U", "I")),
        Symbol("X", "1 where a user liked a film, else 0", ("U", "I")),
        Symbol("X_u", "the films that user u liked"),
        Symbol("B", "weights between films", ("I", "I")),
        Symbol("B_{ij}", "what a like of film i says about film j"),
        Symbol("B_{jj}", "what a film would say about itself"),
        Symbol("G", "the inverted matrix", ("I", "I")),
        Symbol("G_{ij}", "its entry in row i, column j"),
        Symbol("G_{jj}", "its entry on the diagonal"),
        Symbol(r"\mathbb{1}", "ones on the diagonal, else zeros", ("I", "I")),
        Symbol(r"\lambda", "weight of the penalty", setting="regularization"),
        Symbol("L", "the loss"),
    ),
    code=(
        Code(
            Place(_EASE, "EASE.fit"),
            "The formula, line by line.",
            first="liked = train.ratings",
            last="np.fill_diagonal",
        ),
    ),
    model=Place(_EASE, "EASE"),
    config=Place(_EASE, "EASEConfig"),
    blind=(
        "Films below the stars that count as liked, order, time, genres, and who the user is.",
        "Pairs that never met: with few ratings most weights rest on a handful of people.",
    ),
    paper="https://arxiv.org/abs/1905.03375",
    parameters=lambda sizes, _config: {"weights between films": sizes["I"] ** 2},
)
