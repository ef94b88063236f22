"""The short glossary of the page "How it works"."""

from __future__ import annotations

import streamlit as st

from recsys.lessons.words import WORDS
from recsys.ui.text import md


def show() -> None:
    """All words, in two columns where there is room."""
    st.subheader("What the words mean here", anchor=False)
    entries = [f"**{md(word)}**  \n{md(meaning)}" for word, meaning in WORDS.items()]
    half = -(-len(entries) // 2)
    for column, part in zip(st.columns(2, gap="large"), (entries[:half], entries[half:]), strict=True):
        column.markdown("\n\n".join(part))
