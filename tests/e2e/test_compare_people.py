"""Whom Compare is about: users worth a look, two side by side, and what is held back while one guesses."""

from __future__ import annotations

import pytest

from recsys.data.dataset import Dataset
from recsys.evaluation.protocols import HOLDOUT
from tests.e2e.test_app import ALL, no_sideways_scroll, page, settled, visit

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

assert page is not None  # a fixture, used by name


def test_a_user_worth_a_look_is_two_clicks_away(page, demo_app: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    visit(page, f"{demo_app}/?models={ALL}&user=7", ".card .film")
    shown = [button for button in page.locator(".st-key-actions button").all() if button.is_visible()]
    assert len(shown) == 6
    assert len({round(button.bounding_box()["y"]) for button in shown}) == 1  # one row
    page.locator(".st-key-notable button").first.press("Enter")
    one = page.get_by_role("button", name="The models disagree: user")
    number = one.inner_text().split("user ")[1]
    one.press("Enter")
    page.get_by_role("heading", name=f"What should user {number} watch next?").wait_for()
    settled(page, f"user={number}")
    page.locator(f'.root[data-user="{number}"]').wait_for()
    assert not page.get_by_text("none of them is typical").is_visible()


GUESSED = 2
"""A user of the demo of whom the quick models' lists have three films or more that they went on to like."""


@pytest.mark.parametrize("way", ["ticks", "pick", "model"])
def test_before_the_reveal_the_browser_has_received_nothing_of_the_answer(
    page, demo_app: str, demo_dataset: Dataset, way: str
) -> None:
    task = HOLDOUT.final(demo_dataset)
    user = demo_dataset.viewers.ids.index(GUESSED)
    received: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(_bytes(frame))))
    visit(page, f"{demo_app}/?models={ALL}&user={GUESSED}&ticks=0&guess={way}&beside_user=42", ".card .film")
    page.locator(".overlap").nth(1).wait_for()
    page.locator(".st-key-options button").first.click()
    page.get_by_text("Of user 42").wait_for()
    page.keyboard.press("Escape")
    if way != "ticks":
        asked = page.locator(f".st-key-guess_{GUESSED}")
        options = asked.locator("[role=toolbar] button, [role=radiogroup] button")
        for place in range({"pick": 3, "model": 1}[way]):
            page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()
            options.nth(place).press("Enter")
            asked.locator('[aria-pressed="true"], [aria-checked="true"]').nth(place).wait_for()
        asked.get_by_role("button", name="Reveal").wait_for()
    page.wait_for_timeout(300)
    before, shown = b"".join(received), page.evaluate(ALL_TEXT)
    # A film that came next is nowhere but in the lists, where nothing tells it from the others.
    listed = set(page.locator(".film .title").all_inner_texts())
    came_next = {demo_dataset.catalog.titles[item] for item in task.held_out.history(user).items.tolist()}
    known = {demo_dataset.catalog.titles[item] for item in task.known.history(user).items.tolist()}
    of_other = demo_dataset.viewers.ids.index(42)
    known |= {demo_dataset.catalog.titles[item] for item in task.known.history(of_other).items.tolist()}
    secret = {title for title in came_next - listed - known if not any(title in other for other in listed | known)}
    assert secret
    signs = [b'"hit": true', b'"hit":true', b"What came next", b", nDCG "]
    assert not [title for title in secret if title.encode() in before or title in shown]
    assert not [sign for sign in signs if sign in before]
    assert "✓" not in shown.replace("✓ marks", "")
    n_received = len(received)
    page.get_by_role("button", name="Reveal" if way != "ticks" else "Show the ticks").first.press("Enter")
    page.locator(".hit .tick").first.wait_for()
    page.locator(".metrics").nth(1).wait_for()
    after = b"".join(received[n_received:])
    assert [sign in after for sign in signs] == [True, False, True, True]  # what is looked for above is what comes now
    assert [title for title in secret if title.encode() in after]
    if way != "ticks":
        page.get_by_test_id("stAlert").filter(has_text=f"user {GUESSED} went on to like").wait_for()
    settled(page, f"user={GUESSED}")
    assert "ticks=0" not in page.url


ALL_TEXT = """() => {
  const text = (node) => [...node.childNodes].map((child) =>
    child.nodeType === Node.TEXT_NODE ? child.data
      : [child.shadowRoot && text(child.shadowRoot), child.ariaLabel, text(child)].filter(Boolean).join(" "),
  ).join(" ");
  return text(document.body);
}"""
"""All that the document says, in components and to screen readers too."""


def _bytes(frame: bytes | str) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


def test_two_users_stand_one_above_the_other_and_are_left_with_one_click(browser, demo_app: str) -> None:
    for width, height in ((1280, 720), (390, 844)):
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        visit(page, f"{demo_app}/?models={ALL}&user=7&beside_user=42", ".card .film")
        boards = [page.locator(f'.root[data-user="{user}"]') for user in (7, 42)]
        boxes = [board.bounding_box() for board in boards]
        assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
        assert no_sideways_scroll(page)
        both = [
            set(board.locator(".film.both").evaluate_all("all => all.map((e) => e.dataset.film)")) for board in boards
        ]
        assert both[0] == both[1] != set()
        said = boards[0].locator(".film.both").first.text_content()
        assert said.endswith("also in the list for user 42")
        page.get_by_role("button", name="Only user 7").press("Enter")
        page.get_by_role("heading", name="What should user 7 watch next?").wait_for()
        boards[1].wait_for(state="detached")
        settled(page, "user=7")
        assert "beside_user" not in page.url
        page.context.close()
