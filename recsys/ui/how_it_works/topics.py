"""The parts of the page by their names in the address: "bpr", "metrics", "metrics-hit-rate-als", "words", ...

The model of a metric can be a run, by its id.
"""

from __future__ import annotations

from dataclasses import dataclass

from recsys.lessons.glossary import METRIC_OF, METRICS, Metric
from recsys.lessons.models import LESSONS
from recsys.models.registry import BY_NAME
from recsys.training.jobs import runs

OVERVIEW, FRAMEWORKS, WORDS = "", "frameworks", "words"
_METRICS = "metrics"
PARTS = {_METRICS: "Metrics", FRAMEWORKS: "Two frameworks", WORDS: "Words"}
"""The parts that are no model."""


@dataclass(frozen=True)
class Topic:
    """What is open.

    Args:
        part: a model of LESSONS, a name of PARTS, or OVERVIEW.
        metric: of the metrics, the one that is worked out.
        model: the one, or the run, whose list it is worked out on; "" is the first that there is.
    """

    part: str = OVERVIEW
    metric: Metric = METRICS[0]
    model: str = ""

    @classmethod
    def of(cls, text: str) -> Topic:
        """The topic of that name; the overview for any other text."""
        if text in LESSONS or text in PARTS:
            return cls(text)
        rest = text.removeprefix(f"{_METRICS}-")
        if rest == text:
            return cls()
        for slug, metric in METRIC_OF.items():
            model = rest.removeprefix(slug).removeprefix("-")
            if rest == slug or (rest == f"{slug}-{model}" and (model in BY_NAME or runs.is_id(model))):
                return cls(_METRICS, metric, model)
        return cls()

    @property
    def text(self) -> str:
        """Its name in the address."""
        if self.part != _METRICS or (self.metric is METRICS[0] and not self.model):
            return self.part
        return "-".join([self.part, self.metric.slug, *([self.model] if self.model else [])])

    @property
    def is_metrics(self) -> bool:
        return self.part == _METRICS
