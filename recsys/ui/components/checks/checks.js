// The sanity board: a row per check, with a sign and a word beside its colour.

const SIGNS = { passed: "✓", failed: "✗", "not checked": "–" };

export default drawOnce((data, { root }) => {
  const mark = (state) =>
    h(
      "span",
      { class: "mark", "data-state": state },
      h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[state]),
      state,
    );
  root.replaceChildren(
    h(
      "div",
      { class: "panel" },
      h("h2", { role: "status", "data-state": data.state }, data.title),
      h(
        "ul",
        { class: "checks" },
        data.checks.map((it) =>
          h("li", null, mark(it.state), h("div", null, h("h3", null, it.claim), h("p", { class: "note" }, it.found))),
        ),
      ),
    ),
  );
});
