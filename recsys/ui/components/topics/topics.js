// The parts of a page as pills, those that are models in their colours; on the overview a card for each model as well.

export default drawOnce((data, { root, setTriggerValue }) => {
  const hadFocus = focusedIn(root);
  const open = (topic) => {
    // At once: when the answer comes it would push what is drawn below into view.
    root.querySelector(".lessons")?.remove();
    setTriggerValue("topic", topic);
  };
  const part = (it) => choicePill(root, it, it.topic === data.chosen, () => open(it.topic), { "data-topic": it.topic });
  const card = (it) =>
    h(
      "li.panel.lesson",
      { color: it.color },
      h("h2", h("button.opens", { onclick: () => open(it.topic) }, named(it))),
      h("p.soft", it.full_name),
      h("p", it.says),
      h(
        "dl",
        it.facts.map(([name, value]) => h("div", h("dt", name), h("dd", value))),
      ),
    );
  fill(
    root,
    h(
      "nav.parts",
      { "aria-label": "Parts of this page" },
      data.groups.map((group) => pillRow(group.label, group.items.map(part))),
    ),
    data.cards.length > 0 && h("ul.lessons", data.cards.map(card)),
  );
  if (hadFocus) focusPressedPill(root);
});
