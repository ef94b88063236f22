from __future__ import annotations

import numpy as np
import pytest

from recsys.data.dataset import History
from recsys.errors import UsageError
from recsys.models.base import FitOptions
from recsys.models.item_knn import Config, ItemKNN
from tests.contract import RecommenderContract
from tests.toys import checkerboard, from_triples

# Three people and four films: film 0 is liked by 0, 1 and 2, film 1 by 0 and 1, film 2 by 2, film 3 by nobody.
PEOPLE = from_triples(
    [(0, 0, 5.0), (1, 0, 4.0), (2, 0, 5.0), (0, 1, 4.0), (1, 1, 5.0), (2, 2, 4.0), (2, 1, 2.0)], n_users=3, n_items=4
)


class TestItemKNN(RecommenderContract):
    model = ItemKNN
    toy = staticmethod(checkerboard)
    min_hit_rate = 1.0
    is_seeded = False
    changes = {"similarity": "jaccard", "n_neighbors": 3, "shrinkage": 2.0, "min_rating": 1.0}


def ask(liked: list[int], **settings: object) -> list[float]:
    config = Config(**{"similarity": "cosine", "n_neighbors": 0, "shrinkage": 0.0, **settings})  # type: ignore[arg-type]
    scorer = ItemKNN(config).fit(PEOPLE, FitOptions())
    return scorer.score([History.of_new_user(liked, [5.0] * len(liked))])[0].tolist()


def test_cosine_by_hand() -> None:
    """Two people like films 0 and 1, of three and two; one likes films 0 and 2, of three and one."""
    assert ask([0]) == pytest.approx([0, 2 / np.sqrt(3 * 2), 1 / np.sqrt(3 * 1), 0], abs=1e-3)
    assert ask([1]) == pytest.approx([2 / np.sqrt(6), 0, 0, 0], abs=1e-3)


def test_normalized_cosine_by_hand() -> None:
    """Each of the three likes two films and so has root of 1/2 in each: the root cancels out in this case."""
    assert ask([0], similarity="normalized-cosine") == pytest.approx(ask([0]), abs=1e-3)


def test_a_person_of_many_films_says_less_about_each() -> None:
    """User 0 likes films 0 and 1; user 1 likes film 0 and 2 and two more: films 0 and 1 are nearer."""
    rows = [(0, 0, 5.0), (0, 1, 5.0), (1, 0, 5.0), (1, 2, 5.0), (1, 3, 5.0), (1, 4, 5.0)]
    train = from_triples(rows, n_users=2, n_items=5)
    scores = ItemKNN(Config(n_neighbors=0)).fit(train, FitOptions()).score([History.of_new_user([0], [5.0])])[0]
    film_0 = np.sqrt(1 / 2 + 1 / 4)  # length of its column
    assert scores[1] == pytest.approx((1 / 2) / (film_0 * np.sqrt(1 / 2)), abs=1e-3)
    assert scores[2] == pytest.approx((1 / 4) / (film_0 * np.sqrt(1 / 4)), abs=1e-3)


def test_jaccard_by_hand() -> None:
    """Likes films 0 or 1: three people; 0 or 2: three people."""
    assert ask([0], similarity="jaccard") == pytest.approx([0, 2 / 3, 1 / 3, 0], abs=1e-3)


def test_shrinkage_is_added_to_the_denominator() -> None:
    assert ask([0], similarity="jaccard", shrinkage=3.0) == pytest.approx([0, 2 / 6, 1 / 6, 0], abs=1e-3)


def test_each_liked_film_votes_for_its_nearest_only() -> None:
    assert ask([0], n_neighbors=1) == pytest.approx([0, 2 / np.sqrt(6), 0, 0], abs=1e-3)
    # Film 2 still votes for its own nearest, though it is not the nearest of film 0.
    assert ask([2], n_neighbors=1) == pytest.approx([1 / np.sqrt(3), 0, 0, 0], abs=1e-3)


def test_votes_add_up() -> None:
    np.testing.assert_allclose(ask([0, 2]), np.add(ask([0]), ask([2])), atol=1e-3)


def test_a_film_that_nobody_liked_is_no_neighbour() -> None:
    assert ask([3]) == [0, 0, 0, 0]


def test_an_unknown_similarity_is_refused() -> None:
    with pytest.raises(UsageError, match=r"similarity must be one of cosine, .* Received pearson."):
        Config(similarity="pearson")
