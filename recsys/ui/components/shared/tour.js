// A tour of what is on screen: a few steps, each beside what it is about. Keys: arrows, Esc.

/** Start it. Steps are [element, text]; those without an element, because it is not on screen, are left out. */
function startTour(root, steps) {
  root.querySelector(".tour")?.remove();
  const shown = steps.filter(([target]) => target);
  const before = document.activeElement;
  const text = h("p", { "aria-live": "polite" });
  const count = h("span.soft");
  const back = h("button.step", { onclick: () => go(place - 1) }, "Back");
  const next = h("button.step.main", { onclick: () => go(place + 1) });
  const panel = h(
    "div.tour",
    { role: "dialog", "aria-label": "Show me around", tabindex: "-1" },
    text,
    h("div.steps", count, back, next, h("button.step", { onclick: () => end() }, "Close")),
  );
  let place = -1;
  const end = () => {
    shown.forEach(([target]) => target.classList.remove("shown-around"));
    panel.remove();
    before?.focus?.();
  };
  const go = (to) => {
    if (to >= shown.length) return end();
    shown[Math.max(place, 0)][0].classList.remove("shown-around");
    place = Math.max(to, 0);
    const [target, says] = shown[place];
    target.classList.add("shown-around");
    text.textContent = says;
    count.textContent = `${place + 1} of ${shown.length}`;
    back.disabled = place === 0;
    next.textContent = place + 1 === shown.length ? "Done" : "Next";
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
    put(panel, target, root);
    next.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  };
  panel.onkeydown = (event) => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1 }[event.key];
    if (event.key === "Escape") end();
    else if (to !== undefined) go(to);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  root.append(panel);
  go(0);
}

/** Below what it is about, or above where there is no room below; never out of the root on a side. */
function put(panel, target, root) {
  const [box, frame] = [target.getBoundingClientRect(), root.getBoundingClientRect()];
  const below = box.bottom + panel.offsetHeight + 12 < window.innerHeight;
  const left = Math.min(Math.max(box.left - frame.left, 0), frame.width - panel.offsetWidth);
  const top = below ? box.bottom + 8 : Math.max(box.top - panel.offsetHeight - 8, 8);
  panel.style.left = `${Math.max(left, 0)}px`;
  panel.style.top = `${top - frame.top}px`;
}
