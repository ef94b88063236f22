// Who gets a film: a row per model, with every user counted and one of them by name.

function amount(it, of) {
  return h(
    "td",
    { class: "amount", "data-of": of },
    h(
      "span",
      { class: "figures" },
      h("strong", null, it.n),
      h("span", { class: "soft" }, it.share ? ` ${it.share}` : ""),
    ),
    h(
      "span",
      { class: "track", "aria-hidden": "true" },
      h("span", { class: "fill", style: { width: `${it.width}%` } }),
    ),
  );
}

function firstInLine(row, choose) {
  if (!row.best.length) return "–";
  return row.best.map((each, index) => [
    index ? " " : null,
    h(
      "button",
      {
        type: "button",
        class: "who",
        "data-user": each.user,
        title: `User ${each.user} has it at place ${each.rank}. Show this page for them.`,
        onclick: () => choose(each.user),
      },
      each.user,
      h("span", { class: "at" }, `at ${each.rank}`),
    ),
  ]);
}

function unknown(row) {
  return h(
    "td",
    { class: "unknown", colspan: 4 },
    row.problem,
    row.command ? [" ", h("code", { tabindex: "0" }, row.command)] : null,
  );
}

export default drawOnce((data, { root, setTriggerValue }) => {
  const choose = (user) => setTriggerValue("user", String(user));
  const mine = (row) =>
    h(
      "td",
      { class: "mine", "data-of": data.person },
      /\d/.test(row.mine)
        ? h("strong", null, row.mine)
        : h("span", { class: "soft", style: { "white-space": "normal" } }, row.mine),
      row.is_gone
        ? null
        : h("a", { href: data.why, "aria-label": `What ${row.label} says of it for ${data.person}` }, "Why?"),
    );
  root.replaceChildren(
    h(
      "table",
      { class: "reach" },
      h("caption", { class: "sr" }, "Who gets the film, by model"),
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          ["Model", "In the first 10", "In the first 100", "Middle rank", "First in line: users"].map((name) =>
            h("th", { scope: "col" }, name),
          ),
          h("th", { scope: "col", class: "mine" }, data.person === "You" ? "Your rank" : `Rank for ${data.person}`),
        ),
      ),
      h(
        "tbody",
        null,
        data.rows.map((row) =>
          h(
            "tr",
            { color: row.color, "data-model": row.model },
            h("th", { scope: "row" }, named(row), " ", runBadge(row)),
            row.problem !== null
              ? unknown(row)
              : [
                  amount(row.counts[0], "in the first 10"),
                  amount(row.counts[1], "in the first 100"),
                  h("td", { class: "middle", "data-of": "middle rank" }, row.middle),
                  h("td", { class: "best", "data-of": "first in line" }, firstInLine(row, choose)),
                ],
            mine(row),
          ),
        ),
      ),
    ),
    h("p", { class: "note" }, data.note),
  );
});
