// Groups of users as rows, models as columns: a number, and where it lies on a scale that all cells share.

export default drawOnce((data, { root }) => {
  const at = (value) => `${(100 * value) / data.top}%`;
  const cell = (it, place) =>
    h(
      "td",
      { color: data.models[place].color, class: it.mark || null },
      h(
        "span",
        { class: "number" },
        it.text,
        it.mark === "level" ? h("span", { class: "close", "aria-hidden": "true" }, "≈") : null,
        it.mark ? h("span", { class: "sr" }, it.mark === "leads" ? ", leads this group" : ", too close to call") : null,
      ),
      it.range ? h("span", { class: "range" }, it.range) : null,
      h(
        "span",
        { class: "track", "aria-hidden": "true" },
        it.interval
          ? h("span", {
              class: "interval",
              style: { left: at(it.interval[0]), width: `calc(${at(it.interval[1])} - ${at(it.interval[0])})` },
            })
          : null,
        it.value === null ? null : h("span", { class: "point", style: { left: at(it.value) } }),
      ),
    );
  root.replaceChildren(
    h(
      "div",
      null,
      scrolling(
        "Models by group of users",
        h(
          "table",
          { class: "slices" },
          h("caption", { class: "sr" }, data.title),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              h("th", { scope: "col" }, "Users"),
              data.models.map((model) =>
                h("th", { scope: "col", color: model.color }, h("span", { class: "dot" }), " ", model.label),
              ),
            ),
          ),
          h(
            "tbody",
            null,
            data.rows.map((row) =>
              h(
                "tr",
                { class: row.few ? "few" : null },
                h(
                  "th",
                  { scope: "row" },
                  row.label,
                  row.note ? h("span", { class: "who" }, row.note) : null,
                  h(
                    "span",
                    { class: "who" },
                    `${row.n.toLocaleString("en")} ${row.n === 1 ? "user" : "users"}`,
                    row.few ? h("strong", null, " · few") : null,
                  ),
                  row.says ? h("span", { class: "who verdict" }, row.says) : null,
                ),
                row.cells.map(cell),
              ),
            ),
          ),
        ),
      ),
      h("p", { class: "note" }, data.note),
    ),
  );
});
