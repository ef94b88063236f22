"""What every component does with the calls that Streamlit makes."""

from __future__ import annotations

import pytest

from recsys.paths import ROOT

playwright = pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.e2e

SAYS = "export default drawOnce((data, { root }) => { root.textContent = data.says; drawn.push(data.says); });"
CALLS_AS_STREAMLIT_DOES = """async ([source, order, newest]) => {
  window.drawn = [];
  const parentElement = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
  parentElement.innerHTML = '<div class="root"></div>';
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const { default: call } = await import(url);
  for (const says of order) {
    const cleanUp = await call({ data: [{ says }], parentElement, setTriggerValue() {} });
    if (says !== newest) Promise.resolve(cleanUp).then((run) => run?.());  // overtaken by the newest
    await new Promise((done) => setTimeout(done));
  }
  await new Promise((done) => setTimeout(done, 20));
  return [parentElement.textContent, drawn];
}"""


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 1, 2], [2, 3, 1]])
def test_an_overtaken_call_is_never_drawn(browser, order: list[int]) -> None:
    source = (ROOT / "recsys/ui/components/shared/dom.js").read_text(encoding="utf-8") + SAYS
    page = browser.new_page()
    assert page.evaluate(CALLS_AS_STREAMLIT_DOES, [source, order, 3]) == ["3", [3]]
    page.close()
