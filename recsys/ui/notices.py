"""What several pages say in the same words: whose ratings these are, and what is missing."""

from __future__ import annotations

import streamlit as st

from recsys.data import library
from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from recsys.ui.text import md


def simulated(dataset_name: str) -> None:
    if dataset_name == library.DEMO.name:
        st.badge("Simulated viewers", icon=":material/smart_toy:", color="orange")


def untimed(dataset: Dataset) -> str:
    """Why a data set without an order in time has nothing to show."""
    return (
        f"{library.source_of(dataset.name).title} {dataset.untimed}, so the {HOLDOUT.name} protocol cannot hide "
        "what each user rated last. Choose another data set at the top of the page."
    )


def untrained(dataset: Dataset) -> None:
    """One card with two ways out, instead of one card for each model."""
    with st.container(border=True):
        st.markdown(f"No model has been trained on {md(library.source_of(dataset.name).title)} yet.")
        st.page_link("pages/train.py", label="Train the six small models here", icon=":material/model_training:")
        st.caption("Or all models, from the command line:")
        st.code(f"python -m recsys train all --dataset {dataset.name}", language=None, wrap_lines=True)
