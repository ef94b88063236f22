"""ALS: biases alone."""

from recsys.lessons.base import Box, Code, Flow, Formula, Lesson, Place, Symbol

LESSON = Lesson(
    name="als",
    full_name="The bias model that Surprise fits by alternating least squares; not iALS, which has factors",
    idea=(
        "Some films get more stars than others from everybody, and some people give more stars than others to "
        "everything: one number per film and one per user say by how much.",
        "While the users' numbers are held still, the best number of each film is a mean with a formula of its own; "
        "then the films' numbers are held still and the users' are worked out: two steps that take turns.",
        "A user's number moves all films up or down together, so the order of the films is the same for everybody.",
    ),
    learns_from="stars",
    flow=Flow(
        rows=(
            (Box("ratings", "{N:,} known ratings", "stars, by user and film", "given"),),
            (
                Box("mean", "mean rating", "one number", "learnt"),
                Box("film", "bias per film", "{I:,} numbers", "learnt"),
                Box("user", "bias per user", "{U:,} numbers", "learnt"),
            ),
            (Box("sum", "the sum of the three", "predicted stars"),),
            (Box("list", "films by their sum", "the same order for everybody"),),
        ),
        paths=(("ratings", "mean", "sum", "list"), ("ratings", "film", "sum"), ("ratings", "user", "sum")),
        says="From the known ratings come a mean, a bias per film and a bias per user; their sum is the prediction.",
    ),
    formulas=(
        Formula("What it predicts", r"\hat r_{ui} = \mu + b_u + b_i"),
        Formula(
            "What it makes small: squared errors, and biases that few ratings speak for",
            r"""\begin{aligned}
L ={} & \sum_{(u,i) \in R} \left(r_{ui} - \mu - b_u - b_i\right)^2 \\
& + \lambda_u \sum_u b_u^2 + \lambda_i \sum_i b_i^2
\end{aligned}""",
        ),
        Formula(
            "The step for the films while the users stand still; the one for the users looks the same",
            r"b_i = \frac{\sum_{u \in R(i)} \left(r_{ui} - \mu - b_u\right)}{\lambda_i + \lvert R(i) \rvert}",
        ),
    ),
    symbols=(
        Symbol("u", "a user"),
        Symbol("i", "a film"),
        Symbol(r"\hat r_{ui}", "predicted stars of user u for film i"),
        Symbol(r"r_{ui}", "stars that user u gave to film i", ("N",)),
        Symbol(r"\mu", "mean of all known ratings"),
        Symbol("b_u", "how much more than others user u gives", ("U",)),
        Symbol("b_i", "how much more than others film i gets", ("I",)),
        Symbol("R", "the known pairs of user and film", ("N",)),
        Symbol("R(i)", "the users who rated film i"),
        Symbol(r"\lambda_u", "shrinkage of the users' biases", setting="reg_u"),
        Symbol(r"\lambda_i", "shrinkage of the films' biases", setting="reg_i"),
        Symbol("L", "the loss"),
    ),
    code=(
        Code(Place("recsys/models/als.py", "ALS.fit"), "Fit, then keep three arrays: that is the whole model."),
        Code(Place("recsys/models/surprise_tools.py", "als_biases"), "The sums themselves are done by Surprise."),
        Code(Place("recsys/serving/fold_in.py", "bias_of_new_user"), "The step of the users, for a new user alone."),
    ),
    model=Place("recsys/models/als.py", "ALS"),
    config=Place("recsys/models/als.py", "Config"),
    blind=(
        "Taste: two users with nothing in common get the same films, but for those that each has seen.",
        "Genres, years and titles, who the user is, and when or in which order films were watched.",
        "Films that somebody chose not to watch: only stars that were given count.",
    ),
    paper="https://doi.org/10.1145/1644873.1644874",
    parameters=lambda sizes, _config: {"mean": 1, "biases of users": sizes["U"], "biases of films": sizes["I"]},
)
