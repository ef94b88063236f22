"""Explanations, worked out when somebody looks and kept for whoever looks next; keyed as the lists are."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import streamlit as st

from recsys.data.dataset import Dataset
from recsys.errors import ArtifactError
from recsys.explain import deletion
from recsys.explain.attention import Attention, AttentionReader
from recsys.explain.deletion import Deletion
from recsys.explain.networks import Steps, steps
from recsys.explain.parts import Explanation
from recsys.explain.why import explain
from recsys.serving.new_user import Profile
from recsys.training.jobs import runs
from recsys.ui import loaders


def explanation(of: Dataset, model: str, who: int | Profile, item: int) -> Explanation:
    """Why a model or run gives a film its score. Raises ArtifactError, UsageError as `loaders.artifact` does."""
    return _explanation(of, model, loaders.folder_of(of.name, model), who, item)


def read_attention(of: Dataset, model: str, who: int | Profile, item: int) -> Attention:
    """What AutoInt+ looked at. Raises as `explanation` does."""
    return _attention(of, model, loaders.folder_of(of.name, model), who, item)


def read_steps(of: Dataset, model: str, who: int | Profile, item: int) -> Steps:
    """How a film moved in the GRU's list with each film read. Raises as `explanation` does."""
    return _steps(of, model, loaders.folder_of(of.name, model), who, item)


def tested(of: Dataset, model: str) -> Deletion | None:
    """The deletion test of the very artifact that is on screen, None where there is none."""
    if runs.is_id(model):
        return None
    with suppress(ArtifactError):
        found = deletion.read(of.name, model)
        if found is not None and found.artifact_sha256 == loaders.manifest(of.name, model).sha256:
            return found
    return None


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=loaders.KEYS)
def _explanation(of: Dataset, model: str, key: Path, who: int | Profile, item: int) -> Explanation:
    return explain(loaders.artifact(of, model).scorer, loaders.task(of).known, loaders.history(of, who), item)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=loaders.KEYS)
def _attention(of: Dataset, model: str, key: Path, who: int | Profile, item: int) -> Attention:
    return _reader(of, model, key).read(loaders.history(of, who), item)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=loaders.KEYS)
def _reader(of: Dataset, model: str, key: Path) -> AttentionReader:
    return AttentionReader(loaders.artifact(of, model).scorer, loaders.task(of).known)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=loaders.KEYS)
def _steps(of: Dataset, model: str, key: Path, who: int | Profile, item: int) -> Steps:
    return steps(loaders.artifact(of, model).scorer, loaders.history(of, who), item)
