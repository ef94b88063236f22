// Small helpers that every component shares. Text is set as text, never as markup.

/**
 * An element, as in `h("span.soft.small", { title }, "text", child)`. Attributes may be left out, and those that are null,
 * undefined or false are not set; on* are handlers, `class` adds to the classes of the name. Children are elements, texts
 * and lists of both; what is null, undefined, false or an empty text is none.
 */
function h(name, ...parts) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (tag === "button") element.type = "button";
  return furnish(element, classes, parts);
}

/** An element of a drawing, as `h` makes them. */
function svg(name, ...parts) {
  const [tag, ...classes] = name.split(".");
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", tag), classes, parts);
}

function furnish(element, classes, parts) {
  const hasAttributes = parts[0]?.constructor === Object;
  const { class: more, ...attributes } = hasAttributes ? parts[0] : {};
  const all = { class: [...classes, more].filter(Boolean).join(" ") || null, ...attributes };
  for (const [name, value] of Object.entries(all)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "color") element.style.setProperty("--model", `var(--model-${value})`);
    else if (name === "style") Object.entries(value).forEach(([key, text]) => element.style.setProperty(key, text));
    else element.setAttribute(name, value === true ? "" : value);
  }
  fill(element, hasAttributes ? parts.slice(1) : parts);
  return element;
}

/** Put these children, as `h` takes them, in the place of those that an element has. */
function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child || child === 0));
}

/**
 * Take from the theme --model-0, --model-1, ... (a model's is the `color` of its registry line), and light or dark. Printed,
 * they are those of recsys/ui/printing.py, which are there on paper alone.
 */
function paint(root) {
  const style = getComputedStyle(root);
  const palette = style.getPropertyValue("--st-chart-categorical-colors").split(",");
  palette.forEach((color, index) =>
    root.style.setProperty(`--model-${index}`, `var(--printed-${index}, ${color.trim()})`),
  );
  const background = style.getPropertyValue("--st-background-color").trim();
  const channels = /^#[0-9a-f]{6}$/i.test(background)
    ? [1, 3, 5].map((at) => parseInt(background.slice(at, at + 2), 16))
    : [255];
  root.classList.toggle("dark", Math.max(...channels) < 128);
}

/** frame.css keeps back what follows a component until it is drawn; the page's root counts those that are. */
function tellFrame(host) {
  const page = document.documentElement.dataset;
  host.dataset.drawn = "";
  page.drawn = Number(page.drawn ?? 0) + 1;
}

const remembered = new WeakMap();

/**
 * A component that draws anew only when what it is given has changed.
 *
 * `choices` name fields of the view that are chosen in it: `kept` has them as they are on screen, and `choose` takes new
 * ones and sends them to the address. What comes back is an echo, late where somebody clicks quickly, and no reason to
 * draw; what was chosen elsewhere, as by the browser's Back, is one.
 *
 * `draw` gets the data, the element to fill, what is kept between two calls and what sends to the page. The films in it
 * lead to `data.link`, which changes with the view and is no reason to draw. `shows` picks from the data what the drawing
 * depends on; `update` is called each time, drawn or not, with what `draw` gets.
 *
 * While the browser still loads this module, Streamlit may have several calls waiting for it, and Chromium lets them go in
 * any order (Streamlit 1.67 awaits `import()` for each and does not look whether a newer one has come): an old answer could
 * be drawn over the newest, and stay. Streamlit does tell at once, in that it runs the clean-up of a call that it has
 * overtaken as soon as it gets it. So a call waits one task, and is forgotten if it has been cleaned up by then.
 *
 * `skip` is what a button before everything else on the page says and what it leads to, the first that can be seen of
 * these: on a page with several such components it leads into the first.
 */
function drawOnce(draw, { shows = ({ link, ...shown }) => shown, update, choices = [], skip } = {}) {
  const show = ({ data: [data], parentElement, setTriggerValue }) => {
    if (!remembered.has(parentElement)) remembered.set(parentElement, {});
    const kept = remembered.get(parentElement);
    const root = parentElement.querySelector(".root");
    const pick = (from) => Object.fromEntries(choices.map((name) => [name, from[name]]));
    const choose = (changed) => {
      Object.assign(kept, changed);
      kept.sent.push(JSON.stringify(pick(kept)));
      setTriggerValue("choices", pick(kept));
    };
    const tools = { root, kept, setTriggerValue, choose };
    const signature = JSON.stringify({ ...shows(data), ...pick({}) });
    const told = JSON.stringify(pick(data));
    const echo = kept.sent?.lastIndexOf(told) ?? -1;
    const isChosenElsewhere = told !== kept.told && echo < 0;
    kept.told = told;
    if (isChosenElsewhere) Object.assign(kept, pick(data), { sent: [] });
    else kept.sent.splice(0, echo + 1);
    paint(root);
    kept.link = data.link;
    if (kept.signature !== signature || isChosenElsewhere || !root.firstChild) {
      kept.signature = signature;
      draw(data, tools);
    }
    update?.(data, tools);
    tellFrame(root.getRootNode().host);
    if (data.link) lead(root, data.link);
    if (skip) offerSkip(root, ...skip);
  };
  return (call) => {
    const waiting = setTimeout(show, 0, call);
    return () => {
      clearTimeout(waiting);
      if (skip) setTimeout(skipButton); // what has left the page is in no document by then
    };
  };
}

/** The button before everything else on the page; one that leads to what is gone goes as well. */
function skipButton() {
  const button = document.querySelector(".skip button");
  if (!button || button.into.isConnected) return button;
  button.parentElement.remove();
  return null;
}

