// The leaderboard: which models, a table to sort, and a chart of the metric that it is sorted by.

const ARROWS = { higher: "↑ higher is better", lower: "↓ lower is better", "": "neither way is better" };

/** Round numbers for an axis from 0, or from below 0 where there are negative values. */
function axis(values) {
  const top = Math.max(...values, 0);
  const bottom = Math.min(...values, 0);
  const rough = (top - bottom || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
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
  return [
    ...shown.filter(has).sort((a, b) => sign * (column.values[a] - column.values[b]) || a - b),
    ...shown.filter((i) => !has(i)),
  ];
}

function chart(data, column, order) {
  const measured = order.filter((i) => column.values[i] !== null);
  const title = h("h2", `${column.label}: ${column.says}`);
  const unit = `${column.label}${column.unit ? `, ${column.unit}` : ""}; ${ARROWS[column.better]}`;
  if (!measured.length) return [h("div.top", title), h("p.soft", "None of these models was measured on this.")];
  const { low, high, ticks } = axis(measured.flatMap((i) => [column.values[i], ...(column.intervals[i] || [])]));
  const at = (value) => `${(100 * (value - low)) / (high - low)}%`;
  const row = (i) => {
    const model = data.models[i];
    const value = column.values[i];
    const interval = column.intervals[i];
    const range = column.ranges[i];
    return h(
      "li",
      { color: model.color },
      h("span.who", dot(model), model.label),
      h(
        "span.plot",
        { "aria-hidden": "true" },
        ticks.map((tick) => h("span.grid", { style: { left: at(tick) } })),
        interval && intervalBar(interval, at),
        value === null
          ? h("span.absent.soft", model.absence || "does not apply")
          : h("span.point", { style: { left: at(value) } }),
      ),
      h("span.value", column.cells[i], range && h("span.sr", `, 95 % interval ${range}`)),
    );
  };
  const marks = ticks.map((tick) => h("span.tick", { style: { left: at(tick) } }, thousands(tick)));
  const hasIntervals = measured.some((i) => column.intervals[i]);
  return [
    h("div.top", title, column.margin && h("p.margin", column.margin)),
    h("ul.dots", { "aria-label": unit }, order.map(row)),
    h("div.axis", { "aria-hidden": "true" }, h("span"), h("span.plot", marks), h("span")),
    h("p.note.axisname", unit, hasIntervals ? ". The bars are 95 % intervals over users." : "."),
  ];
}

function standings(data, group, kept, order, pick) {
  const direction = (column) => {
    if (kept.sort !== column.name) return null;
    return (column.better === "lower") !== kept.reversed ? "ascending" : "descending";
  };
  const head = (column) => {
    const sorting = direction(column);
    const arrow = sorting === "ascending" ? " ▲" : " ▼";
    return h(
      "th",
      { scope: "col", "aria-sort": sorting },
      h(
        "button",
        {
          "aria-pressed": String(column.name === kept.metric),
          title: `${column.says}; sort by it`,
          onclick: () => pick(column.name),
        },
        h("span", column.label, sorting && h("span.sorted", { "aria-hidden": "true" }, arrow)),
        h("span.way", ARROWS[column.better]),
      ),
    );
  };
  const first = h(
    "button",
    { title: "The models in their usual order", "aria-pressed": String(kept.sort === null), onclick: () => pick(null) },
    "Model",
  );
  const row = (i) => {
    const model = data.models[i];
    const cell = (column) =>
      h("td", { class: column.best[i] && "best" }, column.cells[i], h("span.range", column.ranges[i]));
    return h(
      "tr",
      { class: model.is_baseline && "baseline", color: model.color },
      h("th", { scope: "row" }, named(model), model.note && h("span.soft.small", ` ${model.note}`)),
      model.problem
        ? h("td.gap", { colspan: Math.max(group.columns.length, 1) }, model.problem)
        : group.columns.map(cell),
    );
  };
  return table("standings", null, [first, group.columns.map(head)], order.map(row));
}

/** Which models are shown: a visitor may hide any but the baselines, without which no number says much. */
function filter(data, kept, redraw) {
  const button = (model) => {
    const choose = (isOn) => {
      if (isOn) kept.hidden.delete(model.label);
      else kept.hidden.add(model.label);
      redraw();
    };
    const title = model.is_baseline && "A baseline: always shown";
    return switchPill(model, !kept.hidden.has(model.label), choose, { disabled: model.is_baseline, title });
  };
  return pillRow("Models in the table", data.models.map(button));
}

export default drawOnce((data, { root, kept }) => {
  kept.hidden = kept.hidden || new Set();
  if (!data.groups.some((each) => each.id === kept.group)) kept.group = data.groups[0]?.id;

  const figure = h("figure.panel");
  const scroll = scrolling("Models by metric");
  const pick = (name) => {
    kept.reversed = name !== null && kept.sort === name ? !kept.reversed : false;
    kept.sort = name;
    kept.metric = name || kept.metric;
    const focused = focusedIn(root)?.textContent;
    draw();
    [...scroll.querySelectorAll("thead button")]
      .find((button) => button.textContent.slice(0, 5) === focused?.slice(0, 5))
      ?.focus();
  };
  const draw = () => {
    const group = data.groups.find((each) => each.id === kept.group) || { columns: [] };
    if (!group.columns.some((each) => each.name === kept.metric)) {
      kept.metric = group.columns[0]?.name;
      kept.sort = kept.metric;
      kept.reversed = false;
    }
    const column = (name) => group.columns.find((each) => each.name === name);
    const isShown = (i) => data.models[i].is_baseline || !kept.hidden.has(data.models[i].label);
    const shown = [...data.models.keys()].filter(isShown);
    const order = sorted(shown, column(kept.sort), kept.reversed);
    const drawn = column(kept.metric);
    figure.hidden = !drawn;
    if (drawn) fill(figure, chart(data, drawn, order));
    fill(scroll, standings(data, group, kept, order, pick));
  };
  const groups = data.groups.map((each) => [each.id, each.title]);
  const choice = segmented("Group of metrics", groups, kept.group, (id) => {
    kept.group = id;
    kept.metric = null;
    draw();
  });
  fill(
    root,
    h(
      "div.scores",
      h("div.switch", choice, h("span.note", "Choose a column to sort by it and draw it.")),
      filter(data, kept, draw),
      scroll,
      figure,
    ),
  );
  draw();
});
