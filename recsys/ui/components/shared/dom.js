// Small helpers that every component shares. Text is set as text, never as markup.

/** An element: attributes (null and false are left out, on* are handlers), then children (strings become text). */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "color") element.style.setProperty("--model", `var(--model-${value})`);
    else if (name === "style") Object.entries(value).forEach(([key, text]) => element.style.setProperty(key, text));
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** Take from the theme --model-0, --model-1, ... (a model's is the `color` of its registry line), and light or dark. */
function paint(root) {
  const style = getComputedStyle(root);
  const palette = style.getPropertyValue("--st-chart-categorical-colors").split(",");
  palette.forEach((color, index) => root.style.setProperty(`--model-${index}`, color.trim()));
  const background = style.getPropertyValue("--st-background-color").trim();
  const channels = /^#[0-9a-f]{6}$/i.test(background)
    ? [1, 3, 5].map((at) => parseInt(background.slice(at, at + 2), 16))
    : [255];
  root.classList.toggle("dark", Math.max(...channels) < 128);
}

/** A model's mark in its colour; round for the models of the app, a lozenge for what was trained here. */
function dot(model) {
  return h("span", { class: model.family ? "dot run" : "dot" });
}

/** A model's mark and name. Somebody else may have chosen the name: it is cut where there is no room, and kept apart. */
function named(model) {
  return [
    dot(model),
    " ",
    model.family ? h("bdi", { class: "called", title: `${model.label}: ${model.family}` }, model.label) : model.label,
  ];
}

/** Beside the name of what was trained here, in words; what has been deleted is nobody's. */
function runBadge(model) {
  return model.family && !model.is_gone ? h("span", { class: "badge", title: model.family }, "run") : null;
}

const remembered = new WeakMap();

/** What this mounted component keeps between two calls. */
function memory(parent) {
  if (!remembered.has(parent)) remembered.set(parent, {});
  return remembered.get(parent);
}

/**
 * A component that draws anew only when what it is given has changed: `draw` gets the data, the element to fill and what
 * is kept between two calls. Its films lead to `data.link`, which changes with the view and is no reason to draw.
 */
function drawOnce(draw) {
  return ({ data: [data], parentElement, setTriggerValue }) => {
    const root = parentElement.querySelector(".root");
    const kept = memory(parentElement);
    const { link, ...drawn } = data;
    const signature = JSON.stringify(drawn);
    paint(root);
    kept.link = link;
    if (kept.signature !== signature || !root.firstChild) {
      kept.signature = signature;
      draw(data, { root, kept, setTriggerValue });
    }
    if (link) lead(root, link);
  };
}

/** An element of a drawing. */
function svg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A table that is scrolled sideways where it has no room; the keyboard scrolls it too. */
function scrolling(label, ...children) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, children);
}

/** A row of choices of which one is pressed; `choose` gets its value. */
function segmented(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) =>
    h("button", { type: "button", "aria-pressed": String(value === chosen), "data-value": value }, text),
  );
  buttons.forEach((button) => {
    button.onclick = () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
      choose(button.dataset.value);
    };
  });
  return h("div", { class: "segmented", role: "group", "aria-label": label }, buttons);
}

/** A film's title as a link to its page; `lead` says where that is. */
function filmLink(film, title) {
  return h("a", { class: "about", "data-film": film }, title);
}

/** Let the films under `root` lead to their pages. The address changes with the view, the films do not: draw once, lead often. */
function lead(root, link) {
  root.querySelectorAll("a[data-film]").forEach((element) => {
    element.href = link.replace("FILM", element.dataset.film);
  });
}

/** Mark a film wherever it stands under `root`. */
function markFilm(root, film) {
  root.querySelectorAll("[data-film]").forEach((element) => {
    const isChosen = film !== null && element.dataset.film === String(film);
    element.classList.toggle("chosen", isChosen);
    if (element.tagName === "BUTTON") element.setAttribute("aria-pressed", String(isChosen));
  });
}
