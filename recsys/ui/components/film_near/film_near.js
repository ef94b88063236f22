// The nearest films in each model's space, a card per model; the same film is marked on all cards that have it.

export default drawOnce((data, { root, kept, setTriggerValue }) => {
  const longest = Math.max(0, ...data.cards.map((entry) => entry.rows.length));
  const without = data.without.map((line) =>
    h(
      "p",
      { class: "without" },
      line.models.map((model) => h("span", { class: "whose", color: model.color }, named(model), " ", runBadge(model))),
      line.text,
      line.command ? [" ", h("code", { tabindex: "0" }, line.command)] : null,
    ),
  );
  const draw = () => {
    const left = root.querySelector(".cards")?.scrollLeft || 0;
    const cards = h(
      "div",
      { class: "cards", "data-count": data.cards.length },
      data.cards.map((entry) =>
        card({ ...entry, rows: kept.all ? entry.rows : entry.rows.slice(0, data.n_shown) }, data.films, (film) =>
          setTriggerValue("film", String(film)),
        ),
      ),
    );
    cards.querySelectorAll(".film").forEach((button) => {
      button.onpointerenter = button.onfocus = () => markFilm(cards, button.dataset.film);
      button.onpointerleave = button.onblur = () => markFilm(cards, null);
    });
    root.replaceChildren(
      ...[
        data.cards.length ? cards : null,
        longest > data.n_shown
          ? h(
              "button",
              {
                type: "button",
                class: "more",
                "aria-expanded": String(Boolean(kept.all)),
                onclick: () => {
                  kept.all = !kept.all;
                  draw();
                  root.querySelector(".more").focus();
                },
              },
              kept.all ? `Only the nearest ${data.n_shown}` : `All ${longest} that are kept`,
            )
          : null,
        ...without,
      ].filter(Boolean),
    );
    cards.scrollLeft = left;
  };
  draw();
});
