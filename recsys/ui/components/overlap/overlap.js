// Below the lists: how alike they are, what several share, what only one suggests, and this user's own metrics.

function heatmap(data) {
  const table = h("table", { class: "heat" });
  const caption = h("p", { class: "note" });
  const fill = (measure) => {
    const values = data[measure];
    caption.textContent = data.notes[measure];
    table.replaceChildren(
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td"),
          data.models.map((m) => h("th", { scope: "col", title: m.family ? m.label : null }, h("bdi", null, m.label))),
        ),
      ),
      h(
        "tbody",
        null,
        data.models.map((m, row) =>
          h(
            "tr",
            null,
            h("th", { scope: "row", color: m.color }, named(m)),
            data.models.map((_, column) =>
              row === column
                ? h("td", { class: "self" }, "·")
                : h(
                    "td",
                    {
                      class: values[row][column] > 0.5 ? "deep" : "",
                      style: { "--share": `${Math.round(100 * values[row][column])}%` },
                    },
                    values[row][column].toFixed(2),
                  ),
            ),
          ),
        ),
      ),
    );
  };
  fill("jaccard");
  return h(
    "section",
    { class: "panel", "aria-label": "Agreement" },
    h(
      "div",
      { class: "top" },
      h("h2", null, data.title),
      segmented(
        "Measure of agreement",
        [
          ["jaccard", "Shared films"],
          ["rank_biased_overlap", "Shared order"],
        ],
        "jaccard",
        fill,
      ),
    ),
    scrolling("Agreement of every pair of models", table),
    caption,
  );
}

function filmButton(film, choose, models) {
  return h(
    "li",
    { class: "chip", "data-film": film.film },
    h(
      "button",
      { type: "button", class: "pick", "data-film": film.film, onclick: () => choose(film.film) },
      h("span", null, film.title, h("span", { class: "soft" }, film.year ? ` ${film.year}` : "")),
      film.hit
        ? h(
            "span",
            {
              class: "tick",
              title: "This user really liked it later",
              role: "img",
              "aria-label": "really liked later",
            },
            "✓",
          )
        : null,
      models
        ? h(
            "span",
            { class: "who", role: "img", "aria-label": models.map((m) => m.label).join(", ") },
            models.map((m) => h("span", { color: m.color, title: m.label }, dot(m))),
          )
        : null,
    ),
    h("a", { class: "go", "data-film": film.film, title: "About this film", "aria-label": `About ${film.title}` }, "→"),
  );
}

function shared(data, choose) {
  return h(
    "section",
    { class: "panel", "aria-label": "Shared films" },
    h("div", { class: "top" }, h("h2", null, `Films that ${data.at_least} or more models suggest`)),
    data.many.length
      ? h(
          "ul",
          { class: "chips" },
          data.many.map((film) =>
            filmButton(
              film,
              choose,
              film.models.map((i) => data.models[i]),
            ),
          ),
        )
      : h(
          "p",
          { class: "soft" },
          "None: these models see this user very differently. Longer lists have more in common.",
        ),
  );
}

function single(data, choose) {
  return h(
    "section",
    { class: "panel", "aria-label": "Films of one model" },
    h("div", { class: "top" }, h("h2", null, "Films that only one model suggests")),
    h(
      "div",
      { class: "ones" },
      data.models.map((m, i) =>
        h(
          "div",
          { color: m.color },
          h("h3", null, named(m), " ", runBadge(m), " ", h("span", { class: "soft" }, data.single[i].length)),
          data.single[i].length
            ? h(
                "ul",
                { class: "chips" },
                data.single[i].map((film) => filmButton(film, choose, null)),
              )
            : h("p", { class: "soft" }, "Nothing that no other model suggests."),
        ),
      ),
    ),
  );
}

function ownMetrics(data) {
  const it = data.metrics;
  return h(
    "section",
    { class: "panel", "aria-label": "Metrics of this user" },
    h("div", { class: "top" }, h("h2", null, it.title)),
    it.rows.length
      ? scrolling(
          it.title,
          h(
            "table",
            { class: "metrics" },
            h(
              "thead",
              null,
              h(
                "tr",
                null,
                h("th", { scope: "col" }, "Model"),
                it.names.map((name) => h("th", { scope: "col" }, name)),
              ),
            ),
            h(
              "tbody",
              null,
              it.rows.map((row) =>
                h(
                  "tr",
                  null,
                  h(
                    "th",
                    { scope: "row", color: data.models[row.model].color },
                    named(data.models[row.model]),
                    " ",
                    runBadge(data.models[row.model]),
                  ),
                  row.cells.map(([text, isBest]) => h("td", { class: isBest ? "best" : null }, text)),
                ),
              ),
            ),
          ),
        )
      : null,
    h("p", { class: "note" }, it.note),
  );
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);
  const choose = (film) => {
    const next = String(kept.film) === String(film) ? null : film;
    kept.film = next;
    markFilm(root, next);
    setTriggerValue("film", next === null ? "" : String(next));
  };
  const { film, link, ...drawn } = data;
  const signature = JSON.stringify(drawn);
  if (kept.signature !== signature || !root.firstChild) {
    kept.signature = signature;
    root.replaceChildren(
      h(
        "div",
        { class: "overlap" },
        data.models.length > 1 ? [heatmap(data), shared(data, choose)] : null,
        ownMetrics(data),
        data.models.length > 1 ? single(data, choose) : null,
      ),
    );
  }
  lead(root, link);
  kept.film = film;
  markFilm(root, film);
}
