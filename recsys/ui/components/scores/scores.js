// The leaderboard: which models, a table to sort, and a chart of the metric that it is sorted by.

const ARROWS = { higher: "↑ higher is better", lower: "↓ lower is better", "": "neither way is better" };

/** Round numbers for an axis from 0, or from below 0 where there are negative values. */
function axis(values) {
  const top = Math.max(...values, 0),
    bottom = Math.min(...values, 0);
  const rough = (top - bottom || 1) / 5,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((each) => each >= rough);
  const ticks = [];
  for (let at = Math.floor(bottom / step + 1e-9) * step; at < top + step - 1e-9; at += step)
    ticks.push(Number(at.toPrecision(6)));
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

/** Positions of the models in the order of a column; those without a value come last, in their own order. */
function sorted(shown, column, isReversed) {
  if (!column) return shown;
  const sign = (column.better === "lower" ? 1 : -1) * (isReversed ? -1 : 1);
  const has = (i) => column.values[i] !== null;
  return [...shown].sort((a, b) =>
    has(a) !== has(b) ? (has(a) ? -1 : 1) : has(a) ? sign * (column.values[a] - column.values[b]) || a - b : a - b,
  );
}

function chart(data, column, order) {
  const shown = order.map((i) => ({
    model: data.models[i],
    value: column.values[i],
    text: column.cells[i],
    interval: column.intervals[i],
    range: column.ranges[i],
  }));
  const measured = shown.filter((row) => row.value !== null);
  const title = h("h2", null, `${column.label}: ${column.says}`);
  const unit = `${column.label}${column.unit ? `, ${column.unit}` : ""}; ${ARROWS[column.better]}`;
  if (!measured.length)
    return [h("div", { class: "top" }, title), h("p", { class: "soft" }, "None of these models was measured on this.")];
  const { low, high, ticks } = axis(measured.flatMap((row) => [row.value, ...(row.interval || [])]));
  const at = (value) => `${(100 * (value - low)) / (high - low)}%`;
  const rows = shown.map((row) =>
    h(
      "li",
      { color: row.model.color },
      h("span", { class: "who" }, h("span", { class: "dot" }), row.model.label),
      h(
        "span",
        { class: "plot", "aria-hidden": "true" },
        ticks.map((tick) => h("span", { class: "grid", style: { left: at(tick) } })),
        row.interval
          ? h("span", {
              class: "interval",
              style: { left: at(row.interval[0]), width: `calc(${at(row.interval[1])} - ${at(row.interval[0])})` },
            })
          : null,
        row.value === null
          ? h("span", { class: "absent soft" }, row.model.absence || "does not apply")
          : h("span", { class: "point", style: { left: at(row.value) } }),
      ),
      h(
        "span",
        { class: "value" },
        row.text,
        row.range ? h("span", { class: "sr" }, `, 95 % interval ${row.range}`) : null,
      ),
    ),
  );
  return [
    h("div", { class: "top" }, title, column.margin ? h("p", { class: "margin" }, column.margin) : null),
    h("ul", { class: "dots", "aria-label": `${unit}` }, rows),
    h(
      "div",
      { class: "axis", "aria-hidden": "true" },
      h("span"),
      h(
        "span",
        { class: "plot" },
        ticks.map((tick) => h("span", { class: "tick", style: { left: at(tick) } }, tick.toLocaleString("en"))),
      ),
      h("span"),
    ),
    h(
      "p",
      { class: "note axisname" },
      unit,
      measured.some((row) => row.interval) ? ". The bars are 95 % intervals over users." : ".",
    ),
  ];
}

function standings(data, group, kept, order, pick) {
  const direction = (name) =>
    kept.sort !== name
      ? null
      : (group.columns.find((each) => each.name === name).better === "lower") !== kept.reversed
        ? "ascending"
        : "descending";
  const head = group.columns.map((column) =>
    h(
      "th",
      { scope: "col", "aria-sort": direction(column.name) },
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(column.name === kept.metric),
          title: `${column.says}; sort by it`,
          onclick: () => pick(column.name),
        },
        h(
          "span",
          null,
          column.label,
          direction(column.name)
            ? h(
                "span",
                { class: "sorted", "aria-hidden": "true" },
                direction(column.name) === "ascending" ? " ▲" : " ▼",
              )
            : null,
        ),
        h("span", { class: "way" }, ARROWS[column.better]),
      ),
    ),
  );
  const rows = order
    .map((i) => [data.models[i], i])
    .map(([model, i]) =>
      h(
        "tr",
        { class: model.is_baseline ? "baseline" : null, color: model.color },
        h(
          "th",
          { scope: "row" },
          h("span", { class: "dot" }),
          " ",
          model.label,
          model.note ? h("span", { class: "soft small" }, ` ${model.note}`) : null,
        ),
        model.problem
          ? h("td", { class: "gap", colspan: Math.max(group.columns.length, 1) }, model.problem)
          : group.columns.map((column) =>
              h(
                "td",
                { class: column.best[i] ? "best" : null },
                column.cells[i],
                h("span", { class: "range" }, column.ranges[i]),
              ),
            ),
      ),
    );
  return h(
    "table",
    { class: "standings" },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h(
          "th",
          { scope: "col" },
          h(
            "button",
            {
              type: "button",
              title: "The models in their usual order",
              "aria-pressed": String(kept.sort === null),
              onclick: () => pick(null),
            },
            "Model",
          ),
        ),
        head,
      ),
    ),
    h("tbody", null, rows),
  );
}

