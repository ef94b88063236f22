"""The metrics of lists, in words and in formulas: what they find, and what else there is to say of them."""

from __future__ import annotations

from recsys.lessons.base import Symbol
from recsys.lessons.metric import Metric, On

_K = Symbol("k", "length of the list")
_R = Symbol("r", "a rank of the list, from 1")
_HIT = Symbol("h_r", "1 where the film at rank r was liked later, else 0")
_LIKED = Symbol("n", "held-out films that the user liked")
_FOUND = Symbol("H", "liked films that are in the list")
_ITEM = Symbol("i", "a film of the list")
_COUNT = Symbol("c_i", "people who rated film i in training")

ACCURACY: tuple[Metric, ...] = (
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
)

BEYOND_ACCURACY: tuple[Metric, ...] = (
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
