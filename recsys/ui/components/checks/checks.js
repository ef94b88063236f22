// The sanity board: a row per check, with a sign and a word beside its colour.

const SIGNS = { passed: "✓", failed: "✗", "not checked": "–" };

export default drawOnce((data, { root }) => {
  const row = ({ state, claim, found }) =>
    h(
      "li",
      h("span.mark", { "data-state": state }, h("span.sign", { "aria-hidden": "true" }, SIGNS[state]), state),
      h("div", h("h3", claim), h("p.note", found)),
    );
  const title = h("h2", { role: "status", "data-state": data.state }, data.title);
  fill(root, h("div.panel", title, h("ul.checks", data.checks.map(row))));
});