/** Which models are shown: a visitor may hide any but the baselines, without which no number says much. */
function filter(data, kept, redraw) {
  const chip = (model) =>
    h(
      "button",
      {
        type: "button",
        class: "pill",
        color: model.color,
        disabled: model.is_baseline,
        title: model.is_baseline ? "A baseline: always shown" : null,
        "aria-pressed": String(!kept.hidden.has(model.label)),
        onclick: (event) => {
          if (!kept.hidden.delete(model.label)) kept.hidden.add(model.label);
          event.currentTarget.setAttribute("aria-pressed", String(!kept.hidden.has(model.label)));
          redraw();
        },
      },
      h("span", { class: "dot" }),
      model.label,
    );
  return h("div", { class: "pills", role: "group", "aria-label": "Models in the table" }, data.models.map(chip));
}

export default drawOnce((data, { root, kept }) => {
  kept.hidden = kept.hidden || new Set();
  if (!data.groups.some((each) => each.id === kept.group)) kept.group = data.groups[0]?.id;

  const figure = h("figure", { class: "panel" });
  const table = scrolling("Models by metric");
  const draw = () => {
    const group = data.groups.find((each) => each.id === kept.group) || { columns: [] };
    if (!group.columns.some((each) => each.name === kept.metric)) {
      kept.metric = group.columns[0]?.name;
      kept.sort = kept.metric;
      kept.reversed = false;
    }
    const shown = data.models
      .map((_, i) => i)
      .filter((i) => data.models[i].is_baseline || !kept.hidden.has(data.models[i].label));
    const column = group.columns.find((each) => each.name === kept.metric);
    const order = sorted(
      shown,
      group.columns.find((each) => each.name === kept.sort),
      kept.reversed,
    );
    figure.hidden = !column;
    if (column) figure.replaceChildren(...chart(data, column, order));
    table.replaceChildren(
      standings(data, group, kept, order, (name) => {
        kept.reversed = name !== null && kept.sort === name ? !kept.reversed : false;
        kept.sort = name;
        kept.metric = name || kept.metric;
        const focused = root.getRootNode().activeElement?.textContent;
        draw();
        [...table.querySelectorAll("thead button")]
          .find((button) => button.textContent.slice(0, 5) === focused?.slice(0, 5))
          ?.focus();
      }),
    );
  };
  root.replaceChildren(
    h(
      "div",
      { class: "scores ready" },
      h(
        "div",
        { class: "switch" },
        segmented(
          "Group of metrics",
          data.groups.map((each) => [each.id, each.title]),
          kept.group,
          (id) => {
            kept.group = id;
            kept.metric = null;
            draw();
          },
        ),
        h("span", { class: "note" }, "Choose a column to sort by it and draw it."),
      ),
      filter(data, kept, draw),
      table,
      figure,
    ),
  );
  draw();
});
