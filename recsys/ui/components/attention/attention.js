// What AutoInt+ looked at: fields as rows, heads as columns, for one film and another; and who looks at whom in a head.
// Not drawn by plotly: a table whose numbers can be read aloud, and which scrolls sideways on a phone.

const percent = (share) => Math.round(100 * share);

/** A share as a coloured cell: palest where the least is looked at in either film, full where the most. */
function cell(share, [low, high], title) {
  const strength = Math.round(6 + (94 * (share - low)) / (high - low || 1));
  const attributes = { class: strength > 55 && "strong", style: { "--strength": `${strength}%` }, title };
  return h("td.cell", attributes, percent(share));
}

/** What the chance loses without a field, as a bar to the left or the right. */
function change(value, text, most) {
  const side = value < 0 ? "right" : "left";
  const style = { width: `${(50 * Math.abs(value)) / most}%`, [side]: "50%" };
  return h(
    "td.change",
    h("span.number", text),
    h("span.track", { "aria-hidden": "true" }, value !== null && h("span.span", { class: value < 0 && "down", style })),
  );
}

function fields(film, data) {
  const most = Math.max(...film.changes.map((each) => Math.abs(each || 0)), 0.01);
  const row = (name, f) =>
    h(
      "tr",
      { class: film.values[f] === data.unknown && "off" },
      h("th", { scope: "row" }, name, h("span.value", film.values[f])),
      film.received.map((by, n) => cell(by[f], data.range, `${data.heads[n].said} looks at ${name}`)),
      change(film.changes[f], film.texts[f], most),
    );
  const heads = data.heads.map((head) => h("th", { scope: "col", title: head.said }, head.short));
  return table(
    "fields",
    `Attention received by each field, in percent, and what the chance loses without it: ${film.title}`,
    ["Field", heads, h("th.last", { scope: "col" }, "Left out")],
    data.fields.map(row),
  );
}

function who(film, data, head) {
  const row = (shares, a) =>
    h(
      "tr",
      h("th", { scope: "row" }, data.fields[a]),
      shares.map((share, b) =>
        cell(share, data.pairs, `${data.fields[a]} looks at ${data.fields[b]}: ${percent(share)} %`),
      ),
    );
  return table(
    "matrix",
    `${data.heads[head].said}, ${film.title}: which field looks at which, in percent of its attention`,
    [h("td"), data.fields.map((name) => h("span", name))],
    film.weights[head].map(row),
  );
}

function draw(data, { root, kept, choose }) {
  const matrices = h("div.two");
  const headOf = () => Math.min(kept.head, data.heads.length - 1);
  const redraw = () => {
    const matrix = (film) =>
      scrolling(`Which field looks at which: ${film.title}`, h("h3", film.title), who(film, data, headOf()));
    fill(matrices, data.films.map(matrix));
  };
  const heads = data.heads.map((head, n) => [String(n), head.said]);
  const choice = segmented("Head", heads, String(headOf()), (n) => {
    choose({ head: Number(n) });
    redraw();
  });
  const fold = h(
    "details",
    { open: kept.by_field === "1" },
    h("summary", "Which field looks at which, field by field"),
    h("div.pick", choice, h("span.note", "A row looks at the columns; its shares add up to 100.")),
    matrices,
  );
  fold.ontoggle = () => {
    const by_field = fold.open ? "1" : "0";
    if (kept.by_field !== by_field) choose({ by_field });
  };
  const panel = (film) => h("section.panel", h("h3", film.title), h("p.note", film.says), fields(film, data));
  fill(
    root,
    h("div.attention", { color: data.color }, h("div.two", data.films.map(panel)), h("p.note", data.note), fold),
  );
  redraw();
}

export default drawOnce(draw, { choices: ["head", "by_field"] });
