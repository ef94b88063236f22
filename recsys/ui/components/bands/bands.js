// Groups of users as small bars: how many they are, and how much they rated.
// Not drawn by plotly: a list that is read aloud row by row, and folds into one column on a phone.

/** More rows than this have a panel of their own, in two columns where there is room. */
const LONG = 10;

export default drawOnce((data, { root }) => {
  const row = (it) =>
    h(
      "li",
      { title: it.said },
      h("span", it.label),
      h(
        "span.track",
        { "aria-hidden": "true" },
        h("span.fill", { style: { width: `${100 * it.bar}%` } }),
        h("span.line", { style: { left: `${100 * it.line}%` } }),
      ),
      h("span.count", it.text),
      h("span.share", it.share),
    );
  const panel = (group) =>
    h("section.panel", { "aria-label": group.title }, h("h3", group.title), h("ul", group.rows.map(row)));
  const isLong = (group) => group.rows.length > LONG;
  const short = data.groups.filter((group) => !isLong(group));
  fill(
    root,
    h("div.groups", h("div.short", short.map(panel)), data.groups.filter(isLong).map(panel)),
    h("p.note", data.note),
  );
});
