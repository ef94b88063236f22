// Counts by row and column, shaded by their share of the column.

export default drawOnce((data, { root }) => {
  const cell = (it) =>
    h("td", { class: it.depth > 0.78 ? "deep" : null, title: it.said, style: { "--depth": it.depth } }, it.text);
  root.replaceChildren(
    h(
      "div",
      null,
      scrolling(
        data.caption,
        h(
          "table",
          { class: "tally" },
          h("caption", { class: "sr" }, data.caption),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              h("th", { scope: "col" }, h("span", { class: "sr" }, "Genre")),
              data.head.map((text) => h("th", { scope: "col" }, text)),
            ),
          ),
          h(
            "tbody",
            null,
            data.rows.map((row) => h("tr", null, h("th", { scope: "row" }, row.label), row.cells.map(cell))),
          ),
          h(
            "tfoot",
            null,
            h(
              "tr",
              null,
              h("th", { scope: "row" }, "each once"),
              data.total.map((text) => h("td", null, text)),
            ),
          ),
        ),
      ),
      h("p", { class: "note" }, data.caption),
    ),
  );
});
