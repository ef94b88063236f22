// What AutoInt+ looked at: fields as rows, heads as columns, for one film and another; and who looks at whom in a head.
// Not drawn by plotly: a table whose numbers can be read aloud, and which scrolls sideways on a phone.

/** A share as a coloured cell: palest where the least is looked at in either film, full where the most. */
function cell(share, [low, high], title) {
  const strength = Math.round(6 + (94 * (share - low)) / (high - low || 1));
  return h(
    "td",
    { class: strength > 55 ? "cell strong" : "cell", style: { "--strength": `${strength}%` }, title },
    String(Math.round(100 * share)),
  );
}

function fields(film, data) {
  const most = Math.max(...film.changes.map((each) => Math.abs(each || 0)), 0.01);
  const change = (value, text) =>
    h(
      "td",
      { class: "change" },
      h("span", { class: "number" }, text),
      h(
        "span",
        { class: "track", "aria-hidden": "true" },
        value === null
          ? null
          : h("span", {
              class: value < 0 ? "span down" : "span",
              style: { width: `${(50 * Math.abs(value)) / most}%`, [value < 0 ? "right" : "left"]: "50%" },
            }),
      ),
    );
  return h(
    "table",
    { class: "fields" },
    h(
      "caption",
      { class: "sr" },
      `Attention received by each field, in percent, and what the chance loses without it: ${film.title}`,
    ),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", { scope: "col" }, "Field"),
        data.heads.map((head) => h("th", { scope: "col", title: head.said }, head.short)),
        h("th", { scope: "col", class: "last" }, "Left out"),
      ),
    ),
    h(
      "tbody",
      null,
      data.fields.map((name, f) =>
        h(
          "tr",
          { class: film.values[f] === data.unknown ? "off" : null },
          h("th", { scope: "row" }, name, h("span", { class: "value" }, film.values[f])),
          film.received.map((by, n) => cell(by[f], data.range, `${data.heads[n].said} looks at ${name}`)),
          change(film.changes[f], film.texts[f]),
        ),
      ),
    ),
  );
}

function who(film, data, head) {
  return h(
    "table",
    { class: "matrix" },
    h(
      "caption",
      { class: "sr" },
      `${data.heads[head].said}, ${film.title}: which field looks at which, in percent of its attention`,
    ),
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("td"),
        data.fields.map((name) => h("th", { scope: "col" }, h("span", null, name))),
      ),
    ),
    h(
      "tbody",
      null,
      film.weights[head].map((row, a) =>
        h(
          "tr",
          null,
          h("th", { scope: "row" }, data.fields[a]),
          row.map((share, b) =>
            cell(share, data.pairs, `${data.fields[a]} looks at ${data.fields[b]}: ${Math.round(100 * share)} %`),
          ),
        ),
      ),
    ),
  );
}

export default drawOnce((data, { root, kept }) => {
  if (!(kept.head < data.heads.length)) kept.head = 0;
  const matrices = h("div", { class: "two" });
  const draw = () =>
    matrices.replaceChildren(
      ...data.films.map((film) =>
        scrolling(`Who looks at whom: ${film.title}`, h("h3", null, film.title), who(film, data, kept.head)),
      ),
    );
  root.replaceChildren(
    h(
      "div",
      { class: "attention", color: data.color },
      h(
        "div",
        { class: "two" },
        data.films.map((film) =>
          h(
            "section",
            { class: "panel" },
            h("h3", null, film.title),
            h("p", { class: "note" }, film.says),
            fields(film, data),
          ),
        ),
      ),
      h("p", { class: "note" }, data.note),
      h(
        "details",
        {
          open: kept.open,
          ontoggle: (event) => {
            kept.open = event.currentTarget.open;
          },
        },
        h("summary", null, "Who looks at whom, field by field"),
        h(
          "div",
          { class: "pick" },
          segmented(
            "Head",
            data.heads.map((head, n) => [String(n), head.said]),
            String(kept.head),
            (n) => {
              kept.head = Number(n);
              draw();
            },
          ),
          h("span", { class: "note" }, "A row looks at the columns; its shares add up to 100."),
        ),
        matrices,
      ),
    ),
  );
  draw();
});
