"""What if: without one film, with one opinion reversed, less popular films, a filter; and what moves in each list."""

from __future__ import annotations

import streamlit as st

from recsys.data.catalog import Catalog
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.explain.what_if import Question, changed, flipped, span
from recsys.serving.new_user import Profile
from recsys.ui import controls, export, url
from recsys.ui.components.moves import moves
from recsys.ui.lists import Answer
from recsys.ui.text import in_stars, md
from recsys.ui.view import NO_QUESTION, View, bounded, profile_of, question_of

_DROP, _FLIP = "drop", "flip"
_DEEDS = {_DROP: "Leave it out", _FLIP: "Flip its stars"}
_DEED = "recsys_what_if_deed"


def show(dataset: Dataset, given: list[Answer], profile: Profile, view: View) -> None:
    """The question in words and what moves, above the lists; nothing where nothing is asked."""
    question = question_of(view, dataset)
    if question.is_empty:
        return
    st.markdown(md(sentence(question, profile, dataset)))
    with st.container(horizontal=True):
        if question.is_about_films:
            st.button(
                "Keep this change", icon=":material/check:", key="if_keep", on_click=_keep_change, args=(dataset,)
            )
        st.button("Reset", icon=":material/undo:", key="if_nothing", on_click=lambda: url.change(**NO_QUESTION))
    data = moves.payload(dataset, given, profile, view, question)
    about = export.facts_of(dataset.name, [answer.column.key for answer in given], user="new")
    with export.saved("moves", sentence(question, profile, dataset), about, table=lambda: moves.table(data)):
        moves.draw(key="moves", data=data)


def controls_of(dataset: Dataset, profile: Profile, view: View) -> None:
    """What can be asked."""
    catalog, question = dataset.catalog, question_of(view, dataset)
    st.caption("Ask something to see which films of the lists move, which are new, and which are gone.")
    labels = {item: catalog.label(item) for item, _ in profile.films}
    chosen = question.drop if question.drop is not None else question.flip
    st.session_state["if_film"] = chosen if chosen in labels else None
    st.selectbox(
        "Change one of your films",
        list(labels),
        format_func=lambda item: labels.get(item, ""),  # options are plain text
        placeholder="Choose one of your films" if labels else "Rate a film first",
        disabled=not labels,
        key="if_film",
        on_change=_about_film,
        args=(dataset,),
    )
    st.session_state["if_deed"] = _FLIP if question.flip is not None else st.session_state.get(_DEED, _DROP)
    st.segmented_control(
        "How",
        list(_DEEDS),
        format_func=_DEEDS.__getitem__,
        key="if_deed",
        on_change=_about_film,
        args=(dataset,),
        disabled=not labels,
        label_visibility="collapsed",
        required=True,
    )
    url.put("if_penalty", question.penalty)
    st.slider(
        "Count popular films less",
        0.0,
        1.0,
        step=0.1,
        key="if_penalty",
        on_change=lambda: url.change(penalty=round(float(st.session_state["if_penalty"]), 1)),
        help="A film's place in a model's list is divided by its place among the most rated films, to the power of "
        "this number; the smallest comes first. At 1, place 10 of a film that is 500th by ratings beats place 1 of "
        "one that is 20th, and nothing is left of a list that only counts people.",
    )
    st.session_state["if_genres"] = list(question.genres)
    st.multiselect(
        "Only these genres",
        catalog.genre_names,
        placeholder="All",
        key="if_genres",
        on_change=lambda: url.change(genres=tuple(st.session_state["if_genres"])),
    )
    _years(catalog, question)


def _years(catalog: Catalog, question: Question) -> None:
    whole = span(catalog)
    if whole is None:
        return

    def callback() -> None:
        asked = tuple(st.session_state["if_years"])
        url.change(years=None if asked == whole else asked)

    url.put("if_years", question.years or whole)
    st.slider("Only these years", *whole, key="if_years", on_change=callback)


def _about_film(dataset: Dataset) -> None:
    deed = _FLIP if st.session_state["if_deed"] == _FLIP else _DROP
    st.session_state[_DEED] = deed
    film = None if st.session_state["if_film"] is None else controls.chosen_film("if_film", dataset)
    url.change(drop=film if deed == _DROP else None, flip=film if deed == _FLIP else None)


def _keep_change(dataset: Dataset) -> None:
    """Callback: what is asked about a film becomes part of the profile."""
    view = bounded(url.current(), dataset)
    asked = changed(profile_of(view, dataset), question_of(view, dataset), dataset.scale, HOLDOUT.relevance)
    ids = dataset.catalog.ids.ids
    url.change(films=tuple((int(ids[item]), stars) for item, stars in asked.films))


def sentence(question: Question, profile: Profile, dataset: Dataset) -> str:
    """The question in words."""
    catalog, stars = dataset.catalog, dict(profile.films)
    parts = []
    if question.drop is not None:
        parts.append(f"you had never rated “{catalog.label(question.drop)}”")
    if question.flip is not None:
        was = stars[question.flip]
        now = flipped(was, dataset.scale, HOLDOUT.relevance)
        parts.append(f"you had given “{catalog.label(question.flip)}” {in_stars(now)} instead of {in_stars(was)}")
    if question.penalty:
        parts.append(f"popular films counted less (by {question.penalty:.1f})")
    if question.genres or question.years:
        of = f"{' or '.join(question.genres)} " if question.genres else ""
        parts.append(f"only {of}films{_when(question.years)} could be listed")
    return f"What if {', and '.join(parts)}? Each mark compares with the list below."


def _when(years: tuple[int, int] | None) -> str:
    if years is None:
        return ""
    first, last = years
    return f" from {first}" if first == last else f" from {first} to {last}"
