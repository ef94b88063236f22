// The leaderboard: which models, a table to sort, and a chart of the metric that it is sorted by.

const ARROWS = {
  higher: ["↑", "higher is better"],
  lower: ["↓", "lower is better"],
  "": ["", "neither way is better"],
};

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
function sorted(shown, column, order) {
  if (!column || order === "registry") return shown;
  const sign = (column.better === "lower" ? 1 : -1) * (order === "worst" ? -1 : 1);
  const has = (i) => column.values[i] !== null;
  return [
    ...shown.filter(has).sort((a, b) => sign * (column.values[a] - column.values[b]) || a - b),
    ...shown.filter((i) => !has(i)),
  ];
}

function chart(data, column, order) {
  const measured = order.filter((i) => column.values[i] !== null);
  const title = h("h2", term(column.label, column.word), `: ${column.says}`);
  const unit = `${column.label}${column.unit ? `, ${column.unit}` : ""}; ${ARROWS[column.better].join(" ").trim()}`;
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
    h("div.top", title),
    h("ul.dots", { "aria-label": unit }, order.map(row)),
    h("div.axis", { "aria-hidden": "true" }, h("span"), h("span.plot", marks), h("span")),
    h("p.note.axisname", unit, hasIntervals ? ". The bars are 95 % intervals over users." : "."),
    column.margin && h("p.margin", column.margin),
  ];
}

function standings(data, group, drawn, kept, order, pick) {
  const direction = (column) => {
    if (kept.order === "registry" || column !== drawn) return null;
    return (column.better === "lower") !== (kept.order === "worst") ? "ascending" : "descending";
  };
  const head = (column) => {
    const sorting = direction(column);
    const [arrow, which] = ARROWS[column.better];
    return h(
      "th",
      { scope: "col", "aria-sort": sorting },
      h(
        "button",
        {
          "aria-pressed": String(column === drawn),
          title: `${column.says}; sort by it`,
          onclick: () => pick(column.name),
        },
        h(
          "span",
          column.label,
          sorting && h("span.sorted", { "aria-hidden": "true" }, sorting === "ascending" ? " ▲" : " ▼"),
        ),
        h("span.way", arrow, h("span.words", ` ${which}`)),
      ),
      column.word && term("?", column.word, { class: "what", "aria-label": `What ${column.label} means` }),
    );
  };
  const first = h(
    "button",
    {
      title: "The models in their usual order",
      "aria-pressed": String(kept.order === "registry"),
      onclick: () => pick(null),
    },
    "Model",
  );
  const row = (i) => {
    const model = data.models[i];
    const cell = (column) =>
      h(
        "td",
        { class: column.best[i] && "best", title: column.ranges[i] && `95 % interval: ${column.ranges[i]}` },
        column.cells[i],
        h("span.range", column.ranges[i]),
      );
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
function filter(data, kept, change) {
  const button = (model) => {
    const choose = (isOn) => {
      const others = kept.without.filter((name) => name !== model.name);
      change({ without: isOn ? others : [...others, model.name] });
    };
    const title = model.is_baseline && "A baseline: always shown";
    return switchPill(model, !kept.without.includes(model.name), choose, { disabled: model.is_baseline, title });
  };
  return pillRow("Models in the table", data.models.map(button));
}

function draw(data, { root, kept, choose }) {
  const figure = h("figure.panel");
  const scroll = scrolling("Models by metric");
  const groupOf = (metric) => data.groups.find((each) => each.columns.some(({ name }) => name === metric));
  const redraw = () => {
    const group = groupOf(kept.metric) || data.groups[0] || { columns: [] };
    const drawn = group.columns.find((each) => each.name === kept.metric) || group.columns[0];
    const isShown = (i) => data.models[i].is_baseline || !kept.without.includes(data.models[i].name);
    const shown = [...data.models.keys()].filter(isShown);
    const order = sorted(shown, drawn, kept.order);
    const pick = (name) => {
      if (name === null) change({ order: "registry" });
      else if (name === drawn.name && kept.order === "best") change({ order: "worst" });
      else change({ metric: name, order: "best" });
    };
    figure.hidden = !drawn;
    if (drawn) fill(figure, chart(data, drawn, order));
    fill(scroll, standings(data, group, drawn, kept, order, pick));
  };
  const change = (changed) => {
    const focused = focusedIn(scroll)?.textContent;
    choose(changed);
    redraw();
    [...scroll.querySelectorAll("thead button")]
      .find((button) => button.textContent.slice(0, 5) === focused?.slice(0, 5))
      ?.focus();
  };
  const groups = data.groups.map((each) => [each.id, each.title]);
  const opened = (groupOf(kept.metric) || data.groups[0])?.id;
  const choice = segmented("Group of metrics", groups, opened, (id) => {
    const group = data.groups.find((each) => each.id === id);
    change({ metric: group === data.groups[0] ? "" : group.columns[0].name, order: "best" });
  });
  fill(
    root,
    h(
      "div.scores",
      h("div.switch", choice, h("span.note.screen", "Choose a column to sort by it and draw it.")),
      filter(data, kept, change),
      h("div.both", scroll, figure),
    ),
  );
  redraw();
}

export default drawOnce(draw, { choices: ["metric", "order", "without"] });
