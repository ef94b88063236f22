// A small table of text: rows are models, the first column says which.

export default drawOnce((data, { root }) => {
  const cell = (it) =>
    h(
      "td",
      { class: [it.tone, it.strong ? "best" : null].filter(Boolean).join(" ") || null },
      it.text,
      (it.notes || []).map((note) => h("span", { class: "range" }, note)),
    );
  root.replaceChildren(
    scrolling(
      data.caption,
      h(
        "table",
        { class: data.dense ? "grid dense" : "grid" },
        h("caption", { class: "sr" }, data.caption),
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            data.head.map((it) =>
              h(
                "th",
                { scope: "col", color: it.color ?? null },
                it.color === undefined ? null : [h("span", { class: "dot" }), " "],
                it.text,
                it.note ? h("span", { class: "way" }, it.note) : null,
              ),
            ),
          ),
        ),
        h(
          "tbody",
          null,
          data.rows.map((row) =>
            h(
              "tr",
              null,
              h(
                "th",
                { scope: "row", color: row.color ?? null },
                row.color === undefined ? null : [h("span", { class: "dot" }), " "],
                row.label,
                row.note ? h("span", { class: "range" }, row.note) : null,
              ),
              row.cells.map(cell),
            ),
          ),
        ),
      ),
    ),
  );
});
