// Which model to train: one of several, each in its colour.

export default drawOnce((data, { root, kept, setTriggerValue }) => {
  const hadFocus = root.contains(root.getRootNode().activeElement);
  const rest = data.models.filter((model) => !model.is_main);
  kept.more = kept.more || rest.some((model) => model.name === data.chosen);
  const button = (model) =>
    h(
      "button",
      {
        type: "button",
        class: "pill",
        color: model.color,
        "data-model": model.name,
        "aria-pressed": String(model.name === data.chosen),
        title: model.note || null,
        onclick: () => {
          root
            .querySelectorAll(".pill")
            .forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.model === model.name)));
          setTriggerValue("model", model.name);
        },
      },
      h("span", { class: "dot" }),
      model.label,
    );
  const { row: second, opener } = morePills("More models", rest.map(button), kept);
  root.replaceChildren(
    h(
      "div",
      { class: "pills", role: "group", "aria-label": "Model to train" },
      data.models.filter((model) => model.is_main).map(button),
      rest.length ? opener : null,
    ),
    second,
  );
  if (hadFocus) root.querySelector('.pill[aria-pressed="true"]')?.focus();
});
