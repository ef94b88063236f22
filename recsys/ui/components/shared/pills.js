// Pills: what is chosen from, models in their colours. A row of them is one stop of the Tab key.

/** A pill, with a model's mark and name or, where there is no colour, with its label alone. */
function pill(model, isOn, attributes) {
  const isPlain = model.color === null;
  return h(
    "button.pill",
    { class: isPlain && "plain", color: model.color, "aria-pressed": String(isOn), ...attributes },
    isPlain ? model.label : named(model),
  );
}

/** A pill that is switched on and off; `choose` gets whether it is on now. */
function switchPill(model, isOn, choose, attributes) {
  const onclick = ({ currentTarget }) => {
    isOn = !isOn;
    currentTarget.setAttribute("aria-pressed", String(isOn));
    choose(isOn);
  };
  return pill(model, isOn, { onclick, ...attributes });
}

/** A pill of those under `root` of which one is pressed; `choose` is called when it becomes this one. */
function choicePill(root, model, isOn, choose, attributes) {
  const onclick = ({ currentTarget }) => {
    press(root.querySelectorAll(".pill"), currentTarget);
    choose();
  };
  return pill(model, isOn, { onclick, ...attributes });
}

/** Makes pills of models that are switched on and off; `send` gets all that are on, `attributes` says what else a pill has. */
function modelSwitches(models, send, attributes) {
  const on = new Set(models.filter((model) => model.on).map((model) => model.model));
  const choose = (name) => (isOn) => {
    if (isOn) on.add(name);
    else on.delete(name);
    send("models", [...on]);
  };
  return (model) => switchPill(model, model.on, choose(model.model), attributes(model));
}

function pillRow(label, ...pills) {
  return toolbar("div.pills", { "aria-label": label }, pills);
}

/** A row of pills and, closed at first, a second one with further models; `kept.more` says whether that is open. */
function pillRows(label, pills, furtherLabel, further, kept) {
  if (!further.length) return pills.length > 0 && pillRow(label, pills);
  const second = pillRow(furtherLabel, further);
  second.classList.add("extra");
  // Open where somebody has chosen one of them: a choice that cannot be seen cannot be undone.
  kept.more = kept.more || further.some((each) => each.getAttribute("aria-pressed") === "true");
  const opener = expander(kept, "more", ["More models", "Fewer models"], [second]);
  return [pills.length > 0 && pillRow(label, pills, opener), second];
}

/** What the pill says that the keyboard is on, if any; `takePill` gives the focus back once all is drawn anew. */
function pillInHand(root) {
  return focusedIn(root)?.closest(".pill")?.textContent;
}

function takePill(root, says) {
  const pill = says && [...root.querySelectorAll(".pill")].find((each) => each.textContent === says);
  pill?.focus({ preventScroll: true });
}

function focusPressedPill(root) {
  root.querySelector('.pill[aria-pressed="true"]')?.focus();
}
