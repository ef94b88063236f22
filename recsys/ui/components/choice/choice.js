// Which model to train: one of several, each in its colour.

export default drawOnce((data, { root, kept, setTriggerValue }) => {
  const hadFocus = focusedIn(root);
  const button = (model) =>
    choicePill(root, model, model.name === data.chosen, () => setTriggerValue("model", model.name), {
      "data-model": model.name,
    });
  const main = data.models.filter((model) => model.is_main).map(button);
  const further = data.models.filter((model) => !model.is_main).map(button);
  fill(root, pillRows("Model to train", main, "More models", further, kept));
  if (hadFocus) focusPressedPill(root);
});
