// Users as rows, films as columns: the real stars, and under them what each model says.

export default drawOnce((data, { root }) => {
  const line = (it, place) =>
    h(
      "span",
      { class: `said ${it.tone}`, color: data.models[place].color, style: { "--depth": it.depth } },
      dot(data.models[place]),
      h("span", { class: "sr" }, `${data.models[place].label}: `),
      it.text,
      it.diff ? h("span", { class: "diff" }, it.diff) : null,
      it.hit ? h("span", { class: "tick", title: data.found }, "✓") : null,
    );
  const cell = (it) =>
    h(
      "td",
      null,
      h(
        "div",
        { class: `cell ${it.kind}`, title: it.told },
        h(
          "span",
          { class: "real" },
          it.stars || h("span", { class: "soft" }, "–"),
          h("span", { class: "sr" }, `, ${it.told}`),
        ),
        h("span", { class: "lines" }, it.lines.map(line)),
      ),
    );
  const film = (it) =>
    h("th", { scope: "col" }, filmLink(it.film, it.title), h("span", { class: "soft" }, it.year || ""));
  const box = (kind, text) => h("li", null, h("span", { class: `box ${kind}` }), text);
  root.replaceChildren(
    h(
      "div",
      null,
      h(
        "ul",
        { class: "legend" },
        data.models.map((model) =>
          h("li", { color: model.color }, named(model), model.unit === "stars" ? "" : " (place in its list)"),
        ),
        box("known", "learnt from"),
        box("hidden", "hidden from the models"),
        data.has_stars
          ? h(
              "li",
              null,
              `−${data.deepest} ★ too low`,
              h("span", { class: "ramp", "aria-hidden": "true" }),
              `too high +${data.deepest} ★`,
            )
          : null,
      ),
      scrolling(
        data.caption,
        h(
          "table",
          { class: "table" },
          h("caption", { class: "sr" }, data.caption),
          h(
            "thead",
            null,
            h("tr", null, h("th", { scope: "col" }, h("span", { class: "sr" }, "User")), data.films.map(film)),
          ),
          h(
            "tbody",
            null,
            data.users.map((user, place) =>
              h(
                "tr",
                { class: user.chosen ? "me" : null },
                h("th", { scope: "row" }, user.label),
                data.rows[place].map(cell),
              ),
            ),
          ),
        ),
      ),
    ),
  );
});
