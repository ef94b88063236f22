// The leaderboard: a chart of one metric, and the table that it is chosen from.

const ARROWS = { higher: "↑ higher is better", lower: "↓ lower is better", "": "neither way is better" };

/** Round numbers for an axis from 0, or from below 0 where there are negative values. */
function axis(values) {
  const top = Math.max(...values, 0), bottom = Math.min(...values, 0);
  const rough = (top - bottom || 1) / 5, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((each) => each >= rough);
  const ticks = [];
  for (let at = Math.floor(bottom / step + 1e-9) * step; at < top + step - 1e-9; at += step) ticks.push(Number(at.toPrecision(6)));
  return { low: ticks[0], high: ticks[ticks.length - 1], ticks };
}

function chart(data, column) {
  const shown = data.models.map((model, i) => ({ model, value: column.values[i], text: column.cells[i], interval: column.intervals[i], range: column.ranges[i] }));
  const measured = shown.filter((row) => row.value !== null);
  const title = h("h2", null, `${column.label}: ${column.says}`);
  const unit = `${column.label}${column.unit ? `, ${column.unit}` : ""}; ${ARROWS[column.better]}`;
  if (!measured.length) return [h("div", { class: "top" }, title), h("p", { class: "soft" }, "No model was measured on this.")];
  const { low, high, ticks } = axis(measured.flatMap((row) => [row.value, ...(row.interval || [])]));
  const at = (value) => `${100 * (value - low) / (high - low)}%`;
  const rows = shown.map((row) => h("li", { color: row.model.color },
    h("span", { class: "who" }, h("span", { class: "dot" }), row.model.label),
    h("span", { class: "plot", "aria-hidden": "true" },
      ticks.map((tick) => h("span", { class: "grid", style: { left: at(tick) } })),
      row.interval ? h("span", { class: "interval", style: { left: at(row.interval[0]), width: `calc(${at(row.interval[1])} - ${at(row.interval[0])})` } }) : null,
      row.value === null ? h("span", { class: "absent soft" }, row.model.absence || "does not apply") : h("span", { class: "point", style: { left: at(row.value) } })),
    h("span", { class: "value" }, row.text, row.range ? h("span", { class: "sr" }, `, 95 % interval ${row.range}`) : null)));
  return [
    h("div", { class: "top" }, title),
    h("ul", { class: "dots", "aria-label": `${unit}` }, rows),
    h("div", { class: "axis", "aria-hidden": "true" }, h("span"), h("span", { class: "plot" },
      ticks.map((tick) => h("span", { class: "tick", style: { left: at(tick) } }, tick.toLocaleString("en")))), h("span")),
    h("p", { class: "note axisname" }, unit, measured.some((row) => row.interval) ? ". The bars are 95 % intervals over users." : ".")];
}

function standings(data, group, chosen, pick) {
  const head = group.columns.map((column) => h("th", { scope: "col", "aria-sort": null },
    h("button", { type: "button", "aria-pressed": String(column.name === chosen), title: column.says, onclick: () => pick(column.name) },
      h("span", null, column.label), h("span", { class: "way" }, ARROWS[column.better]))));
  const rows = data.models.map((model, i) => h("tr", { class: model.is_floor ? "floor" : null, color: model.color },
    h("th", { scope: "row" }, h("span", { class: "dot" }), " ", model.label, model.is_floor ? h("span", { class: "soft small" }, " floor") : null),
    model.problem ? h("td", { class: "gap", colspan: group.columns.length }, model.problem)
      : group.columns.map((column) => h("td", { class: column.best[i] ? "best" : null }, column.cells[i],
          h("span", { class: "range" }, column.ranges[i])))));
  return h("table", { class: "standings" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Model"), head)), h("tbody", null, rows));
}

export default function ({ data: [data], parentElement }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);
  const signature = JSON.stringify(data);
  if (kept.signature === signature && root.firstChild) return;
  kept.signature = signature;
  kept.group = kept.group || data.groups[0].id;

  const figure = h("figure", { class: "panel" });
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Models by metric" });
  const draw = () => {
    const group = data.groups.find((each) => each.id === kept.group);
    const column = group.columns.find((each) => each.name === kept.metric) || group.columns[0];
    figure.replaceChildren(...chart(data, column));
    table.replaceChildren(standings(data, group, column.name, (name) => { kept.metric = name; draw(); }));
  };
  root.replaceChildren(h("div", { class: "scores ready" },
    h("div", { class: "switch" }, segmented("Group of metrics", data.groups.map((each) => [each.id, each.title]), kept.group,
      (id) => { kept.group = id; kept.metric = null; draw(); }),
      h("span", { class: "note" }, "Choose a column to draw it.")),
    table, figure));
  draw();
}
