// Draws nothing but a tip: what a technical word means, where it stands. A word is a link to How it works, anywhere on the
// page; its fragment says which word it is. Hover and focus show the tip, Escape hides it. A finger cannot hover: the first
// tap shows the tip, the second one follows the link.

const LINK = 'a[href*="how_it_works?"][href*="#"]';
const EDGE = 8;
const STYLE = `${LINK} { color: inherit !important; text-decoration: underline dotted !important; text-underline-offset: 0.2em; cursor: help; }`;

/** The word that an event is about; a component keeps its links in a tree of its own. */
function wordAt(event) {
  return event.composedPath().find((element) => element.matches?.(LINK));
}

function meaning(link) {
  return current.says[decodeURIComponent(link.hash.slice(1))];
}

function place(tip, link) {
  const at = link.getBoundingClientRect();
  const box = tip.getBoundingClientRect();
  const left = Math.max(EDGE, Math.min(at.left, window.innerWidth - box.width - EDGE));
  const above = at.top - box.height - EDGE;
  tip.style.left = `${left}px`;
  tip.style.top = `${above > EDGE ? above : at.bottom + EDGE}px`;
}

function hide() {
  current.tip.hidden = true;
  current.link = null;
}

function show(link) {
  const says = meaning(link);
  if (!says) return;
  current.link = link;
  link.setAttribute("aria-description", says);
  fill(current.tip, says);
  current.tip.hidden = false;
  place(current.tip, link);
}

/** One for the whole page, however often it is drawn. */
const current = { says: {}, tip: null, link: null, listens: false, touched: false };

function listen() {
  current.listens = true;
  document.addEventListener("pointerover", (event) => {
    const link = wordAt(event);
    if (event.pointerType === "touch") return;
    if (link) show(link);
    // A pointer that rests is over something else once the keyboard has scrolled the page.
    else if (current.link && !current.link.matches(":focus-visible")) hide();
  });
  document.addEventListener("focusin", (event) => {
    const link = wordAt(event);
    if (link && !current.touched) show(link);
    else if (current.link && !link) hide();
  });
  // A focus that moves inside a component is not heard of outside; the key that moved it is.
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Tab") return;
    const link = wordAt(event);
    if (link) show(link);
    else if (current.link) hide();
  });
  document.addEventListener("pointerdown", (event) => {
    current.touched = event.pointerType === "touch";
  });
  document.addEventListener(
    "click",
    (event) => {
      const link = wordAt(event);
      const isFirstTap = link && current.touched && current.link !== link && meaning(link);
      if (isFirstTap) {
        event.preventDefault();
        show(link);
      } else if (current.link) hide();
      current.touched = false;
    },
    true,
  );
  document.addEventListener("keydown", ({ key }) => key === "Escape" && hide());
  // The keyboard scrolls to a link that it reaches, and the tip goes with it.
  document.addEventListener("scroll", () => current.link && place(current.tip, current.link), true);
  const style = document.createElement("style");
  style.textContent = STYLE;
  document.head.append(style);
}

export default drawOnce((data, { root }) => {
  current.says = data.says;
  current.tip = h("div.tip", { role: "tooltip", hidden: true });
  fill(root, current.tip);
  if (!current.listens) listen();
});
