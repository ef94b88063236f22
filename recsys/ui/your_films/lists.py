"""The models' lists for a new user: each model says how it answers somebody whom it was not trained on."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from recsys.data.dataset import Dataset
from recsys.errors import RecsysError
from recsys.explain import new_user_notes
from recsys.serving import new_user
from recsys.serving.lists import agreement
from recsys.serving.new_user import Profile
from recsys.ui import lists, loaders, systems
from recsys.ui.components.board.board import Board
from recsys.ui.lists import Answer
from recsys.ui.view import View


def answers(dataset: Dataset, models: Sequence[str], profile: Profile, view: View) -> list[Answer]:
    """Every model's list, or that it gives all films the same score."""
    return lists.decided(dataset, lists.answers(dataset, models, profile, view.k, exclude_seen=not view.seen), profile)


def order_readers(dataset: Dataset, models: Sequence[str]) -> list[str]:
    """The labels of the shown models that use the order of the films; those that cannot answer are left out."""
    found = []
    for key in models:
        try:
            if new_user_notes.reads_order(lists.state_of(dataset, key)):
                found.append(systems.of(key).label)
        except RecsysError:
            continue
    return found


def show(dataset: Dataset, given: list[Answer], profile: Profile, view: View) -> None:
    """The lists side by side."""
    Board(
        dataset,
        profile,
        view,
        given,
        agreement([a.top for a in given if a.top is not None]),
        user_id=number_of(view),
        ticks=False,
        links=lists.links_of(view, "new_user", None),
        heads=_heads(dataset, given),
        feet=_feet(dataset, given, profile),
    ).draw()


def number_of(view: View) -> int:
    """A number that changes with the profile, as a user's number does on the Compare page."""
    said = (*(new_user.text(each) for each in view.films), view.gender, view.age, view.occupation)
    return zlib.crc32("\n".join(said).encode())


def _heads(dataset: Dataset, given: Sequence[Answer]) -> dict[str, str]:
    """How each model answers a new user, in the words of its artifact."""
    return {
        a.column.key: loaders.manifest(dataset.name, a.column.key).new_user
        for a in given
        if a.full is not None or (a.problem is not None and a.problem.head == lists.UNDECIDED)
    }


def _feet(dataset: Dataset, given: Sequence[Answer], profile: Profile) -> dict[str, str]:
    """What each model makes of these very films."""
    history, counts = profile.history(), loaders.task(dataset).known.item_counts
    return {
        a.column.key: new_user_notes.note(
            lists.state_of(dataset, a.column.key), history, counts, dataset.catalog, dataset.viewers
        )
        for a in given
        if a.full is not None
    }
