// The keys of the stage: heard wherever the keyboard is, but not in a field. A line says which there are, for a while.

const SHOWN_FOR = 4000;
/** Where keys have a meaning already; a dialog, such as the tour, has its own. */
const WITH_LETTERS = "input, textarea, select, [contenteditable='true'], [role='dialog']";
const WITH_ARROWS = `${WITH_LETTERS}, [role='slider'], [role='radio'], [role='tab'], [role='combobox'], [role='region']`;
const LAYERS = "[data-testid='stPopoverBody'], [data-testid='stDialog'], [role='listbox'], [role='menu']";

/** One for the whole page, however often it is drawn; `root` is in no document once the stage has been left. */
const stage = { root: null, keys: [], press: null, hiding: 0, listens: false };

const ALWAYS = [
  { shown: "F", says: "full screen", presses: { f: fullScreen } },
  { shown: "?", says: "keys", presses: { "?": showKeys } },
];

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {}); // a browser may not allow it
}

function showKeys() {
  const line = stage.root.querySelector(".stage-keys");
  line.hidden = false;
  clearTimeout(stage.hiding);
  stage.hiding = setTimeout(() => {
    line.hidden = true;
  }, SHOWN_FOR);
}

function isIn(event, selector) {
  return event.composedPath().some((element) => element.matches?.(selector));
}

/** The word or the function of a key. Escape leaves full screen, where the browser has not done so, before the stage. */
function meaning(name) {
  if (name === "Escape" && document.fullscreenElement) return fullScreen;
  return stage.keys.map(({ presses }) => presses[name]).find(Boolean);
}

function onKey(event) {
  // Letters and Escape come first, as Streamlit has shortcuts of its own (R draws anew); arrows come last, for lists that
  // one walks through with them.
  const isArrow = event.key.startsWith("Arrow");
  if (isArrow !== (event.eventPhase === Event.BUBBLING_PHASE) || !stage.root?.isConnected) return;
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (isIn(event, isArrow ? WITH_ARROWS : WITH_LETTERS)) return;
  if (event.key === "Escape" && document.querySelector(LAYERS)) return; // it closes that
  const does = meaning(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  if (!does) return;
  event.preventDefault();
  event.stopPropagation();
  if (typeof does === "string") stage.press(does);
  else does();
}

function draw(data, { root, kept, setTriggerValue }) {
  const isFirst = !kept.line;
  stage.root = root;
  stage.keys = [...data.keys.slice(0, -1), ...ALWAYS, ...data.keys.slice(-1)];
  stage.press = (word) => setTriggerValue("press", word);
  kept.line ??= h("p.stage-keys", { role: "status", hidden: true });
  kept.about ??= h("p.sr", { role: "status" });
  if (isFirst) fill(root, kept.line, kept.about);
  fill(
    kept.line,
    stage.keys.map(({ shown, says }) => h("span", h("kbd", shown), ` ${says}`)),
  );
  kept.about.textContent = isFirst ? "" : data.about;
  if (isFirst) showKeys();
  if (stage.listens) return;
  stage.listens = true;
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("keydown", onKey);
}

export default drawOnce(draw);
