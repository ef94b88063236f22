// What a change does to each list: how far every film moves, what is new, and what is gone.

const SIGNS = { up: "▲", down: "▼" };

/** What is said of a move, and what is shown of it. */
function words({ kind, by, before }) {
  if (kind === "same") return ["same place", "="];
  if (kind !== "new") return [`${kind} ${by}`, `${SIGNS[kind]} ${by}`];
  return before
    ? [`new: was at ${thousands(before)}`, `new · was ${thousands(before)}`]
    : ["new: was not listed", "new"];
}

function movedRow(row) {
  const [said, shown] = words(row);
  return h(
    "li.moved",
    h("span.rank", row.rank),
    h("span.name", h("span.title", filmLink(row.film, row.title)), row.year && h("span.meta", row.year)),
    h("span.move", { class: row.kind, title: said }, h("span.sr", said), h("span", { "aria-hidden": "true" }, shown)),
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
