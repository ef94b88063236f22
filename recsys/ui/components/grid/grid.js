// A small table of text: rows are models, the first column says which.

export default drawOnce((data, { root }) => {
  const name = (it, text) => [it.color !== undefined && [dot(it), " "], text];
  const head = (it) =>
    h("th", { scope: "col", color: it.color }, name(it, term(it.text, it.word)), it.note && h("span.way", it.note));
  const cell = (it) =>
    h(
      "td",
      { class: [it.tone, it.strong && "best"].filter(Boolean).join(" ") },
      it.text,
      it.notes?.map((note) => h("span.range", note)),
    );
  const row = (it) =>
    h(
      "tr",
      h(
        "th",
        { scope: "row", color: it.color },
        name(it, term(it.label, it.word)),
        it.note && h("span.range", it.note),
      ),
      it.cells.map(cell),
    );
  const kind = data.dense ? "grid.dense" : "grid";
  fill(root, scrolling(data.caption, table(kind, data.caption, data.head.map(head), data.rows.map(row))));
});
