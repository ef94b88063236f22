"""The address of what is on screen, and its QR code as what an inline SVG draws."""

from __future__ import annotations

from typing import TypedDict

from recsys.ui.components.mount import Component

QUIET_ZONE = 4
"""Light modules around a code, as ISO/IEC 18004 asks for."""


class Code(TypedDict):
    """A QR code: `size` modules wide with its quiet zone; `path` draws the dark ones in that unit."""

    size: int
    path: str


class SharePayload(TypedDict):
    """`code` is None for an address that is too long for one."""

    link: str
    says: str
    code: Code | None


draw: Component[SharePayload] = Component("share")


def payload(link: str, says: str) -> SharePayload:
    return {"link": link, "says": says, "code": code(link)}


def code(link: str) -> Code | None:
    """The QR code of an address, None where it holds more than one can."""
    import segno  # here, as most visits share nothing

    try:
        found = segno.make_qr(link, error="l", boost_error=True)
    except segno.DataOverflowError:
        return None
    size = len(found.matrix)
    rows = enumerate(found.matrix, QUIET_ZONE)
    path = "".join(
        f"M{column + QUIET_ZONE} {y}h1v1h-1z" for y, row in rows for column, is_dark in enumerate(row) if is_dark
    )
    return {"size": size + 2 * QUIET_ZONE, "path": path}
