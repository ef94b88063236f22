// The parts of a page as pills, those that are models in their colours; on the overview a card for each model as well.

export default drawOnce((data, { root, setTriggerValue }) => {
  const hadFocus = root.contains(root.getRootNode().activeElement);
  const open = (topic) => setTriggerValue("topic", topic);
  const pill = (it) =>
    h(
      "button",
      {
        type: "button",
        class: it.color === null ? "pill plain" : "pill",
        color: it.color,
        "data-topic": it.topic,
        "aria-pressed": String(it.topic === data.chosen),
        onclick: () => {
          root
            .querySelectorAll(".pill")
            .forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.topic === it.topic)));
          open(it.topic);
        },
      },
      it.color === null ? null : h("span", { class: "dot" }),
      it.label,
    );
  const card = (it) =>
    h(
      "li",
      { class: "panel lesson", color: it.color },
      h(
        "h3",
        null,
        h(
          "button",
          { type: "button", class: "opens", onclick: () => open(it.topic) },
          h("span", { class: "dot" }),
          " ",
          it.label,
        ),
      ),
      h("p", { class: "soft" }, it.full_name),
      h("p", null, it.says),
      h(
        "dl",
        null,
        it.facts.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, value))),
      ),
    );
  root.replaceChildren(
    h(
      "nav",
      { class: "parts", "aria-label": "Parts of this page" },
      data.groups.map((group) =>
        h("div", { class: "pills", role: "group", "aria-label": group.label }, group.items.map(pill)),
      ),
    ),
    data.cards.length ? h("ul", { class: "lessons" }, data.cards.map(card)) : "",
  );
  if (hadFocus) root.querySelector('.pill[aria-pressed="true"]')?.focus();
});
