"""Technical words lead to their meaning, wherever they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recsys.evaluation.metrics import METRICS
from recsys.lessons.glossary import METRIC_OF, WORDS
from recsys.ui import url, words
from recsys.ui.how_it_works.topics import Topic
from recsys.ui.text import md
from recsys.ui.view import View
from tests.app import given_to, opened
from tests.ui.test_widget_values import session

assert session is not None  # a fixture, used by name


@pytest.fixture
def plain(session: dict[str, Any]) -> None:
    session["recsys_view"] = View()


def test_every_word_of_the_glossary_has_a_meaning_and_a_place() -> None:
    for text in [*WORDS, *(metric.label for metric in METRICS.values()), "Held out", "nDCG@10", "Protocols"]:
        place = words.place(text)
        assert place is not None, text
        topic, _, name = place.partition("#")
        assert words.meanings()[name]
        assert Topic.of(topic).text == topic or topic == "metrics-ndcg"  # the first metric is where "metrics" leads
    assert set(METRIC_OF) <= set(words.meanings())


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("`nDCG` and [RMSE](x)", "`nDCG` and [RMSE](x)"),
        (md("nDCG@10, nDCG@5"), "[nDCG\\@10](how_it_works?topic=metrics-ndcg#ndcg), nDCG\\@5"),
        ("held-out films", "[held-out](how_it_works?topic=words#holdout) films"),
        ("a protocolled seedling", "a protocolled seedling"),
        ("Popularity lost a batch", "Popularity lost a batch"),
    ],
)
def test_a_word_is_marked_where_it_first_stands(text: str, expected: str) -> None:
    assert words.linked(text) == expected


def test_the_words_of_plain_texts_are_found_as_they_stand_there() -> None:
    texts = ["1 of 3, nDCG .30", "Held-out films; held-out ratings", "plain"]
    assert words.among(texts) == {
        "nDCG": "metrics-ndcg#ndcg",
        "Held-out": "words#holdout",
        "held-out": "words#holdout",
    }


def test_a_word_keeps_the_data_set_and_the_user(session: dict[str, Any]) -> None:
    url.keep(View(dataset="demo", user=7))
    assert words.linked("RMSE") == "[RMSE](how_it_works?dataset=demo&user=7&topic=metrics-rmse#rmse)"


def test_the_heads_of_the_tables_lead_to_their_meaning(trained: Path) -> None:
    app = opened("leaderboard")
    groups = {group["id"]: group["columns"] for group in given_to(app, "scores")["groups"]}
    for name in ("lists10", "ratings", "breadth"):
        assert all(column["word"] for column in groups[name]), name
    assert not any(column["word"] for column in groups["cost"])
    assert given_to(app, "words")["says"]["coverage"]
    metrics = given_to(opened(), "overlap")["metrics"]
    assert [address.partition("#")[2] for address in metrics["words"]][:2] == ["ndcg", "recall"]
