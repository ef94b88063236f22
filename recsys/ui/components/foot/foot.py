"""The payload of the foot of a page: whose ratings these are, and whom to cite. Pure."""

from __future__ import annotations

from typing import TypedDict

from recsys.data.sources import Source
from recsys.evaluation.protocols import Protocol
from recsys.ui.components.mount import Component


class FootPayload(TypedDict):
    """`citation` is the whole of it and `link` where it leads; both "" for a data set that has none.

    `protocol` is what the numbers rest on, its name and its summary; only paper shows it.
    """

    product: str
    dataset: str
    licence: str
    citation: str
    link: str
    protocol: str


# A component, as the lists are: text of Streamlit's own is drawn long before them, and would be pushed down by them.
draw: Component[FootPayload] = Component("foot", "back")


def payload(product: str, source: Source, protocol: Protocol) -> FootPayload:
    """All that the component draws, as JSON; a citation ends in its address."""
    link = source.citation.rsplit(" ", 1)[-1] if source.citation else ""
    return {
        "product": product,
        "dataset": source.title,
        "licence": source.licence,
        "citation": source.citation.removesuffix(link).rstrip(),
        "link": link,
        "protocol": f"{protocol.name}: {protocol.summary}",
    }
