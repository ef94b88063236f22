// What a change does to each list: how far every film moves, what is new, and what is gone.

function movedRow(row) {
  return h(
    "li.moved",
    h("span.rank", row.rank),
    h("span.name", h("span.title", filmLink(row.film, row.title)), row.year && h("span.meta", row.year)),
    moveMark({ ...row, before: row.kind === "new" && row.before }),
  );
}

function goneRow(row) {
  return h(
    "li",
    filmLink(row.film, row.title),
    row.year && ` (${row.year})`,
    h("span.soft", ` ${row.before} → ${row.rank ? thousands(row.rank) : row.why}`),
  );
}

function movesCard(entry) {
  return modelCard(
    entry,
    "what moves",
    { under: entry.says },
    h("ol.list", entry.rows.map(movedRow)),
    entry.gone.length > 0 && h("div.foot.gone", h("p.note", "Gone from the list"), h("ul", entry.gone.map(goneRow))),
  );
}

export default drawOnce((data, { root }) => {
  const attributes = { tabindex: "0", role: "region", "aria-label": "What moves in each list" };
  fillAround(root, cardRow(data.cards.map(movesCard), attributes));
  root.dataset.asked = data.asked;
});
