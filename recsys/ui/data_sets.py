"""The data set of every page: which are here, where the chosen one comes from, and how to get another one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recsys.data import download, library
from recsys.data.dataset import Dataset
from recsys.errors import RecsysError, UnfitDataError
from recsys.serving import new_user
from recsys.ui import arrival, loaders, navigation, notices, reach, url
from recsys.ui.errors import for_visitors
from recsys.ui.text import count, md
from recsys.ui.view import OF_ANOTHER_DATASET, OF_NEW_USER

_OFFER, _FAILURE, _BEGUN = "recsys_offer", "recsys_data_failure", "recsys_begun"
"""What this run offers; why the visitor's last attempt to get data failed; that app.py is running."""
_LEFT = "recsys_profiles_left"
"""By data set, what the visitor had rated and said there when they last chose another."""
NO_DOWNLOADS = "Downloads are switched off on this server: RECSYS_OFFLINE or RECSYS_PUBLIC is set."
NO_UPLOADS = (
    "No zip can be uploaded to a public server, as all its visitors would get its ratings. Whoever runs the server can "
    f"add data: `python -m recsys data get {library.PREFERRED}`, or `RECSYS_DATA_DIR` set to a folder that has it."
)


@dataclass(frozen=True)
class Offer:
    """The data sets that can be chosen.

    Args:
        names: on disk and, as far as is known, whole.
        default: the one shown where the URL names none.
        problem: why the preferred one, which is on disk, cannot be read.
    """

    names: tuple[str, ...]
    default: str
    problem: str | None = None

    @classmethod
    def now(cls) -> Offer:
        names, problem = library.available(), None
        if library.PREFERRED in names:
            try:
                loaders.dataset(library.PREFERRED)
            except RecsysError as error:
                names.remove(library.PREFERRED)
                problem = for_visitors(error)
        return cls(tuple(names), library.PREFERRED if library.PREFERRED in names else library.DEMO.name, problem)


def begin(page: str) -> None:
    """Read the URL, and say what has changed about the data sets that are here."""
    st.session_state[_BEGUN] = True
    offer = Offer.now()
    before = st.session_state.get(_OFFER, offer).default
    st.session_state[_OFFER] = offer
    view = url.begin(page, list(offer.names))
    if before != offer.default and offer.default == library.PREFERRED:
        # It arrived while the visitor was looking at something else: that stays on screen.
        if view.dataset is None:
            url.change(dataset=before)
        arrived = library.source_of(library.PREFERRED).title
        st.toast(f"{arrived} is here now: choose it at the top of the page.", icon=":material/check_circle:")
    if offer.problem is not None and view.dataset is None:
        wanted = md(library.source_of(library.PREFERRED).title)
        st.error(
            f"{wanted} cannot be read, so simulated viewers stand in for real ones. {md(offer.problem)}",
            icon=":material/info:",
        )


def menu() -> DeltaGenerator:
    """The button of the chosen data set; `show` fills what it opens."""
    return st.popover(md(library.source_of(name()).title), icon=":material/database:", key="data_set")


def show() -> None:
    """Offer the data sets that are here. After the page, whose content a visitor waits for."""
    st.session_state.pop(_BEGUN)
    offer: Offer = st.session_state[_OFFER]
    chosen = name()
    st.session_state["dataset"] = chosen
    st.selectbox(
        "Data set",
        offer.names,
        format_func=_in_menu,
        key="dataset",
        on_change=_choose_dataset,
    )
    _about(chosen)
    if library.PREFERRED not in offer.names:
        _get_data(chosen, offer)


def _in_menu(name: str) -> str:
    """A data set's title and, where no page can show it, why: a menu of Streamlit has no entry that is greyed out."""
    source = library.source_of(name)
    return source.title if source.is_timed else f"{source.title}: no timestamps, so no page can show it"


def dataset() -> Dataset:
    """The data set of the current view. Raises RecsysError where it cannot be read, or where it has no times."""
    if _BEGUN not in st.session_state:
        # app.py has not run: the first visitor of a new server who asks for a page by its address gets that page's
        # file alone, as Streamlit takes a folder named pages/ for its older kind of app until st.navigation is called.
        navigation.current()
        st.rerun()
    chosen = loaders.dataset(name())
    if not chosen.is_timed:
        raise UnfitDataError(notices.untimed(chosen))
    return chosen


def name() -> str:
    """Of the data set of the current view."""
    return url.current().dataset or st.session_state[_OFFER].default


