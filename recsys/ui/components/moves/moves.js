// What a change does to each list: how far every film moves, what is new, and what is gone.

const SIGNS = { up: "▲", down: "▼", new: "new", same: "=" };

function moveMark(kind, by, before) {
  const says =
    kind === "new"
      ? before
        ? `new: was at ${before.toLocaleString("en")}`
        : "new: had no place"
      : kind === "same"
        ? "same place"
        : `${kind} ${by}`;
  return h(
    "span",
    { class: `move ${kind}`, title: says },
    h("span", { class: "sr" }, says),
    h(
      "span",
      { "aria-hidden": "true" },
      kind === "new"
        ? before
          ? `new · was ${before.toLocaleString("en")}`
          : "new"
        : kind === "same"
          ? SIGNS.same
          : `${SIGNS[kind]} ${by}`,
    ),
  );
}

function movesCard(entry) {
  const name = (row) =>
    h(
      "span",
      { class: "name" },
      h("span", { class: "title" }, filmLink(row.film, row.title)),
      row.year ? h("span", { class: "meta" }, row.year) : null,
    );
  return h(
    "section",
    {
      class: entry.family ? "card run" : "card",
      color: entry.color,
      "data-model": entry.model,
      "aria-label": `${entry.label}: what moves`,
    },
    h(
      "header",
      null,
      h("h3", null, dot(entry), h("bdi", { class: "whole" }, entry.label)),
      h("p", { class: "looks" }, runBadge(entry), entry.family ? " " : null, entry.says),
    ),
    h(
      "ol",
      { class: "list" },
      entry.rows.map((row) =>
        h(
          "li",
          { class: "moved" },
          h("span", { class: "rank" }, row.rank),
          name(row),
          moveMark(row.kind, row.by, row.before),
        ),
      ),
    ),
    entry.gone.length
      ? h(
          "div",
          { class: "foot gone" },
          h("p", { class: "note" }, "Gone from the list"),
          h(
            "ul",
            null,
            entry.gone.map((row) =>
              h(
                "li",
                null,
                filmLink(row.film, row.title),
                row.year ? ` (${row.year})` : "",
                h("span", { class: "soft" }, ` ${row.before} → ${row.rank ? row.rank.toLocaleString("en") : row.why}`),
              ),
            ),
          ),
        )
      : null,
  );
}

export default drawOnce((data, { root }) => {
  const left = root.querySelector(".cards")?.scrollLeft || 0;
  const cards = h(
    "div",
    {
      class: "cards",
      "data-count": data.cards.length,
      tabindex: "0",
      role: "region",
      "aria-label": "What moves in each list",
    },
    data.cards.map(movesCard),
  );
  root.replaceChildren(cards);
  root.dataset.asked = data.asked;
  cards.scrollLeft = left;
});
