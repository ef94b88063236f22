"""All metrics, in the order in which the page shows them."""

from __future__ import annotations

from recsys.lessons.glossary_lists import ACCURACY, BEYOND_ACCURACY
from recsys.lessons.glossary_ratings import RATINGS

METRICS = (*ACCURACY, *RATINGS, *BEYOND_ACCURACY)

METRIC_OF = {metric.slug: metric for metric in METRICS}
"""By their names in an address."""