/** For the keyboard: see `skip` of drawOnce. frame.css shows it while it has the focus. */
function offerSkip(root, says, selector) {
  if (skipButton()) return;
  const { color, backgroundColor } = getComputedStyle(document.querySelector("[data-testid=stApp]"));
  const onclick = () => [...root.querySelectorAll(selector)].find((each) => each.checkVisibility())?.focus();
  const button = h("button", { onclick, style: { color, background: backgroundColor } }, says);
  button.into = root;
  document.body.prepend(h("nav.skip", { "aria-label": "Skip" }, button));
}

/** A model's mark in its colour; round for the models of the app, a lozenge for what was trained here. */
function dot(model) {
  return h("span.dot", { class: model.family && "run" });
}

/** A model's mark and name. Somebody else may have chosen the name: it is cut where there is no room, and kept apart. */
function named(model) {
  return [
    dot(model),
    " ",
    model.family ? h("bdi.called", { title: `${model.label}: ${model.family}` }, model.label) : model.label,
  ];
}

/** Beside the name of what was trained here, in words; what has been deleted is nobody's. */
function runBadge(model) {
  return model.family && !model.is_gone && h("span.badge", { title: model.family }, "run");
}

/** A number with its thousands apart: 1,512. */
function thousands(n) {
  return n.toLocaleString("en");
}

function titleAndYear(film) {
  return film.year ? `${film.title} (${film.year})` : film.title;
}

/** A bar from one end of an interval to the other; `at` says where a value lies. */
function intervalBar([low, high], at) {
  return h("span.interval", { style: { left: at(low), width: `calc(${at(high)} - ${at(low)})` } });
}

/** A table: its caption (a text is for screen readers alone), its heads (a cell, or what a cell holds) and its rows. */
function table(name, caption, heads, rows) {
  const columns = heads
    .flat()
    .map((head) => (head instanceof HTMLTableCellElement ? head : h("th", { scope: "col" }, head)));
  return h(
    `table.${name}`,
    typeof caption === "string" ? h("caption.sr", caption) : caption,
    h("thead", h("tr", columns)),
    h("tbody", rows),
  );
}

/** A table that is scrolled sideways where it has no room; the keyboard scrolls it too. */
function scrolling(label, ...children) {
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": label }, children);
}

/** Show which of some buttons is pressed. */
function press(buttons, pressed) {
  buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
}

/** A row of choices of which one is pressed; `choose` gets its value. */
function segmented(label, options, chosen, choose) {
  const onclick = ({ currentTarget: button }) => {
    press(buttons, button);
    choose(button.dataset.value);
  };
  const buttons = options.map(([value, text]) =>
    h("button", { "aria-pressed": String(value === chosen), "data-value": value, onclick }, text),
  );
  return toolbar("div.segmented", { "aria-label": label }, buttons);
}

/** A row of buttons that is one stop of the Tab key: the arrow keys lead through it, as ARIA has it for a toolbar. */
function toolbar(name, attributes, ...children) {
  const row = h(name, { role: "toolbar", ...attributes }, children);
  row.onkeydown = (event) => {
    const buttons = buttonsOf(row);
    const at = buttons.indexOf(event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    buttons[to]?.focus();
    event.preventDefault();
  };
  row.addEventListener("focusin", ({ target }) => stopAt(row, target));
  stopAt(row);
  return row;
}

function buttonsOf(row) {
  return [...row.querySelectorAll("button:enabled")].filter((button) => !button.hidden);
}

/** Let the Tab key meet one button of a row; by default the first that is pressed, or the first. */
function stopAt(row, chosen) {
  const buttons = buttonsOf(row);
  const stop = chosen || buttons.find((button) => button.getAttribute("aria-pressed") === "true") || buttons[0];
  buttons.forEach((button) => {
    button.tabIndex = button === stop ? 0 : -1;
  });
}

/** A button that shows some elements and hides them again; `kept[name]` says whether they are shown. */
function expander(kept, name, [more, fewer], elements) {
  const show = () => {
    elements.forEach((element) => {
      element.hidden = !kept[name];
    });
    opener.setAttribute("aria-expanded", String(Boolean(kept[name])));
    opener.textContent = kept[name] ? fewer : more;
  };
  const onclick = () => {
    kept[name] = !kept[name];
    show();
  };
  const opener = h("button.beside", { onclick });
  show();
  return opener;
}

/** The element of the component that the keyboard is in, if any. */
function focusedIn(root) {
  const { activeElement } = root.getRootNode();
  return root.contains(activeElement) ? activeElement : null;
}

/** A film's title as a link to its page; `lead` says where that is. */
function filmLink(film, title) {
  return h("a.about", { "data-film": film }, title);
}

/** A technical word that leads to its worked example; `words` says what it means. Without a place there it is plain text. */
function term(text, place, attributes = {}) {
  if (!place) return text;
  const here = new URLSearchParams(location.search);
  const about = ["dataset", "user"].filter((name) => here.has(name)).map((name) => `${name}=${here.get(name)}&`);
  return h("a.term", { href: `how_it_works?${about.join("")}topic=${place}`, target: "_blank", ...attributes }, text);
}

/** A text whose words of the glossary lead to their examples; `places` has where, by the words as they stand in it. */
function worded(text, places) {
  const escaped = Object.keys(places).map((each) => each.replace(/[^\w\s]/g, "\\$&"));
  const match = escaped.length && new RegExp(`(?<![\\w-])(${escaped.join("|")})(?![\\w-])`).exec(text);
  if (!match) return text;
  const [word] = match;
  const { [word]: place, ...others } = places; // each is marked where it stands for the first time
  return [text.slice(0, match.index), term(word, place), worded(text.slice(match.index + word.length), others)];
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
