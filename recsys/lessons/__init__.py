"""What the page "How it works" teaches: a lesson per model, the metrics, and words. Data and pure functions only."""

from __future__ import annotations

from recsys.lessons import als, autoencoder, autoint, baselines, bpr, gru, svd
from recsys.lessons.base import Lesson

LESSONS: dict[str, Lesson] = {
    lesson.name: lesson
    for lesson in (
        *(als.LESSON, svd.LESSON, autoencoder.LESSON, bpr.LESSON, gru.LESSON, autoint.LESSON),
        *(baselines.POPULARITY, baselines.EASE),
    )
}
"""By name, in the registry's order."""
