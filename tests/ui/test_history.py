"""The browser's Back button: which view an address without parameters stands for."""

from __future__ import annotations

import pytest

from tests.app import opened, parameters, unfolded

pytestmark = pytest.mark.usefixtures("trained")


def test_back_to_an_address_that_the_menu_left_bare_shows_the_same_user() -> None:
    """The address stays bare: a new one would be a step forward, and Back would never get past it."""
    app = opened(user="7", k="20")
    app.query_params.clear()
    app.run()
    assert app.title[0].value == "What should user 7 watch next?"
    assert parameters(app) == {}
    unfolded(app, "options").toggle(key="hide_seen").set_value(
        False
    ).run()  # but what is changed there is in the address
    assert parameters(app)["user"] == "7"


def test_back_to_the_page_as_it_was_at_first_shows_its_first_user() -> None:
    app = opened()
    first = app.title[0].value
    app.query_params["user"] = "7"
    app.run()
    assert app.title[0].value != first
    app.query_params.clear()
    app.run()
    assert app.title[0].value == first
