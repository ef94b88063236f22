"""The form of the Train page. Its widgets help; what comes out of it is checked again by `jobs.submit`."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import UsageError
from recsys.models import registry
from recsys.models.settings import Setting
from recsys.training import devices
from recsys.training.jobs import limits, runs
from recsys.training.jobs.runs import Run
from recsys.ui import controls
from recsys.ui.components.choice import choice
from recsys.ui.text import md
from recsys.ui.train import draft as train_draft
from recsys.ui.train import jobs
from recsys.ui.train.draft import OWN, PRESETS, Draft

_MAX_SEED = 2**32 - 1
"""The widget's bound; `jobs.submit` has its own."""


def show(dataset: Dataset, run: Run | None) -> None:
    """The form; in a new session it begins as the run that the page shows had it."""
    draft = train_draft.begin(dataset, run)
    with st.container(border=True):
        data = choice.payload(draft.model)
        choice.draw(key="train_model", data=data, on_model_change=_on(dataset, _choose_model))
        st.session_state["train_preset"] = draft.preset
        st.segmented_control(
            "Settings",
            list(PRESETS),
            format_func=lambda each: PRESETS[each],
            key="train_preset",
            required=True,
            on_change=_on(dataset, _choose_preset),
        )
        st.caption(md(train_draft.cost_in_words(draft, len(dataset))))
        if busy := train_draft.busy_in_words(devices.work_per_core()):
            st.markdown(f":orange[:material/hourglass_top:] {md(busy)}")
        fold = controls.fold("Advanced: every setting, seed, name, device", "advanced")
        if fold.open:
            with fold:
                _advanced(dataset, draft)
        train = jobs.callback(lambda: _train(dataset))
        st.button("Train", type="primary", icon=":material/play_arrow:", key="train", on_click=train)


def train_all(dataset: Dataset) -> None:
    """The six main models, quickly, as one queue. Raises UsageError."""
    six = [entry.name for entry in registry.ENTRIES if entry.is_main]
    jobs.submit(dataset, [train_draft.with_model(Draft(dataset.name), name).request for name in six])


def _advanced(dataset: Dataset, draft: Draft) -> None:
    st.caption(md(f"What {draft.entry.label} looks at: {draft.entry.load().looks_at}"))
    with st.container(horizontal=True, gap="small"):
        for each in limits.offered(draft.entry):
            _setting(dataset, draft, each)
    with st.container(horizontal=True, gap="small", vertical_alignment="top"):
        st.text_input(
            "Name of the run",
            max_chars=runs.MAX_NAME,
            placeholder=f"{draft.entry.label} and its number",
            width=260,
            **_of_draft(dataset, "name", draft.name),
        )
        st.number_input(
            "Seed",
            0,
            _MAX_SEED,
            width=150,
            help="The same seed, settings and data give the same model on the CPU.",
            **_of_draft(dataset, "seed", draft.seed),
        )
        _device(dataset, draft)
    st.toggle(
        "Learn from the validation part too, at the end, as the shipped models did",
        help="A second pass from scratch over all known ratings. It takes as long as the first.",
        **_of_draft(dataset, "refit", draft.refit),
    )


def _device(dataset: Dataset, draft: Draft) -> None:
    found = devices.gpu()
    if not draft.entry.load().uses_gpu:
        st.text_input("Device", f"{devices.cpu().text} ({draft.entry.label} uses no GPU)", disabled=True, width=320)
        return
    best = found or devices.cpu()
    options = {"auto": f"Automatic: {best.text}", "cpu": devices.cpu().text}
    if found is not None:
        options["cuda"] = found.text
    st.selectbox(
        "Device",
        list(options),
        format_func=lambda each: options.get(each, each),
        width=320,
        help=None if found else "No GPU was found on this computer.",
        **_of_draft(dataset, "device", draft.device if draft.device in options else "auto"),
    )


def _setting(dataset: Dataset, draft: Draft, each: Setting) -> None:
    """A widget for one setting, by its type."""
    key = f"train_set_{draft.model}_{each.name}"
    value = draft.settings[each.name]
    options: dict[str, Any] = {
        "label": each.name,
        "key": key,
        "help": md(f"{each.help[:1].upper()}{each.help[1:]}; {each.name} {each.rule}."),
        "on_change": _on(dataset, lambda draft: train_draft.with_setting(draft, each.name, st.session_state[key])),
        "width": 178,
    }
    if each.kind == "bool":
        st.session_state[key] = value
        with st.container(width=178, height=74, border=False, vertical_alignment="bottom"):
            st.toggle(**{**options, "width": "content"})
    elif each.choices:
        st.session_state[key] = value
        st.selectbox(options=list(each.choices), **options)
    elif each.kind == "tuple":
        st.session_state[key] = ", ".join(map(str, value))
        st.text_input(**options)
    else:
        kind = type(each.default)
        st.session_state[key] = kind(value)
        step, digits = (1, None) if kind is int else (_step(value), "%.6g")
        # A model's numbers all have bounds here (`limits.offered`).
        st.number_input(step=step, format=digits, min_value=kind(each.low), max_value=kind(each.high), **options)


def _step(value: float) -> float:
    """One in the first digit: 0.001 for 0.002."""
    return 10.0 ** math.floor(math.log10(abs(value))) if value else 0.1


def _train(dataset: Dataset) -> None:
    draft = train_draft.current(dataset)
    jobs.submit(dataset, [draft.request], [draft.name])
    train_draft.keep(replace(draft, name=""))


def _on(dataset: Dataset, change: Callable[[Draft], Draft]) -> Callable[[], None]:
    """A callback that changes the draft; what is not allowed is said, and changes nothing."""
    return jobs.callback(lambda: train_draft.keep(change(train_draft.current(dataset))))


def _choose_model(draft: Draft) -> Draft:
    name = getattr(st.session_state.get("train_model"), "model", None)
    return draft if name is None else train_draft.with_model(draft, str(name))


def _choose_preset(draft: Draft) -> Draft:
    return train_draft.with_preset(draft, str(st.session_state.get("train_preset") or OWN))


def _of_draft(dataset: Dataset, field: str, value: Any) -> dict[str, Any]:
    """Key and callback of the widget for a field of the draft, which is the truth: the widget is set from it."""
    key = f"train_{field}"
    st.session_state[key] = value
    return {
        "key": key,
        "on_change": _on(dataset, lambda draft: _checked(replace(draft, **{field: st.session_state[key]}))),
    }


def _checked(draft: Draft) -> Draft:
    """What would stop the form itself from being drawn is refused at once; the rest when it is submitted."""
    if not isinstance(draft.seed, int) or not 0 <= draft.seed <= _MAX_SEED:
        raise UsageError(f"The seed must be between 0 and {_MAX_SEED}. Received {str(draft.seed)[:20]}.")
    return replace(draft, name=draft.name[: runs.MAX_NAME])
