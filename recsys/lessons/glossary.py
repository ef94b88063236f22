"""All metrics, in words and in formulas, in the order in which the page shows them."""

from __future__ import annotations

from recsys.lessons.base import Symbol
from recsys.lessons.metric import Metric, On

# Of a list
_K = Symbol("k", "length of the list")
_R = Symbol("r", "a rank of the list, from 1")
_HIT = Symbol("h_r", "1 where the film at rank r was liked later, else 0")
_LIKED = Symbol("n", "held-out films that the user liked")
_FOUND = Symbol("H", "liked films that are in the list")
_ITEM = Symbol("i", "a film of the list")
_COUNT = Symbol("c_i", "people who rated film i in training")

# Of predicted ratings
_RATED = Symbol("n", "held-out ratings")
_REAL = Symbol("r_i", "stars that were given")
_GUESS = Symbol(r"\hat r_i", "predicted stars, kept within the scale")
_SUM_OF_RATED = Symbol("i", "a held-out film")

METRICS: tuple[Metric, ...] = (
    # What a list finds
    Metric(
        "ndcg",
        "nDCG",
        On.HITS,
        r"\mathrm{nDCG} = \frac{\sum_{r=1}^{k} h_r / \log_2(r+1)}{\sum_{r=1}^{\min(k, n)} 1 / \log_2(r+1)}",
        (_K, _R, _HIT, _LIKED),
        "Liked films in the list, the more the further up they stand; 1 is the best list that there is.",
        "How much each film was liked: five stars count as four. The tenth place still counts .29 of the first.",
        "Järvelin & Kekäläinen (2002)",
    ),
    Metric(
        "recall",
        "Recall",
        On.HITS,
        r"\mathrm{recall} = \frac{H}{n}",
        (_FOUND, _LIKED),
        "Finding much of what the user went on to like.",
        "Where in the list a film stands; and who liked more films than the list has places can never have 1.",
    ),
    Metric(
        "precision",
        "Precision",
        On.HITS,
        r"\mathrm{precision} = \frac{H}{k}",
        (_FOUND, _K),
        "A list with little in it that was not liked.",
        "Where in the list a film stands; and who liked fewer films than the list has places can never have 1.",
    ),
    Metric(
        "hit_rate",
        "Hit rate",
        On.HITS,
        r"\mathrm{hit} = \begin{cases} 1 & \text{if } H \geq 1 \\ 0 & \text{otherwise} \end{cases}",
        (_FOUND,),
        "At least one film that was worth the look; the mean over users is the hit rate.",
        "Whether there was one such film or ten, and where. Busy users have a hit almost by chance.",
    ),
    Metric(
        "map",
        "MAP",
        On.HITS,
        r"\mathrm{AP} = \frac{1}{\min(k, n)} \sum_{r=1}^{k} h_r \, \frac{H_r}{r}",
        (_K, _R, _HIT, _LIKED, Symbol("H_r", "hits down to rank r")),
        "Hits that come early and close together; MAP is its mean over users.",
        "Ranks below the list; and a late hit is worth more when there were hits before it.",
    ),
    Metric(
        "mrr",
        "MRR",
        On.HITS,
        r"\mathrm{RR} = \frac{1}{r_1}",
        (Symbol("r_1", "rank of the first hit; without one the value is 0"),),
        "The first good film as early as can be; MRR is its mean over users.",
        "Everything after the first hit.",
    ),
    # Predicted ratings
    Metric(
        "rmse",
        "RMSE",
        On.STARS,
        r"\mathrm{RMSE} = \sqrt{\frac{1}{n} \sum_{i} \left(\hat r_i - r_i\right)^2}",
        (_RATED, _REAL, _GUESS, _SUM_OF_RATED),
        "Stars that are guessed closely; one large error costs more than several small ones.",
        "Whether the list is any good: the films at its head are mostly not among those that were rated.",
    ),
    Metric(
        "mae",
        "MAE",
        On.STARS,
        r"\mathrm{MAE} = \frac{1}{n} \sum_{i} \left\lvert \hat r_i - r_i \right\rvert",
        (_RATED, _REAL, _GUESS, _SUM_OF_RATED),
        "Stars that are guessed closely, each error as large as it is.",
        "The same as RMSE; and a few terrible guesses do not show.",
    ),
    Metric(
        "fcp",
        "FCP",
        On.STARS,
        r"\mathrm{FCP} = \frac{C}{C + D}",
        (
            Symbol("C", "pairs of a user's films with different stars that are predicted in the right order"),
            Symbol("D", "those in the wrong order; equal predictions count in neither"),
        ),
        "The right order among the films that one user rated.",
        "How far off the stars are, and all films that were not rated.",
        "Koren & Sill (2013)",
    ),
    Metric(
        "auc",
        "AUC",
        On.ORDER,
        r"\mathrm{AUC} = \frac{1}{P\,M} \sum_{a} \sum_{b} \left[ s_a > s_b \right]",
        (
            Symbol("P", "liked films among the held-out"),
            Symbol("M", "the other held-out films"),
            Symbol("a", "a liked film"),
            Symbol("b", "one of the others"),
            Symbol("s_a", "its score"),
            Symbol("s_b", "its score; 1 where it is the lower one, one half where both are equal"),
        ),
        "Liked films above the others, wherever in the list they stand: .5 is chance.",
        "The head of the list, which is all that a visitor sees: rank 900 against 1,000 counts as 1 against 100.",
        "Mann & Whitney (1947)",
    ),
    Metric(
        "log_loss",
        "Log loss",
        On.CHANCE,
        r"\mathrm{log\ loss} = -\frac{1}{n} \sum_i \ln q_i",
        (
            _RATED,
            _SUM_OF_RATED,
            Symbol("q_i", "chance that was given to what happened: that of 4 stars or more, or the rest of it"),
        ),
        "Chances that can be believed: being sure and wrong costs most. Lower is better.",
        "Whether the order is good: a constant chance may have less of it than a good ranking with loud chances.",
    ),
    Metric(
        "calibration_error",
        "Calibration",
        On.CHANCE,
        r"\mathrm{ECE} = \frac{1}{n} \sum_b n_b \left\lvert p_b - f_b \right\rvert",
        (
            Symbol("n", "held-out ratings of all users"),
            Symbol("b", "a tenth of the scale of chances: 0 to .1, .1 to .2, and so on"),
            Symbol("n_b", "ratings whose chance lies there"),
            Symbol("p_b", "their mean promised chance"),
            Symbol("f_b", "the share of them that was liked"),
        ),
        "Promised chances that come true as often as they say. Lower is better.",
        "Whether anything is told apart: the same chance for all films can be calibrated perfectly.",
        "Naeini et al. (2015)",
    ),
    # What else there is to say of a list
    Metric(
        "coverage",
        "Coverage",
        On.EVERYBODY,
        r"\mathrm{coverage} = \frac{\left\lvert \bigcup_u L_u \right\rvert}{I}",
        (
            Symbol("L_u", "the list of user u"),
            Symbol("u", "a user"),
            Symbol("I", "all films", ("I",)),
        ),
        "Lists that reach far into the catalogue, all users taken together.",
        "How often: a film that one user gets counts like one that everybody gets. Random lists cover most.",
    ),
    Metric(
        "gini",
        "Gini",
        On.EVERYBODY,
        r"\mathrm{Gini} = \frac{\sum_{j=1}^{I} (2j - I - 1)\, c_j}{I \sum_{j=1}^{I} c_j}",
        (
            Symbol("I", "all films", ("I",)),
            Symbol("j", "place of a film, those in the fewest lists first"),
            Symbol("c_j", "in how many lists it stands"),
        ),
        "0: every film is recommended as often as any other; towards 1: the same few to everybody. Lower is better.",
        "Which films they are, and whether anybody liked them.",
    ),
    Metric(
        "novelty",
        "Novelty",
        On.FILMS,
        r"\mathrm{novelty} = \frac{1}{k} \sum_{i} -\log_2 \frac{c_i}{U}",
        (_K, _ITEM, Symbol("c_i", f"{_COUNT.meaning}; 0 counts as 1"), Symbol("U", "all users", ("U",))),
        "Films that few people know: one that half of them know has 1 bit, one of a thousandth has 10.",
        "Whether the film is any good, and whether this user knows it. Neither higher nor lower is better.",
        "Vargas & Castells (2011)",
    ),
    Metric(
        "serendipity",
        "Serendipity",
        On.HITS,
        r"\mathrm{serendipity} = \frac{1}{k} \sum_{r=1}^{k} h_r \left(1 - e_r\right)",
        (_K, _R, _HIT, Symbol("e_r", "1 where the film at rank r is in the list of Popularity as well")),
        "Hits that are no wonder of popularity: liked, and not what everybody gets.",
        "How unlikely the film was: the first place below Popularity's list counts like the last.",
    ),
    Metric(
        "diversity",
        "Diversity",
        On.FILMS,
        r"\mathrm{diversity} = \frac{2}{k (k - 1)} \sum_{a{<}b} \left(1 - \frac{\lvert G_a \cap G_b \rvert}"
        r"{\lvert G_a \cup G_b \rvert}\right)",
        (
            _K,
            Symbol("a{<}b", "every pair of films in the list once"),
            Symbol("G_a", "genres of the one film"),
            Symbol("G_b", "genres of the other"),
        ),
        "A list of different genres: 1 where no two films share one.",
        "All that is no genre; and a user of one genre may want a list of it.",
        "Ziegler et al. (2005)",
    ),
    Metric(
        "popularity",
        "Popularity",
        On.FILMS,
        r"\mathrm{popularity} = \frac{1}{k} \sum_{i} c_i",
        (_K, _ITEM, _COUNT),
        "Nothing: it says how well known the films of a list are. A high nDCG with a high value is a safe choice.",
        "A mean of large numbers: one blockbuster outweighs nine unknown films.",
    ),
)

METRIC_OF = {metric.slug: metric for metric in METRICS}
"""By their names in an address."""
