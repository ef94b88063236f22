"""The metrics of predicted ratings, in words and in formulas."""

from __future__ import annotations

from recsys.lessons.base import Symbol
from recsys.lessons.metric import Metric, On

_RATED = Symbol("n", "held-out ratings")
_REAL = Symbol("r_i", "stars that were given")
_GUESS = Symbol(r"\hat r_i", "predicted stars, kept within the scale")
_SUM_OF_RATED = Symbol("i", "a held-out film")

RATINGS: tuple[Metric, ...] = (
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
)
