"""BPR: comparisons of films."""

from recsys.lessons.base import Box, Code, Flow, Formula, Lesson, Place, Symbol

_MODULE = "recsys/models/bpr.py"

LESSON = Lesson(
    name="bpr",
    full_name="Bayesian personalised ranking",
    idea=(
        "It does not predict stars: it learns an order, by putting a film that the user rated above one that they "
        "have not seen, again and again.",
        "For each comparison several unseen films are drawn, and the one that scores highest at that moment takes "
        "part: an easy comparison would teach nothing.",
        "Films with more stars and films of late weigh more in this version; the original weighs all alike and draws "
        "a single film.",
    ),
    learns_from="which films were rated; stars and age as weights",
    flow=Flow(
        rows=(
            (
                Box("liked", "a film that the user rated", "its vector and bias", "learnt"),
                Box("user", "the user", "a vector of {D} numbers", "learnt"),
                Box("drawn", "{n_candidates} unseen films", "drawn at random", "given"),
            ),
            (
                Box("one", "score of the rated film"),
                Box("other", "highest score of the unseen", "a hard negative"),
            ),
            (Box("margin", "margin", "the first less the second"),),
            (Box("loss", "loss", "small where the margin is large; weighed by stars and age"),),
        ),
        paths=(("liked", "one", "margin", "loss"), ("user", "other", "margin"), ("user", "one"), ("drawn", "other")),
        says="A rated film and the highest-scoring of several unseen films are scored by the user's vector; the loss "
        "is small where the rated film is ahead.",
    ),
    formulas=(
        Formula("The score, which means something within one list only", r"s_{ui} = p_u^\top q_i + b_i"),
        Formula(
            "What it makes small",
            r"""\begin{aligned}
L &= \frac{1}{n} \sum_{(u,i)} \frac{w_{ui}}{\bar w} \cdot \frac{1}{m} \sum_{j} \ell_{uij} \\
\ell_{uij} &= -\ln \sigma\left(s_{ui} - s_{uj}\right) + \lambda\,\Omega_{uij}
\end{aligned}""",
        ),
        Formula(
            "The penalty of what takes part, and the weight of a film",
            r"""\begin{aligned}
\Omega_{uij} &= \lVert p_u \rVert^2 + \lVert q_i \rVert^2 + b_i^2 + \lVert q_j \rVert^2 + b_j^2 \\
w_{ui} &= g_{ui}^{\gamma}\; e^{-\rho\, t_{ui}}
\end{aligned}""",
        ),
    ),
    symbols=(
        Symbol(r"s_{ui}", "score of film i for user u", ("U", "I")),
        Symbol(r"s_{uj}", "score of an unseen film j"),
        Symbol("p_u", "vector of each user", ("U", "D")),
        Symbol("q_i", "vector of each film", ("I", "D")),
        Symbol("b_i", "bias of each film", ("I",)),
        Symbol("q_j", "vector of the unseen film"),
        Symbol("b_j", "bias of the unseen film"),
        Symbol("(u,i)", "a user and a film with at least so many stars from them", setting="min_rating"),
        Symbol("n", "how many such pairs there are"),
        Symbol("m", "comparisons per pair and epoch", setting="n_negatives"),
        Symbol("j", "the highest-scoring of some unseen films drawn at random", setting="n_candidates"),
        Symbol(r"\ell_{uij}", "loss of one comparison"),
        Symbol(r"\sigma", "the sigmoid, 1 / (1 + exp(-x))"),
        Symbol(r"\lambda", "weight of the penalty", setting="regularization"),
        Symbol(r"\Omega_{uij}", "squares of all that takes part"),
        Symbol("w_{ui}", "weight of a film", ("N",)),
        Symbol(r"\bar w", "mean of the weights"),
        Symbol("g_{ui}", "its stars as a share: 1 for the most, never 0"),
        Symbol(r"\gamma", "how much stars count", setting="star_power"),
        Symbol("t_{ui}", "its age by rank: 0 for the newest film of the user, almost 1 for the oldest"),
        Symbol("e", "Euler's number, 2.718"),
        Symbol(r"\rho", "how much age counts", setting="recency"),
        Symbol("L", "the loss"),
    ),
    code=(
        Code(Place(_MODULE, "_network.Comparisons.call"), "Scores, the hardest of the drawn films, and the loss."),
        Code(Place("recsys/serving/fold_in.py", "taste_weights"), "How much each rated film counts."),
        Code(Place("recsys/models/sampling.py", "UnseenSampler.draw"), "Unseen films: drawn again until they are."),
        Code(
            Place("recsys/serving/fold_in.py", "pairwise_vector"),
            "A new user: the same comparisons for one vector alone, film vectors fixed.",
        ),
    ),
    model=Place(_MODULE, "BPR"),
    config=Place(_MODULE, "Config"),
    blind=(
        "How many stars a film would get: a score compares films of one list and nothing else.",
        "Why a film was not seen: one that the user would love and has never heard of counts as a worse one.",
        "What comes after what: age weighs a film, but the sequence is lost. Genres, years, and who the user is.",
    ),
    paper="https://arxiv.org/abs/1205.2618",
    sizes=lambda _known, config, _scorer: {"D": config["n_factors"]},
    parameters=lambda sizes, _config: {
        "vectors of users": sizes["U"] * sizes["D"],
        "vectors of films": sizes["I"] * sizes["D"],
        "biases of films": sizes["I"],
    },
)
