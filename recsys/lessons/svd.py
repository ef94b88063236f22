"""SVD: biases and a shared space of tastes."""

from recsys.lessons.base import Box, Code, Flow, Formula, Lesson, Place, Symbol

LESSON = Lesson(
    name="svd",
    full_name="Matrix factorisation with biases",
    idea=(
        "Users and films are points in one space: a film scores high where its direction is that of the user, beside "
        "the mean and the two biases that ALS has as well.",
        "Nobody says what the directions mean; they are whatever makes the known stars come out right.",
        "Training goes through the ratings one by one: predict, look at the error, and move the four parts involved a "
        "little against it (stochastic gradient descent).",
    ),
    learns_from="stars",
    flow=Flow(
        rows=(
            (
                Box("user", "vector of the user", "{D} numbers", "learnt"),
                Box("film", "vector of the film", "{D} numbers", "learnt"),
            ),
            (
                Box("biases", "mean and two biases", "as in ALS", "learnt"),
                Box("product", "product of the vectors", "one number"),
            ),
            (Box("sum", "their sum", "predicted stars"), Box("stars", "the real stars", "", "given")),
            (Box("error", "error", "moves all four a little"),),
        ),
        paths=(("user", "product", "sum", "error"), ("film", "product"), ("biases", "sum"), ("stars", "error")),
        says="The product of a user's and a film's vector, the mean and both biases add up to stars; the error against "
        "the real stars moves all of them.",
    ),
    formulas=(
        Formula("What it predicts", r"\hat r_{ui} = \mu + b_u + b_i + p_u^\top q_i"),
        Formula(
            "What it makes small; every rating pays the penalty of its own user and film",
            r"""\begin{aligned}
L = \sum_{(u,i) \in R} \Big[ & \left(r_{ui} - \hat r_{ui}\right)^2 \\
& + \lambda \left(b_u^2 + b_i^2 + \lVert p_u \rVert^2 + \lVert q_i \rVert^2\right) \Big]
\end{aligned}""",
        ),
        Formula(
            "One step for the film's vector; the other three parts move alike",
            r"q_i \leftarrow q_i + \eta \left( \left(r_{ui} - \hat r_{ui}\right) p_u - \lambda\, q_i \right)",
        ),
    ),
    symbols=(
        Symbol("u", "a user"),
        Symbol("i", "a film"),
        Symbol(r"\hat r_{ui}", "predicted stars of user u for film i"),
        Symbol(r"r_{ui}", "stars that user u gave to film i", ("N",)),
        Symbol("R", "the known pairs of user and film", ("N",)),
        Symbol(r"\mu", "mean of all known ratings"),
        Symbol("b_u", "bias of each user", ("U",)),
        Symbol("b_i", "bias of each film", ("I",)),
        Symbol("p_u", "vector of each user", ("U", "D")),
        Symbol("q_i", "vector of each film", ("I", "D")),
        Symbol(r"\lambda", "weight of the penalty", setting="regularization"),
        Symbol(r"\eta", "size of a step", setting="learning_rate"),
        Symbol("L", "the loss"),
    ),
    code=(
        Code(
            Place("recsys/models/svd.py", "SVD.fit"),
            "Surprise runs the steps; what is kept of it is arrays, in our order of users and films.",
            first="algorithm = SurpriseSVD(",
            last="options.report(",
        ),
        Code(Place("recsys/serving/scorers.py", "FactorScorer.score"), "All films for several users in one product."),
        Code(
            Place("recsys/serving/fold_in.py", "ridge_vector"),
            "A new user: the same loss for one user, film vectors fixed.",
        ),
    ),
    model=Place("recsys/models/svd.py", "SVD"),
    config=Place("recsys/models/svd.py", "Config"),
    blind=(
        "Which films somebody chose to watch at all: only the stars of watched films count, and so a film that two "
        "people loved may head a list.",
        "Order and time: a film of ten years ago counts as much as yesterday's.",
        "Genres, years, and who the user is.",
    ),
    paper="https://doi.org/10.1109/MC.2009.263",
    sizes=lambda _known, config, _scorer: {"D": config["n_factors"]},
    parameters=lambda sizes, _config: {
        "mean": 1,
        "biases": sizes["U"] + sizes["I"],
        "vectors of users": sizes["U"] * sizes["D"],
        "vectors of films": sizes["I"] * sizes["D"],
    },
)
