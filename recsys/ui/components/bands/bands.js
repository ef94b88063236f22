// Groups of users as small bars: how many they are, and how much they rated.
// Not drawn by plotly: a list that is read aloud row by row, and folds into one column on a phone.

/** More rows than this have a panel of their own, in two columns where there is room. */
const LONG = 10;

export default drawOnce((data, { root }) => {
  const row = (it) =>
    h(
      "li",
      { title: it.said },
      h("span", null, it.label),
      h(
        "span",
        { class: "track", "aria-hidden": "true" },
        h("span", { class: "fill", style: { width: `${100 * it.bar}%` } }),
        h("span", { class: "line", style: { left: `${100 * it.line}%` } }),
      ),
      h("span", { class: "count" }, it.text),
      h("span", { class: "share" }, it.share),
    );
  const panel = (group) =>
    h(
      "section",
      { class: "panel", "aria-label": group.title },
      h("h3", null, group.title),
      h("ul", null, group.rows.map(row)),
    );
  root.replaceChildren(
    h(
      "div",
      null,
      h(
        "div",
        { class: "groups" },
        h("div", { class: "short" }, data.groups.filter((group) => group.rows.length <= LONG).map(panel)),
        data.groups.filter((group) => group.rows.length > LONG).map(panel),
      ),
      h("p", { class: "note" }, data.note),
    ),
  );
});
