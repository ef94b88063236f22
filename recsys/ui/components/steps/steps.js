// How a film's chance moved while a sequence was read: a row per film read, the bar stepping from row to row.
// Not drawn by plotly: an ordered list that is read aloud row by row, with room for long titles on a phone.

export default drawOnce((data, { root }) => {
  const row = (it) =>
    h(
      "li",
      null,
      h("span", { class: "read" }, it.title),
      h(
        "span",
        { class: "lane", "aria-hidden": "true" },
        h("span", { class: "step", style: { width: `${it.width}%` } }),
        it.before === null
          ? null
          : h("span", {
              class: "riser",
              style: {
                left: `${Math.min(it.before, it.width)}%`,
                width: `${Math.abs(it.before - it.width)}%`,
              },
            }),
      ),
      h("span", { class: "chance" }, it.chance),
      h("span", { class: `moved ${it.move}` }, it.rank, h("span", { class: "sr" }, `, ${it.said}`)),
    );
  root.replaceChildren(
    h(
      "figure",
      { class: "panel", color: data.color },
      h("h2", null, data.title),
      h("p", { class: "note" }, data.says),
      h(
        "div",
        { class: "heads", "aria-hidden": "true" },
        ["Film read, oldest first", `Chance of being next, 0 to ${data.most}`, "", "Rank"].map((each) =>
          h("span", null, each),
        ),
      ),
      h("ol", { class: "steps" }, data.rows.map(row)),
      data.foot ? h("p", { class: "note" }, data.foot) : null,
    ),
  );
});
