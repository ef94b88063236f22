"""The two frameworks side by side: the same file twice, function by function."""

from __future__ import annotations

import streamlit as st

from recsys.errors import RecsysError
from recsys.lessons import source
from recsys.lessons.base import Code, Place
from recsys.ui.components.code import code as excerpts
from recsys.ui.text import md

FILES = {
    "PyTorch": "recsys/lessons/frameworks/bias_mf_torch.py",
    "TensorFlow": "recsys/lessons/frameworks/bias_mf_tensorflow.py",
}
PARTS = {
    "parameters": (
        "What is learnt",
        "A tensor of PyTorch is asked for its gradient (`requires_grad`). In TensorFlow a tensor never changes, so "
        "what is learnt is a `Variable`, and the tape watches every one of them.",
    ),
    "loss": (
        "The loss",
        "The same sums: rows of a table are picked by an index or by `gather`, and added along `dim` or along `axis`. "
        "Both frameworks work them out at once, line by line (eager), as numpy does.",
    ),
    "step": (
        "One step",
        "PyTorch records every operation that a parameter takes part in; `backward` adds the gradients to `.grad`, "
        "which has to be emptied, and `no_grad` keeps the update itself from being recorded. TensorFlow records only "
        "what happens under the tape, and returns the gradients; for a table it returns only the rows that were "
        "looked up, until `convert_to_tensor` makes a whole table of them. The update is in place in both: `-=` or "
        "`assign_sub`.",
    ),
}
"""Name of a function in both files -> title, and what differs."""


def show() -> None:
    """Both files, part by part."""
    st.header("The same step in PyTorch and in TensorFlow", anchor=False)
    st.markdown(
        "Matrix factorisation with biases, the model of the SVD card, with one step of plain gradient descent. Both "
        "files are real and short, and a test checks that they give the same numbers, and a gradient derived by hand. "
        "In this app the AutoEncoder is written in PyTorch; BPR, GRU and AutoInt+ are written in Keras, which runs on "
        "either."
    )
    for name, (title, note) in PARTS.items():
        st.markdown(f"**{title}**")
        for column, (framework, path) in zip(st.columns(2, gap="medium"), FILES.items(), strict=True):
            with column:
                _part(framework, Code(Place(path, name), ""))
        st.markdown(note)
    st.caption("Both files continue with eight made-up ratings and five steps. To run them, and see the same losses:")
    commands = (f"python -m {path.removesuffix('.py').replace('/', '.')}" for path in FILES.values())
    st.code("\n".join(commands), language=None, wrap_lines=True)


def _part(framework: str, code: Code) -> None:
    try:
        found = source.excerpt(code)
    except RecsysError as error:
        st.markdown(md(error))
        return
    st.caption(f"{framework} · {md(found.path)}, lines {found.first} to {found.last}")
    excerpts.show(f"{code.place.name} of {found.path}", found.text)
