// Users as rows, films as columns: the real stars, and under them what each model says.

export default drawOnce((data, { root }) => {
  const line = (it, place) => {
    const model = data.models[place];
    return h(
      "span.said",
      { class: it.tone, color: model.color, style: { "--depth": it.depth } },
      dot(model),
      h("span.sr", `${model.label}: `),
      it.text,
      it.diff && h("span.diff", it.diff),
      it.hit && h("span.tick", { title: data.found }, "✓"),
    );
  };
  const cell = (it) =>
    h(
      "td",
      h(
        "div.cell",
        { class: it.kind, title: it.told },
        h("span.real", it.stars || h("span.soft", "–"), h("span.sr", `, ${it.told}`)),
        h("span.lines", it.lines.map(line)),
      ),
    );
  const row = (user, place) =>
    h("tr", { class: user.chosen && "me" }, h("th", { scope: "row" }, user.label), data.rows[place].map(cell));
  const film = (it) => h("th", { scope: "col" }, filmLink(it.film, it.title), h("span.soft", it.year));
  const model = (it) => h("li", { color: it.color }, named(it), it.unit !== "stars" && " (place in its list)");
  const ramp = h("span.ramp", { "aria-hidden": "true" });
  fill(
    root,
    h(
      "ul.legend",
      data.models.map(model),
      h("li", h("span.box.known"), "learnt from"),
      h("li", h("span.box.hidden"), "hidden from the models"),
      data.has_stars && h("li", `−${data.deepest} ★ too low`, ramp, `too high +${data.deepest} ★`),
    ),
    scrolling(
      data.caption,
      table("table", data.caption, [h("span.sr", "User"), data.films.map(film)], data.users.map(row)),
    ),
  );
});
