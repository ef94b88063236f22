// Who gets a film: a row per model, with every user counted and one of them by name.

function amount(it, of) {
  return h(
    "td.amount",
    { "data-of": of },
    h("span.figures", h("strong", it.n), h("span.soft", it.share && ` ${it.share}`)),
    h("span.track", { "aria-hidden": "true" }, h("span.fill", { style: { width: `${it.width}%` } })),
  );
}

function firstInLine(row, setTriggerValue) {
  if (!row.best.length) return "–";
  return row.best.map(({ user, rank }, index) => [
    index > 0 && " ",
    h(
      "button.who",
      {
        "data-user": user,
        title: `User ${user} has it at place ${rank}. Show this page for them.`,
        onclick: () => setTriggerValue("user", String(user)),
      },
      user,
      h("span.at", `at ${rank}`),
    ),
  ]);
}

function unknown(row) {
  return h("td.unknown", { colspan: 4 }, row.problem, row.command && [" ", h("code", { tabindex: "0" }, row.command)]);
}

function draw(data, { root, setTriggerValue }) {
  const reach = (row) => [
    amount(row.counts[0], "in the first 10"),
    amount(row.counts[1], "in the first 100"),
    h("td.middle", { "data-of": "median rank" }, row.middle),
    h("td.best", { "data-of": "first in line" }, firstInLine(row, setTriggerValue)),
  ];
  const mine = (row) =>
    h(
      "td.mine",
      { "data-of": data.person },
      /\d/.test(row.mine) ? h("strong", row.mine) : h("span.soft", { style: { "white-space": "normal" } }, row.mine),
      !row.is_gone &&
        h("a", { href: data.why, "aria-label": `Why? What ${row.label} says of it for ${data.person}` }, "Why?"),
    );
  const tableRow = (row) =>
    h(
      "tr",
      { color: row.color, "data-model": row.model },
      h("th", { scope: "row" }, named(row), " ", runBadge(row)),
      row.problem === null ? reach(row) : unknown(row),
      mine(row),
    );
  const heads = ["Model", "In the first 10", "In the first 100", "Median rank", "First in line: users"];
  const last = h("th.mine", { scope: "col" }, data.person === "You" ? "Your rank" : `Rank for ${data.person}`);
  fill(
    root,
    table("reach", "Who gets the film, by model", [heads, last], data.rows.map(tableRow)),
    h("p.note", data.note),
  );
}

export default drawOnce(draw, { skip: ["Skip to who gets it", "button.who"] });
