// A card per model: its list, or why there is none.

/** What every card has: the model's name or what stands `instead` of it, what stands `beside` and `under` it, and the body. */
function modelCard(entry, holds, { instead, beside, under }, ...body) {
  return h(
    "section.card",
    {
      class: entry.family && "run",
      color: entry.color,
      "data-model": entry.model,
      "aria-label": `${entry.label}: ${holds}`,
    },
    h(
      "header",
      h(
        "h3",
        instead || [
          dot(entry),
          h("bdi.whole", entry.label),
          entry.note && h("span.note", { title: entry.note }, entry.note),
        ],
        beside,
      ),
      under !== undefined && h("p.looks", runBadge(entry), entry.family && " ", under),
    ),
    body,
  );
}

/** Cards side by side; on a phone they are scrolled sideways. */
function cardRow(cards, attributes) {
  // Rows of equal length: nine are five and four, not eight and one.
  const perRow = (most) => Math.ceil(cards.length / Math.ceil(cards.length / most)) || 1;
  const style = { "--wide": perRow(8), "--middle": perRow(6) };
  return h("div.cards", { "data-count": cards.length, style, onkeydown: walk, ...attributes }, cards);
}

/** Fill `root` anew; its cards stay where they have been scrolled to. */
function fillAround(root, ...children) {
  const left = root.querySelector(".cards")?.scrollLeft || 0;
  fill(root, children);
  // Only where it is needed: to scroll, the browser would lay out the whole page at once, and again for what follows.
  if (left) root.querySelector(".cards")?.scrollTo({ left });
}

/** A film of a list. What is read aloud is what is seen, with a few words more. */
function filmRow(row, film, choose) {
  const genres = film.genres || "no genre given";
  const meta = film.year ? `${film.year} · ${genres}` : genres;
  // The second click of a double click would undo the first.
  const onclick = ({ detail }) => detail < 2 && choose(row.film);
  return h(
    "li",
    h(
      "button.film",
      { class: row.hit && "hit", "data-film": row.film, onclick },
      h("span.rank", h("span.sr", "Place "), row.rank),
      h("span.name", h("span.title", film.title), h("span.meta", meta)),
      h(
        "span.score",
        h("span", { "aria-hidden": "true" }, row.score),
        h("span.sr", row.spoken),
        row.bar !== null && h("span.bar", h("span", { style: { width: `${row.bar}%` } })),
      ),
      h(
        "span.tick",
        { title: row.hit && "This user went on to like it" },
        row.hit && ["✓", h("span.sr", " liked later")],
      ),
    ),
  );
}

/** Arrow keys go through the lists: up and down in one, left and right to the same place of the next. Tab still meets all. */
function walk(event) {
  const film = event.target.closest(".film");
  const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (!film || !step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const lists = [...event.currentTarget.querySelectorAll(".list")]
    .map((list) => [...list.querySelectorAll(".film")])
    .filter((films) => films.length);
  const list = lists.findIndex((films) => films.includes(film));
  lists[list + step[0]]?.[lists[list].indexOf(film) + step[1]]?.focus();
  event.preventDefault(); // nor does the page scroll
}

function problemBody(problem) {
  return h(
    "div.problem",
    { role: "note" },
    h("p.why", problem.head),
    h("p", problem.text),
    problem.command && [h("p.note", "To fix it, run"), h("code", { tabindex: "0" }, problem.command)],
    problem.link && h("a", { href: problem.link }, "Open it on the Train page"),
  );
}

/** A list, under what stands in the head of a card and above what stands at its foot, by default its unit and a note. */
function listCard(entry, films, choose, { head, foot } = {}) {
  const list = [
    h(
      "ol.list",
      entry.rows.map((row) => filmRow(row, films[row.film], choose)),
    ),
    !entry.rows.length && h("p.problem", "No film is left that this user has not seen."),
    h("div.foot", foot || h("p.found", entry.foot), h("p.elsewhere", { "aria-live": "off" })),
  ];
  const plain = {
    beside: h("span.unit", entry.unit),
    under: [entry.family, entry.looks_at].filter(Boolean).join(". "),
  };
  return modelCard(entry, "list", head || plain, entry.problem ? problemBody(entry.problem) : list);
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
          ? `The chosen film stands at ${thousands(rank)} of ${thousands(count)}.`
          : "The chosen film has already been seen, so it has no place here.";
  });
}
