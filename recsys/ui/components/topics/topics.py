"""The payload of the pills of How it works: the parts of the page, and on the overview a card per model."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component


class TopicPill(TypedDict):
    """`color` is a place in the theme's chartCategoricalColors, None for a part that is no model."""

    topic: str
    label: str
    color: int | None


class TopicGroup(TypedDict):
    label: str
    items: list[TopicPill]


class TopicCard(TopicPill):
    """`facts` are pairs of a name and a value."""

    full_name: str
    says: str
    facts: list[tuple[str, str]]


class TopicsPayload(TypedDict):
    chosen: str
    groups: list[TopicGroup]
    cards: list[TopicCard]


draw: Component[TopicsPayload] = Component("topics", "pills")
