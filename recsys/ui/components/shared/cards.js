// A card per model: its list, or why there is none.

function filmRow(row, film, choose) {
  const genres = film.genres || "no genre given";
  const meta = film.year ? `${film.year} · ${genres}` : genres;
  const said =
    `Place ${row.rank}: ${film.title}${film.year ? `, ${film.year}` : ""}, ${row.spoken}` +
    (row.hit ? ", really liked later" : "");
  return h(
    "li",
    null,
    h(
      "button",
      {
        type: "button",
        class: `film${row.hit ? " hit" : ""}`,
        "data-film": row.film,
        "aria-label": said,
        onclick: () => choose(row.film),
      },
      h("span", { class: "rank", "aria-hidden": "true" }, row.rank),
      h("span", { class: "name" }, h("span", { class: "title" }, film.title), h("span", { class: "meta" }, meta)),
      h(
        "span",
        { class: "score" },
        row.score,
        row.bar === null ? null : h("span", { class: "bar" }, h("span", { style: { width: `${row.bar}%` } })),
      ),
      h("span", { class: "tick", title: row.hit ? "This user really liked it later" : null }, row.hit ? "✓" : ""),
    ),
  );
}

function problemBody(problem) {
  return h(
    "div",
    { class: "problem", role: "note" },
    h("p", { class: "why" }, problem.head),
    h("p", null, problem.text),
    problem.command ? h("p", { class: "note" }, "To mend it, run") : null,
    problem.command ? h("code", { tabindex: "0" }, problem.command) : null,
    problem.link ? h("a", { href: problem.link }, "Open it on the Train page") : null,
  );
}

function card(entry, films, choose) {
  const body = entry.problem
    ? [problemBody(entry.problem)]
    : [
        h(
          "ol",
          { class: "list" },
          entry.rows.map((row) => filmRow(row, films[row.film], choose)),
        ),
        entry.rows.length ? null : h("p", { class: "problem" }, "No film is left that this user has not seen."),
        h(
          "div",
          { class: "foot" },
          h("p", { class: "found" }, entry.foot),
          h("p", { class: "elsewhere", "aria-live": "off" }),
        ),
      ];
  return h(
    "section",
    {
      class: entry.family ? "card run" : "card",
      color: entry.color,
      "data-model": entry.model,
      "aria-label": `${entry.label}: list`,
    },
    h(
      "header",
      null,
      h("h3", null, dot(entry), h("bdi", { class: "whole" }, entry.label), h("span", { class: "unit" }, entry.unit)),
      h(
        "p",
        { class: "looks" },
        runBadge(entry),
        entry.family ? " " : null,
        [entry.family, entry.note, entry.looks_at].filter(Boolean).join(". "),
      ),
    ),
    body,
  );
}

/** In each card, the place of the chosen film where it is not among those shown. */
function markElsewhere(root, data, film) {
  root.querySelectorAll(".card").forEach((section) => {
    const line = section.querySelector(".elsewhere");
    if (!line) return;
    const rank = film === null ? null : data.films[film]?.ranks[section.dataset.model];
    const isShown = rank && rank <= data.k;
    const count = data.cards.find((entry) => entry.model === section.dataset.model)?.n_ranked;
    line.textContent =
      film === null || isShown
        ? ""
        : rank
          ? `The chosen film stands at ${rank.toLocaleString("en")} of ${count.toLocaleString("en")}.`
          : "The chosen film is already seen, so it has no place here.";
  });
}
