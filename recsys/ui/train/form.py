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
from recsys.training import devices, presets
from recsys.training.jobs import runs
from recsys.training.jobs.runs import Request, Run
from recsys.ui import components
from recsys.ui.text import md
from recsys.ui.train import draft as train_draft
from recsys.ui.train import jobs
from recsys.ui.train.draft import OWN, PRESETS, Draft

_ADVANCED = "train_advanced"
_MAX_SEED = 2**32 - 1
"""The widget's bound; `jobs.submit` has its own."""


def show(dataset: Dataset, run: Run | None) -> None:
    """The form; in a new session it begins as the run that the page shows had it."""
    draft = train_draft.begin(dataset, run)
    with st.container(border=True):
        components.choice(
            key="train_model",
            data={
                "chosen": draft.model,
                "models": [
                    {"name": e.name, "label": e.label, "color": e.color, "is_main": e.is_main} for e in registry.ENTRIES
                ],
            },
            on_model_change=_on(dataset, _choose_model),
        )
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
        fold = st.expander("Advanced: every setting, seed, name, device", key=_ADVANCED, on_change="rerun")
        if fold.open:
            with fold:
                _advanced(dataset, draft)
        st.button("Train", type="primary", icon=":material/play_arrow:", key="train", on_click=_train, args=(dataset,))


def train_all(dataset: Dataset) -> None:
    """Callback: the six main models, quickly, as one queue."""
    six = [entry for entry in registry.ENTRIES if entry.is_main]
    jobs.submit(
        dataset,
        [
            Request(
                entry.name,
                dataset.name,
                train_draft.full(entry, presets.settings(entry, dataset.name, presets.QUICK)),
                device="auto",
                preset=presets.QUICK,
            )
            for entry in six
        ],
    )


def _advanced(dataset: Dataset, draft: Draft) -> None:
    st.caption(md(f"What {draft.entry.label} looks at: {draft.entry.load().looks_at}"))
    with st.container(horizontal=True, gap="small"):
        for each in train_draft.settings_of(draft.entry):
            _setting(dataset, draft, each)
    with st.container(horizontal=True, gap="small", vertical_alignment="top"):
        _keep("train_name", draft.name)
        st.text_input(
            "Name of the run",
            max_chars=runs.MAX_NAME,
            placeholder=f"{draft.entry.label} and its number",
            key="train_name",
            on_change=_on(dataset, _take("train_name", "name")),
            width=260,
        )
        _keep("train_seed", draft.seed)
        st.number_input(
            "Seed",
            0,
            _MAX_SEED,
            key="train_seed",
            on_change=_on(dataset, _take("train_seed", "seed")),
            width=150,
            help="The same seed, settings and data give the same model on the CPU.",
        )
        _device(dataset, draft)
    _keep("train_refit", draft.refit)
    st.toggle(
        "Learn from the validation part too, at the end, as the shipped models did",
        key="train_refit",
        on_change=_on(dataset, _take("train_refit", "refit")),
        help="A second pass from scratch over all known ratings. It takes as long as the first.",
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
    _keep("train_device", draft.device if draft.device in options else "auto")
    st.selectbox(
        "Device",
        list(options),
        format_func=lambda each: options.get(each, each),
        key="train_device",
        on_change=_on(dataset, _take("train_device", "device")),
        width=320,
        help=None if found else "No GPU was found on this computer.",
    )


def _setting(dataset: Dataset, draft: Draft, each: Setting) -> None:
    """A widget for one setting, by its type."""
    key = f"train_set_{draft.model}_{each.name}"
    value = draft.settings[each.name]
    options: dict[str, Any] = {
        "label": each.name,
        "key": key,
        "help": md(f"{each.help[:1].upper()}{each.help[1:]}; {each.name} {each.rule}."),
        "on_change": _on(dataset, _take_setting(key, each.name)),
        "width": 178,
    }
    if each.kind == "bool":
        _keep(key, value)
        with st.container(width=178, height=74, border=False, vertical_alignment="bottom"):
            st.toggle(**{**options, "width": "content"})
    elif each.choices:
        _keep(key, value)
        st.selectbox(options=list(each.choices), **options)
    elif each.kind == "tuple":
        _keep(key, ", ".join(map(str, value)))
        st.text_input(**options)
    elif each.kind == "int":
        _keep(key, int(value))
        st.number_input(step=1, min_value=_bound(each.low, int), max_value=_bound(each.high, int), **options)
    else:
        _keep(key, float(value))
        st.number_input(
            step=_step(float(value)),
            format="%.6g",
            min_value=_bound(each.low, float),
            max_value=_bound(each.high, float),
            **options,
        )


def _bound(value: float | None, kind: Callable[[float], Any]) -> Any:
    return None if value is None else kind(value)


def _step(value: float) -> float:
    """One in the first digit: 0.001 for 0.002."""
    return 10.0 ** math.floor(math.log10(abs(value))) if value else 0.1


def _train(dataset: Dataset) -> None:
    draft = train_draft.current(dataset)
    if jobs.submit(dataset, [draft.request], [draft.name]):
        train_draft.keep(replace(draft, name=""))


def _keep(key: str, value: Any) -> None:
    """The draft is the truth; the widget is set from it."""
    st.session_state[key] = value


def _on(dataset: Dataset, change: Callable[[Draft], Draft]) -> Callable[[], None]:
    """A callback that changes the draft; what is not allowed is said, and changes nothing."""

    def callback() -> None:
        try:
            jobs.check_allowed()
            train_draft.keep(change(train_draft.current(dataset)))
        except UsageError as error:
            jobs.tell(str(error))

    return callback


def _choose_model(draft: Draft) -> Draft:
    name = getattr(st.session_state.get("train_model"), "model", None)
    return draft if name is None else train_draft.with_model(draft, str(name))


def _choose_preset(draft: Draft) -> Draft:
    return train_draft.with_preset(draft, str(st.session_state.get("train_preset") or OWN))


def _take(key: str, field: str) -> Callable[[Draft], Draft]:
    return lambda draft: _checked(replace(draft, **{field: st.session_state[key]}))


def _checked(draft: Draft) -> Draft:
    """What would stop the form itself from being drawn is refused at once; the rest when it is submitted."""
    if not isinstance(draft.seed, int) or not 0 <= draft.seed <= _MAX_SEED:
        raise UsageError(f"The seed must be between 0 and {_MAX_SEED}. Received {str(draft.seed)[:20]}.")
    return replace(draft, name=draft.name[: runs.MAX_NAME])


def _take_setting(key: str, name: str) -> Callable[[Draft], Draft]:
    return lambda draft: train_draft.with_setting(draft, name, st.session_state[key])
