// Groups of users as rows, models as columns: a number, and where it lies on a scale that all cells share.

export default drawOnce((data, { root }) => {
  const at = (value) => `${(100 * value) / data.top}%`;
  const cell = (it, place) =>
    h(
      "td",
      { color: data.models[place].color, class: it.mark },
      h(
        "span.number",
        it.text,
        it.mark === "level" && h("span.close", { "aria-hidden": "true" }, "≈"),
        it.mark && h("span.sr", it.mark === "leads" ? ", leads this group" : ", too close to call"),
      ),
      it.range && h("span.range", it.range),
      h(
        "span.track",
        { "aria-hidden": "true" },
        it.interval && intervalBar(it.interval, at),
        it.value !== null && h("span.point", { style: { left: at(it.value) } }),
      ),
    );
  const row = (it) => {
    const users = `${thousands(it.n)} ${it.n === 1 ? "user" : "users"}`;
    return h(
      "tr",
      { class: it.few && "few" },
      h(
        "th",
        { scope: "row" },
        it.label,
        it.note && h("span.who", it.note),
        h("span.who", users, it.few && h("strong", " · few")),
        it.says && h("span.who.verdict", it.says),
      ),
      it.cells.map(cell),
    );
  };
  const heads = data.models.map((model) => h("th", { scope: "col", color: model.color }, named(model)));
  fill(
    root,
    scrolling("Models by group of users", table("slices", data.title, ["Users", heads], data.rows.map(row))),
    h("p.note", data.note),
  );
});
