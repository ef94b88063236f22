// Counts by row and column, shaded by their share of the column.

export default drawOnce((data, { root }) => {
  const cell = (it) =>
    h("td", { class: it.depth > 0.78 && "deep", title: it.said, style: { "--depth": it.depth } }, it.text);
  const row = (it) => h("tr", h("th", { scope: "row" }, it.label), it.cells.map(cell));
  const totals = data.total.map((text) => h("td", text));
  const counts = table("tally", data.caption, [h("span.sr", "Genre"), data.head], data.rows.map(row));
  counts.append(h("tfoot", h("tr", h("th", { scope: "row" }, "each once"), totals)));
  fill(root, scrolling(data.caption, counts), h("p.note", data.caption));
});
