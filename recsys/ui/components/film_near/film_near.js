// The nearest films in each model's space, a card per model; the same film is marked on all cards that have it.

function withoutLine(line) {
  return h(
    "p.without",
    line.models.map((model) => h("span.whose", { color: model.color }, named(model), " ", runBadge(model))),
    line.text,
    line.command && [" ", h("code", { tabindex: "0" }, line.command)],
  );
}

export default drawOnce((data, { root, kept, setTriggerValue }) => {
  const choose = (film) => setTriggerValue("film", String(film));
  const cards = cardRow(data.cards.map((entry) => listCard(entry, data.films, choose)));
  cards.querySelectorAll(".film").forEach((button) => {
    button.onpointerenter = button.onfocus = () => markFilm(cards, button.dataset.film);
    button.onpointerleave = button.onblur = () => markFilm(cards, null);
  });
  const longest = Math.max(0, ...data.cards.map((entry) => entry.rows.length));
  const further = cards.querySelectorAll(`.list li:nth-child(n + ${data.n_shown + 1})`);
  const says = [`All ${longest} on record`, `Only the nearest ${data.n_shown}`];
  fillAround(
    root,
    data.cards.length > 0 && cards,
    further.length > 0 && expander(kept, "all", says, further),
    data.without.map(withoutLine),
  );
});