def _choose_dataset() -> None:
    """Another data set has other users, films and runs; a visitor's films go along where it has them too.

    In a data set that the visitor comes back to, their films are as they were left there.
    """
    wanted, view = st.session_state["dataset"], url.current()
    left = st.session_state.setdefault(_LEFT, {})
    left[name()] = {field: getattr(view, field) for field in OF_NEW_USER}
    title = md(library.source_of(wanted).title)
    of_new_user = dict(OF_NEW_USER)
    if left.get(wanted, of_new_user)["films"]:
        of_new_user = left[wanted]
        st.toast(f"Your {count(len(of_new_user['films']), 'film')} of {title} are back.", icon=":material/star:")
    elif view.films:
        with suppress(RecsysError):  # the page will say why it cannot be read
            of_new_user["films"] = new_user.carried(view.films, loaders.dataset(name()), loaders.dataset(wanted))
        n = len(of_new_user["films"])
        st.toast(f"{n} of your {count(len(view.films), 'film')} are in {title} as well.", icon=":material/star:")
    url.change(dataset=_unless_default(wanted), **{**OF_ANOTHER_DATASET, **of_new_user})


def _unless_default(chosen: str) -> str | None:
    return None if chosen == st.session_state[_OFFER].default else chosen


def _about(chosen: str) -> None:
    notices.simulated(chosen)
    with suppress(RecsysError):  # the page has said why it cannot be read
        here = loaders.dataset(chosen)
        st.caption(" · ".join([count(here.n_users, "user"), count(here.n_items, "film"), count(len(here), "rating")]))


def _get_data(chosen: str, offer: Offer) -> None:
    """Without MovieLens 100K: look for it once, try the download again where downloads are on, or hand in the zip."""
    is_demo = chosen == library.DEMO.name
    wanted = library.source_of(library.PREFERRED).title
    attempt = arrival.attempt() if offer.problem is None and arrival.is_allowed() else None
    with st.expander("Use real ratings", expanded=is_demo, icon=":material/download:"):
        if attempt is not None and attempt.is_running:
            _looking()
        else:
            if (failure := st.session_state.get(_FAILURE)) is not None:
                st.error(md(failure))
            if offer.problem is not None:
                st.caption(f"The file of {wanted} cannot be read.", help=md(offer.problem))
            elif attempt is not None and attempt.failure is not None:
                st.caption(f"{wanted} could not be downloaded.", help=md(for_visitors(attempt.failure)))
            else:
                st.caption(f"{wanted} is not on this computer.")
            if arrival.is_allowed():
                st.button("Try the download again", on_click=_download, key="download", width="stretch")
            else:
                st.caption(NO_DOWNLOADS)
        if not _takes_uploads():
            st.caption(NO_UPLOADS)
            return
        largest = download.MAX_UPLOAD_BYTES >> 20
        st.file_uploader(
            "Or upload a MovieLens zip",
            type=["zip"],
            max_upload_size=largest,
            key="upload",
            on_change=_adopt,
            help="Recognised by its contents, not by its name. It stays on this computer. "
            f"At most {largest} MB; copy larger zips into `data/`.",
        )


@st.fragment(run_every=1.0)
def _looking() -> None:
    """Asks every second whether the search is over; then the page is drawn once more, without this."""
    if not arrival.attempt().is_running:
        st.rerun()
    st.caption(f"Looking for {library.source_of(library.PREFERRED).title}…")


def _takes_uploads() -> bool:
    """Whether zips are accepted: one becomes everybody's data set, so only from the person at this computer."""
    return reach.is_local()


def _download() -> None:
    if arrival.is_allowed():
        _bring(lambda: (library.PREFERRED, download.get(library.PREFERRED, progress=False)))
    else:
        st.session_state[_FAILURE] = NO_DOWNLOADS


def _adopt() -> None:
    handed_in = st.session_state.get("upload")
    if handed_in is None:
        return
    if _takes_uploads():
        _bring(lambda: download.adopt(handed_in))
    else:
        st.session_state[_FAILURE] = NO_UPLOADS


def _bring(get: Callable[[], tuple[str, Path]]) -> None:
    """Get a data set, by its name and where it is now, and show it; or keep why it cannot be shown."""
    try:
        with st.spinner("Getting the ratings…", show_time=True):
            arrived, _ = get()
        loaders.dataset(arrived)  # a file that is there already may be one that cannot be read
    except RecsysError as error:
        st.session_state[_FAILURE] = for_visitors(error)
        return
    st.session_state.pop(_FAILURE, None)
    # A toast outlives the runs that follow.
    st.toast(f"{library.source_of(arrived).title} is here.", icon=":material/check_circle:")
    if arrived == library.PREFERRED:
        st.session_state[_OFFER] = replace(st.session_state[_OFFER], default=arrived)
    url.change(dataset=_unless_default(arrived), **OF_ANOTHER_DATASET)
