"""Some cases of each target; `make hostile` tries the thousands."""

from __future__ import annotations

import pytest

from tests.hostile.__main__ import in_child
from tests.hostile.targets import TARGETS


@pytest.mark.process
@pytest.mark.parametrize("target", TARGETS)
def test_what_is_spoilt_is_refused_or_taken_and_nothing_else(target: str) -> None:
    found = in_child(target, seed=1, few=True)
    assert not found["failures"], "\n".join(found["failures"][:10])
    assert found["refused"] + found["taken"] == found["cases"] > 0
