// The same lists as one table: films as rows, models as columns, the rank in the cell.

function matrix(data, choose) {
  const shown = data.cards.filter((entry) => !entry.problem);
  if (!shown.length) return h("p.note", "None of the chosen models can answer.");
  const cell = (entry, rank) => {
    const isIn = rank && rank <= data.k;
    return h(
      "td",
      { color: entry.color, class: isIn ? "in" : "out" },
      isIn ? h("span", { style: { "--depth": `${Math.round(28 - (20 * (rank - 1)) / data.k)}%` } }, rank) : "–",
    );
  };
  const rows = data.order.map((film) => {
    const it = data.films[film];
    const button = h(
      "button",
      { "data-film": film, onclick: ({ detail }) => detail < 2 && choose(film) },
      h("span.title", it.title),
      h("span.meta", it.year),
    );
    return h(
      "tr",
      { "data-film": film },
      h("th", { scope: "row" }, button),
      h("td.tickcell", it.hit && h("span.tick", { title: "This user went on to like it" }, "✓")),
      shown.map((entry) => cell(entry, it.ranks[entry.model])),
    );
  });
  const heads = shown.map((entry) =>
    h("th", { scope: "col", color: entry.color }, named(entry), h("div", runBadge(entry))),
  );
  const caption = h(
    "caption.note",
    `The place of each film in each list of ${data.k}; the films that most models agree on come first.`,
  );
  return scrolling("Films by model", table("matrix", caption, ["Film", h("span.sr", "Liked later"), heads], rows));
}
