"""The page "How it works": which part of it is open, and how to open another."""

from __future__ import annotations

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.lessons.glossary import WORDS as GLOSSARY
from recsys.lessons.models import LESSONS
from recsys.models.registry import entry
from recsys.ui import systems, url
from recsys.ui.components.topics import topics
from recsys.ui.components.topics.topics import TopicCard, TopicPill, TopicsPayload
from recsys.ui.errors import calm
from recsys.ui.how_it_works import card, frameworks, metrics
from recsys.ui.how_it_works import facts as lesson_facts
from recsys.ui.how_it_works.topics import FRAMEWORKS, OVERVIEW, PARTS, WORDS, Topic
from recsys.ui.text import count, md

_KEY = "topics"


@st.fragment
def show(dataset: Dataset, user: int) -> None:
    """The pills and what they open; a click reruns no more than this."""
    with calm():
        topic = Topic.of(url.current().topic)
        if url.current().topic != topic.text:
            url.change(topic=topic.text)  # no part of that name: the overview
        topics.draw(key=_KEY, data=_payload(topic, dataset), on_topic_change=_open)
        with calm():
            if topic.part in LESSONS:
                card.show(LESSONS[topic.part], dataset, user)
            elif topic.is_metrics:
                metrics.show(topic, dataset, user)
            elif topic.part == FRAMEWORKS:
                frameworks.show()
            elif topic.part == WORDS:
                _words()


def _open() -> None:
    """Callback: a browser can send anything, and what names no part is the overview."""
    chosen = getattr(st.session_state.get(_KEY), "topic", None)
    if chosen is not None:
        url.change(topic=Topic.of(str(chosen)).text)


def _payload(topic: Topic, dataset: Dataset) -> TopicsPayload:
    models = [_pill(name) for name in LESSONS]
    start: TopicPill = {"topic": OVERVIEW, "label": "Overview", "color": None}
    parts: list[TopicPill] = [{"topic": name, "label": label, "color": None} for name, label in PARTS.items()]
    return {
        "chosen": topic.part,
        "groups": [{"label": "Models", "items": [start, *models]}, {"label": "Beside the models", "items": parts}],
        "cards": [_card(name, dataset) for name in LESSONS] if topic.part == OVERVIEW else [],
    }


def _pill(name: str) -> TopicPill:
    return {"topic": name, "label": entry(name).label, "color": systems.of(name).color}


def _card(name: str, dataset: Dataset) -> TopicCard:
    lesson = LESSONS[name]
    facts = lesson_facts.of(lesson, dataset)
    return {
        **_pill(name),
        "full_name": entry(name).full_name,
        "says": lesson.idea[0],
        "facts": [
            ("Learns from", lesson.learns_from),
            ("Learns", count(facts.n_parameters, "number")),
            ("Source", _authors(facts.source)),
        ],
    }


def _authors(source: str) -> str:
    """Names and year without the title: "Funk (2006); Koren (2009)"."""
    names, end, _title = source.partition("), ")
    return names + end.rstrip(", ")


def _words() -> None:
    """The glossary, in two columns where there is space."""
    st.header("What the words mean here", anchor=False)
    entries = [f"**{md(word)}**  \n{md(meaning)}" for word, meaning in GLOSSARY.items()]
    half = -(-len(entries) // 2)
    for column, part in zip(st.columns(2, gap="large"), (entries[:half], entries[half:]), strict=True):
        column.markdown("\n\n".join(part))
