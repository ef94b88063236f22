// The same lists as one table: films as rows, models as columns, the rank in the cell.

function matrix(data, choose) {
  const shown = data.cards.filter((entry) => !entry.problem);
  if (!shown.length) return h("p", { class: "note" }, "None of the chosen models can answer.");
  const rows = data.order.map((film) => {
    const it = data.films[film];
    return h(
      "tr",
      { "data-film": film },
      h(
        "th",
        { scope: "row" },
        h(
          "button",
          { type: "button", "data-film": film, onclick: () => choose(film) },
          h("span", { class: "title" }, it.title),
          h("span", { class: "meta" }, it.year || ""),
        ),
      ),
      h(
        "td",
        { class: "tickcell" },
        it.hit ? h("span", { class: "tick", title: "This user really liked it later" }, "✓") : "",
      ),
      shown.map((entry) => {
        const rank = it.ranks[entry.model];
        const isIn = rank && rank <= data.k;
        return h(
          "td",
          { color: entry.color, class: isIn ? "in" : "out" },
          isIn ? h("span", { style: { "--depth": `${Math.round(28 - (20 * (rank - 1)) / data.k)}%` } }, rank) : "–",
        );
      }),
    );
  });
  const head = h(
    "tr",
    null,
    h("th", { scope: "col" }, "Film"),
    h("th", { scope: "col" }, h("span", { class: "sr" }, "Liked later")),
    shown.map((entry) => h("th", { scope: "col", color: entry.color }, named(entry), h("div", null, runBadge(entry)))),
  );
  return scrolling(
    "Films by model",
    h(
      "table",
      { class: "matrix" },
      h(
        "caption",
        { class: "note" },
        `The place of each film in each list of ${data.k}; the films that most models agree on come first.`,
      ),
      h("thead", null, head),
      h("tbody", null, rows),
    ),
  );
}
