// Below the lists: how alike they are, what several share, what only one suggests, and this user's own metrics.

const MEASURES = [
  ["jaccard", "Shared films"],
  ["rank_biased_overlap", "Shared order"],
];

function panel(label, top, ...body) {
  return h("section.panel", { "aria-label": label }, h("div.top", top), body);
}

function heatmap(data, kept, choose) {
  const table = h("table.heat");
  const caption = h("p.note");
  const cell = (value, isSelf) =>
    isSelf
      ? h("td.self", "·")
      : h(
          "td",
          { class: value > 0.5 && "deep", style: { "--share": `${Math.round(100 * value)}%` } },
          value.toFixed(2),
        );
  const draw = (measure) => {
    const heads = data.models.map((m) =>
      h("th", { scope: "col", title: m.family ? m.label : null }, h("bdi", m.label)),
    );
    const rows = data.models.map((m, row) =>
      h(
        "tr",
        h("th", { scope: "row", color: m.color }, named(m)),
        data[measure][row].map((value, column) => cell(value, column === row)),
      ),
    );
    caption.textContent = data.notes[measure];
    fill(table, h("thead", h("tr", h("td"), heads)), h("tbody", rows));
  };
  draw(kept.agree);
  const measure = (agree) => {
    choose({ agree });
    draw(agree);
  };
  return panel(
    "Agreement",
    [h("h2", data.title), segmented("Measure of agreement", MEASURES, kept.agree, measure)],
    scrolling("Agreement of every pair of models", table),
    caption,
  );
}

function filmChip(film, choose, models) {
  return h(
    "li.chip",
    { "data-film": film.film },
    h(
      "button.pick",
      { "data-film": film.film, onclick: () => choose(film.film) },
      h("span", film.title, h("span.soft", film.year && ` ${film.year}`)),
      film.hit &&
        h("span.tick", { title: "This user went on to like it", role: "img", "aria-label": "liked later" }, "✓"),
      models &&
        h(
          "span.who",
          { role: "img", "aria-label": models.map((m) => m.label).join(", ") },
          models.map((m) => h("span", { color: m.color, title: m.label }, dot(m))),
        ),
    ),
    h("a.go.screen", { "data-film": film.film, title: "About this film", "aria-label": `About ${film.title}` }, "→"),
  );
}

function shared(data, choose) {
  const modelsOf = (film) => film.models.map((i) => data.models[i]);
  const chips = data.many.map((film) => filmChip(film, choose, modelsOf(film)));
  return panel(
    "Shared films",
    h("h2", `Films that ${data.at_least} or more models suggest`),
    chips.length
      ? h("ul.chips", chips)
      : h("p.soft", "None: these models see this user very differently. Longer lists have more in common."),
  );
}

function single(data, choose) {
  const ofOne = (model, i) => {
    const chips = data.single[i].map((film) => filmChip(film, choose, null));
    return h(
      "div",
      { color: model.color },
      h("h3", named(model), " ", runBadge(model), " ", h("span.soft", chips.length)),
      chips.length ? h("ul.chips", chips) : h("p.soft", "Nothing that only this model suggests."),
    );
  };
  return panel(
    "Films of one model",
    h("h2", "Films that only one model suggests"),
    h("div.ones", data.models.map(ofOne)),
  );
}

function ownMetrics(data) {
  const it = data.metrics;
  const rows = it.rows.map((row) => {
    const model = data.models[row.model];
    return h(
      "tr",
      h("th", { scope: "row", color: model.color }, named(model), " ", runBadge(model)),
      row.cells.map((text) => h("td", text)),
    );
  });
  return panel(
    "Metrics of this user",
    h("h2", it.title),
    rows.length > 0 &&
      scrolling(it.title, table("metrics", null, ["Model", it.names.map((name, i) => term(name, it.words[i]))], rows)),
    h("p.note", it.note),
  );
}

function draw(data, { root, kept, setTriggerValue, choose }) {
  const chooseFilm = (film) => {
    kept.film = String(kept.film) === String(film) ? null : film;
    markFilm(root, kept.film);
    setTriggerValue("film", kept.film === null ? "" : String(kept.film));
  };
  const areSeveral = data.models.length > 1;
  fill(
    root,
    h(
      "div.overlap",
      areSeveral && [heatmap(data, kept, choose), shared(data, chooseFilm)],
      ownMetrics(data),
      areSeveral && single(data, chooseFilm),
    ),
  );
}

export default drawOnce(draw, {
  choices: ["agree"],
  shows: ({ film, link, ...shown }) => shown,
  update: ({ film }, { root, kept }) => {
    kept.film = film;
    markFilm(root, film);
  },
});
