// The films of a new user: found by title, rated with stars, in the order in which they were watched.
// What is kept between two calls is the films, what is asked for and the parts of the editor, each drawn on its own.

/** In milliseconds: how long to wait for another letter. */
const PAUSE = 90;

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

const fullSentence = (kept) => limitSentence(kept.data.most);
const isFull = (kept) => kept.films.length >= kept.data.most;
const starsOf = (kept, id) => kept.films.find((film) => film.id === id)?.stars;

function filmCell(film, place, extra) {
  const link = filmLink(film.id, film.title);
  link.dataset.key = `about:${place}:${film.id}`;
  return h("span.name", h("span.title", link), h("span.meta", [film.year, extra].filter(Boolean).join(" · ")));
}

const drawn = new WeakMap();

/** Draw anew only what has changed, as a click whose button is replaced under it is lost; keep the keyboard's place and the scroll. */
function redraw(place, what, draw, instead) {
  const signature = JSON.stringify(what);
  if (drawn.get(place) === signature) return;
  drawn.set(place, signature);
  const key = focusedIn(place)?.dataset.key;
  const top = place.scrollTop;
  fill(place, draw());
  place.scrollTop = top;
  if (key === undefined) return;
  const again = [...place.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  const next = again || instead(key);
  next?.focus({ preventScroll: Boolean(again) });
}

/** Up and down through the rows of a list, keeping to the same kind of button. */
function walkRows(event, place, first) {
  if (event.altKey || !(event.key in STEPS)) return;
  const rows = [...place.querySelectorAll("li")];
  const row = rows[rows.indexOf(event.target.closest("li")) + STEPS[event.key]];
  const kind = event.target.closest(".rate") ? ".rate [tabindex='0']" : `.${event.target.className.split(" ")[0]}`;
  if (row) row.querySelector(kind)?.focus();
  else if (event.key === "ArrowUp") first?.focus();
  event.preventDefault();
}

/** Which films have been here: one that the page has and this editor never had was rated in a list. */
function remember(kept, films) {
  films.forEach((film) => kept.known.add(film.id));
}

function change(kept, films, says) {
  Object.assign(kept, { films, stamp: Date.now(), at: Date.now() });
  kept.spoke.textContent = `${says} ${films.length} of ${kept.data.most} films.`;
  remember(kept, films);
  kept.send("films", {
    stamp: kept.stamp,
    films: films.map((film) => `${film.id}:${film.stars}`),
    known: [...kept.known],
  });
  drawFilms(kept);
}

function give(kept, film, stars) {
  const before = starsOf(kept, film.id);
  if (before === stars) return;
  const says = `${titleAndYear(film)}: ${spoken(stars)}.`;
  if (before !== undefined) {
    const films = kept.films.map((each) => (each.id === film.id ? { ...each, stars } : each));
    change(kept, films, says);
  } else if (isFull(kept)) kept.spoke.textContent = fullSentence(kept);
  else {
    change(kept, [...kept.films, { ...film, stars }], says);
    kept.rows.scrollTop = kept.rows.scrollHeight;
  }
}

function move(kept, at, by) {
  if (at + by < 0 || at + by >= kept.films.length) return;
  const films = [...kept.films];
  [films[at], films[at + by]] = [films[at + by], films[at]];
  change(kept, films, `${titleAndYear(films[at + by])} is number ${at + by + 1} now.`);
}

function remove(kept, at) {
  const films = kept.films.filter((_, index) => index !== at);
  change(kept, films, `${titleAndYear(kept.films[at])} was removed.`);
}

function ask(kept, asked) {
  kept.ask = asked;
  clearTimeout(kept.timer);
  kept.send("ask", asked);
  drawChips(kept);
}

function foundRow(kept, film) {
  const value = starsOf(kept, film.id);
  return h(
    "li",
    { class: value !== undefined ? "rated" : isFull(kept) && "full" },
    filmCell(film, "found", film.genres),
    rate(film, value, kept.data.scale, "found", (stars) => give(kept, film, stars)),
  );
}

function drawFound(kept) {
  const { found, scale, said } = kept.data;
  kept.said.textContent = isFull(kept) ? fullSentence(kept) : said;
  const stars = found.map((film) => starsOf(kept, film.id) ?? null);
  redraw(
    kept.results,
    [found, stars, isFull(kept), scale],
    () => found.map((film) => foundRow(kept, film)),
    () => kept.input,
  );
}

function ratedRow(kept, film, at) {
  const tool = (name, sign, says, onclick, isOff) =>
    h(
      `button.tool.${name}`,
      {
        "data-key": `${name}:${film.id}`,
        title: says,
        "aria-label": `${says}: ${titleAndYear(film)}`,
        "aria-disabled": isOff && "true",
        onclick,
      },
      sign,
    );
  const onkeydown = (event) => {
    if (event.altKey && event.key in STEPS) {
      event.preventDefault();
      move(kept, at, STEPS[event.key]);
    }
    if (event.key === "Delete") remove(kept, at);
  };
  return h(
    "li",
    { onkeydown },
    h("span.rank", { "aria-hidden": "true" }, at + 1),
    filmCell(film, "mine"),
    rate(film, film.stars, kept.data.scale, "mine", (stars) => give(kept, film, stars)),
    h(
      "span.toolbox",
      tool("earlier", "↑", "Watched earlier", () => move(kept, at, -1), at === 0),
      tool("later", "↓", "Watched later", () => move(kept, at, 1), at === kept.films.length - 1),
      tool("away", "✕", "Remove", () => remove(kept, at)),
    ),
  );
}

function starterRow(kept, { name, films }) {
  const onclick = () => change(kept, films, `${name}.`);
  const titles = films.map((film) => `${film.title} ${film.stars}★`).join(", ");
  return h(
    "li.starter",
    h("button.begin", { "data-key": `begin:${name}`, onclick }, h("span.title", name), h("span.meta", titles)),
  );
}

function drawMine(kept) {
  const { most, order, starters, scale } = kept.data;
  const n = kept.films.length;
  const clear = () => change(kept, [], "All films were removed.");
  kept.heading.textContent = n ? `Your films (${n} of ${most})` : "Your films";
  redraw(
    kept.tools,
    n > 0,
    () => n > 0 && h("button.beside", { "data-key": "clear", onclick: clear }, "Clear all"),
    () => kept.input,
  );
  kept.hint.textContent = n ? order : "None yet. Find some and give them stars, or start from somebody else’s taste:";
  kept.rows.classList.toggle("empty", !n);
  redraw(
    kept.rows,
    [kept.films, n ? null : starters, scale],
    () => (n ? kept.films.map((film, at) => ratedRow(kept, film, at)) : starters.map((each) => starterRow(kept, each))),
    (key) =>
      kept.rows.querySelector(`[data-key^="${key.split(":")[0]}"]`) || kept.rows.querySelector("button") || kept.input,
  );
}

function drawFilms(kept) {
  drawFound(kept);
  drawMine(kept);
  lead(kept.root, kept.link);
}

function drawChips(kept) {
  const { genres, decades } = kept.data;
  const isByGenre = kept.side === "genres";
  const asked = isByGenre ? kept.ask.genre : kept.ask.decade;
  const isOn = (value) => kept.ask.query === "" && asked === value;
  const choose = (value) => {
    kept.input.value = "";
    ask(kept, { query: "", genre: isByGenre ? value || "" : "", decade: isByGenre ? null : value });
  };
  const chip = (value) =>
    h(
      "button.chip",
      {
        "data-key": `chip:${value}`,
        "aria-pressed": String(isOn(value)),
        onclick: () => choose(isOn(value) ? null : value),
      },
      isByGenre ? value : `${value}s`,
    );
  const chips = isByGenre ? genres : decades;
  redraw(
    kept.chips,
    [chips, chips.map(isOn)],
    () => chips.map(chip),
    () => null,
  );
  stopAt(kept.chips, focusedIn(kept.chips));
}

/** On a phone the lists stand below. */
function toLists(root) {
  const { host } = root.getRootNode();
  const lists = host.ownerDocument.querySelector(".st-key-films_lists");
  if (!lists) return;
  lists.style.scrollMarginTop = "4rem"; // the menu covers the top
  lists.scrollIntoView({ behavior: "smooth" });
}

function build(data, { root, kept }) {
  const { asked, films, stamp } = data;
  const side = asked.decade === null ? "genres" : "decades";
  Object.assign(kept, { root, films, stamp, at: 0, side, ask: asked, known: new Set() });
  const part = (name, tag, attributes, make = h) => {
    kept[name] = make(`${tag}.${name}`, attributes);
    return kept[name];
  };
  const input = h("input", {
    type: "search",
    placeholder: "Search for a film you have seen",
    "aria-label": "Search for a film by title",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "100",
  });
  kept.input = input;
  kept.spoke = h("p.sr", { role: "status" });
  const sides = [
    ["genres", "Genres"],
    ["decades", "Decades"],
  ];
  const sideChoice = segmented("Well-known films", sides, side, (chosen) => {
    kept.side = chosen;
    drawChips(kept);
  });
  fill(
    root,
    h(
      "div.editor",
      h(
        "section.panel.find.screen",
        { "aria-label": "Find films" },
        h(
          "div.seek",
          input,
          h("div", sideChoice),
          h("button.to-lists", { onclick: () => toLists(root) }, "To the lists ↓"),
        ),
        part("chips", "div", { "aria-label": "Well-known films" }, toolbar),
        part("said", "p", { role: "status" }),
        part("results", "ul", { "aria-label": "Films found" }),
      ),
      h(
        "section.panel.mine",
        { "aria-label": "Your films" },
        h("div.top", part("heading", "h2"), part("tools", "div")),
        part("hint", "p"),
        part("rows", "ol", { "aria-label": "Your films, the latest last" }),
      ),
      kept.spoke,
    ),
  );
  input.value = asked.query;
  input.oninput = () => {
    clearTimeout(kept.timer);
    kept.timer = setTimeout(() => ask(kept, { query: input.value, genre: "", decade: null }), PAUSE);
  };
  input.onkeydown = (event) => {
    if (!["ArrowDown", "Enter"].includes(event.key)) return;
    kept.results.querySelector("[tabindex='0']")?.focus();
    event.preventDefault();
  };
  kept.results.onkeydown = (event) => {
    if (event.key === "Escape") input.focus();
    else walkRows(event, kept.results, input);
  };
  kept.rows.onkeydown = (event) => walkRows(event, kept.rows, null);
}

function update(data, { kept, setTriggerValue }) {
  Object.assign(kept, { data, send: setTriggerValue });
  // What was changed here a moment ago is newer than an answer to something before it.
  const before = kept.films.length;
  if (data.stamp === kept.stamp || Date.now() - kept.at > PATIENCE)
    Object.assign(kept, { films: data.films, stamp: data.stamp });
  remember(kept, kept.films);
  drawChips(kept);
  drawFilms(kept);
  if (kept.films.length > before) kept.rows.scrollTop = kept.rows.scrollHeight; // rated in a list, say
}

// Built once; what has changed of its parts is drawn by `update`.
export default drawOnce(build, { shows: () => null, update });
