// The heart of the Compare page: which models, their lists, and one chosen film in all of them.

const SHOWN_RUNS = 5;

function chooser(data, kept, send) {
  const runs = data.pills.filter((model) => model.family);
  const isFull = runs.filter((run) => run.on).length >= data.most_runs;
  const attributes = (model) => {
    if (model.is_baseline) return { title: "A baseline: a simple method to beat" };
    if (!model.family) return { title: model.note || null };
    const isOffLimits = isFull && !model.on;
    const title = isOffLimits
      ? `At most ${data.most_runs} of them side by side: remove another first`
      : `${model.label}: ${model.family}`;
    return { title, disabled: isOffLimits };
  };
  const button = modelSwitches(data.pills, send, attributes);
  const main = data.pills.filter((model) => !model.is_extra && !model.family).map(button);
  const extras = data.pills.filter((model) => model.is_extra).map(button);
  const rows = pillRows("Models to compare", main, "More models to compare", extras, kept);
  if (!runs.length) return rows;
  const row = runRow(runs, button, kept);
  row.classList.toggle("extra", main.length > 0);
  return [rows, row];
}

/** What was trained here, in the order of the lists; older ones that are not chosen wait behind a button. */
function runRow(runs, button, kept) {
  const pills = runs.map(button);
  const late = pills.filter((_, index) => index < runs.length - SHOWN_RUNS && !runs[index].on);
  return pillRow(
    "Trained here, to compare",
    h("span.soft.heading", "Trained here"),
    pills,
    late.length > 0 && expander(kept, "runs", [`All ${runs.length} runs`, "Fewer runs"], late),
  );
}

/** On a phone: which card is in view, and a way to go to another. */
function tabs(data, cards) {
  const buttons = data.cards.map((entry, index) =>
    h(
      "button",
      {
        color: entry.color,
        "aria-pressed": String(index === 0),
        // Not scrollIntoView: it would move the page sideways as well.
        onclick: () =>
          cards.scrollTo({ left: cards.children[index].offsetLeft - cards.offsetLeft, behavior: "smooth" }),
      },
      named(entry),
    ),
  );
  cards.onscroll = () => {
    const inView = buttons[Math.round(cards.scrollLeft / Math.max(cards.clientWidth, 1))];
    if (!inView || inView.getAttribute("aria-pressed") === "true") return;
    press(buttons, inView);
    inView.parentElement.scrollTo({ left: inView.offsetLeft - 60, behavior: "smooth" });
  };
  return toolbar("div.tabs", { "aria-label": "Go to a list" }, buttons);
}

function summaryOf(data, film, clear) {
  const it = film === null ? null : data.films[film];
  if (!data.cards.length) return null;
  if (!it && !data.pills.length) return null; // said above the first of two boards
  if (!it && data.rating) return whatMoved(data);
  if (!it && data.is_guessing) return null;
  if (!it) return h("span.soft.screen", "Choose a film to see where every model puts it.");
  const answering = data.cards.filter((entry) => !entry.problem);
  const listing = answering.filter((entry) => it.ranks[entry.model] <= data.k);
  const isHidden = it.seen && !Object.keys(it.ranks).length;
  const place = (entry) => {
    const rank = it.ranks[entry.model];
    return h("span.place", { color: entry.color }, named(entry), ` ${rank ? thousands(rank) : "–"}`);
  };
  const link = (page, says) => data.links[page] && h("a.clear", { href: data.links[page].replace("FILM", film) }, says);
  return [
    h("strong", titleAndYear(it)),
    it.genres && h("span.soft", it.genres),
    h(
      "span.soft",
      isHidden ? "already seen, so it is in no list" : `in ${listing.length} of ${answering.length} lists`,
    ),
    !isHidden && answering.map(place),
    link("why", "Why?"),
    link("film", "About this film"),
    h("button.clear", { onclick: clear }, "Clear"),
  ];
}

/** Show which film is chosen, in the lists and above them. */
function show(data, film, tools) {
  const { root, kept } = tools;
  kept.film = film;
  root.classList.toggle("has-film", film !== null);
  markFilm(root, film);
  markElsewhere(root, data, film);
  fill(
    root.querySelector(".choice"),
    summaryOf(data, film, () => choose(data, film, tools)),
  );
}

/** Choose a film, or none where it is the chosen one. */
function choose(data, film, tools) {
  const next = String(tools.kept.film) === String(film) ? null : Number(film);
  show(data, next, tools);
  tools.setTriggerValue("film", next === null ? "" : String(next));
}

/** A line that says more when one points at it, and when the keyboard is on it. */
function explained(link, sentences) {
  return [
    link,
    h(
      "span.tip",
      { "aria-hidden": "true" },
      sentences.filter(Boolean).map((says) => h("span", says)),
    ),
  ];
}

/** The model's name, which leads to its card, what its order rests on, and on demand what the name stands for. */
function listHead(entry) {
  const more = [
    entry.full_name,
    entry.family,
    entry.looks_at,
    entry.problem && entry.says,
    entry.unit && `Scores: ${entry.unit}. They cannot be compared with another model’s.`,
  ];
  const name = h(
    "a.model",
    { href: entry.card || null },
    h("span.name-line", dot(entry), h("bdi.whole", entry.label), runBadge(entry)),
    h("span.rests", entry.rests_on),
    h("span.sr", `. ${[...more.filter(Boolean), "How it works"].join(". ")}`),
  );
  return { instead: explained(name, more) };
}

/** What a list found and what its model reaches, on two lines; how sure that is, on demand. */
function sumOf({ found, found_note, overall, link }, places) {
  const more = [found_note, overall?.note];
  const reached = overall && [
    h("span.overall", { class: overall.is_best && "best" }, `overall ${overall.value}`),
    overall.is_best && h("span.mark", "best"),
  ];
  return h(
    "p.sum",
    h("span.found-line", worded(found, places)),
    explained(
      h(
        "a.reached",
        { href: link },
        h("span.overall-line", reached || "overall: not on record"),
        h("span.sr", `. ${[...more.filter(Boolean), "Leaderboard"].join(". ")}`),
      ),
      more,
    ),
  );
}

/** What stands under a list: its numbers, or what the model says of itself and of this list. */
function footOf(entry, places) {
  return entry.sum ? sumOf(entry.sum, places) : h("p.found", entry.says, " ", entry.foot);
}

/** What the tour points at, in the order in which it is read. */
function tourOf(root) {
  const at = (selector) => root.querySelector(selector);
  return [
    [
      at(".card .model"),
      "Each column is one program’s list. Under its name stands what the order rests on; the name leads to how it works.",
    ],
    [
      at(".card .film"),
      "Place 1 is what the program suggests first. The same place stands on one line in all columns.",
    ],
    [
      at(".card .hit .tick"),
      "A tick: the programs did not know it, but this user watched this film later and liked it. “Guess first” hides the ticks.",
    ],
    [
      at(".card .sum"),
      "How many of those films this list found, and what the program reaches over all users. Only a best that a test supports is marked.",
    ],
    [
      at(".choice"),
      "Choose a film in any list, with a click or Enter: here you see where every program puts it, and why.",
    ],
  ];
}

/** Films that the same model lists for the other user as well, where two stand side by side. */
function markBoth(data, cards) {
  data.cards.forEach((entry, index) =>
    entry.both.forEach((film) => {
      const row = cards.children[index].querySelector(`.film[data-film="${film}"]`);
      row.classList.add("both");
      row.append(h("span.sr", `also in the list for ${data.beside}`));
    }),
  );
}

/** A cover beside each title: where it was asked for, and by default on large screens. */
function coverRows(data, cards) {
  const hasRoom = matchMedia("(min-width: 1700px) and (min-height: 860px)").matches;
  const isCovered = data.covers === "always" || (data.covers === "room" && hasRoom);
  cards.classList.toggle("covered", isCovered);
  if (!isCovered) return;
  cards.querySelectorAll(".film").forEach((row) => {
    const { film } = row.dataset;
    row.querySelector(".name").before(cover(film, data.films[film]));
  });
}

/** Which row the keyboard is in: its model, and its place in the list. */
function focusedRow(root) {
  const row = focusedIn(root)?.closest(".list li");
  return row && { model: row.closest(".card").dataset.model, place: [...row.parentElement.children].indexOf(row) };
}

function draw(data, tools) {
  const { root, kept, setTriggerValue } = tools;
  const focused = focusedRow(root);
  const held = pillInHand(root);
  const chooseFilm = (film) => choose(data, film, tools);
  const cards = cardRow(
    data.cards.map((entry) =>
      listCard(entry, data.films, chooseFilm, { head: listHead(entry), foot: footOf(entry, data.words) }),
    ),
  );
  markBoth(data, cards);
  coverRows(data, cards);
  const put = (layout) => {
    root.dataset.layout = layout;
  };
  const layouts = [
    ["cards", "Cards"],
    ["table", "Table"],
  ];
  const choosing = h(
    "button.choosing",
    {
      "aria-expanded": "false",
      onclick: () => choosing.setAttribute("aria-expanded", String(root.classList.toggle("open"))),
    },
    `Models: ${data.cards.length} of ${data.pills.length}`,
  );
  fillAround(
    root,
    data.pills.length > 0 &&
      h(
        "div.bar-top",
        choosing,
        chooser(data, kept, setTriggerValue),
        segmented("How to show the lists", layouts, data.layout, (layout) => {
          put(layout);
          setTriggerValue("layout", layout);
        }),
      ),
    h("div.choice", { role: "status" }),
    h("h2.sr", "The lists"),
    data.cards.length
      ? tabs(data, cards)
      : h("p.empty", "No model is chosen. Choose one or more above to see their lists."),
    cards,
    h("div.table", data.cards.length > 0 && matrix(data, chooseFilm)),
  );
  put(data.layout);
  root.classList.toggle("rating", data.rating !== null);
  if (data.rating) rateRows(cards, data, tools);
  takePill(root, held);
  // The film may be gone; the keyboard stays at its place of the list.
  const card = [...cards.children].find((each) => each.dataset.model === focused?.model);
  card?.querySelectorAll(".film")[focused.place]?.focus({ preventScroll: true });
}

export default drawOnce(draw, {
  // A rerun that only confirms the chosen film must not take the keyboard's focus away by drawing all again.
  shows: ({ film, tour, ...shown }) => shown,
  skip: ["Skip to the lists", ".film, .matrix button"],
  update: (data, tools) => {
    const { root, kept } = tools;
    root.dataset.user = data.user;
    if (data.rating) settleRatings(data, kept);
    show(data, data.film, tools);
    if (data.tour && data.tour !== kept.tour) startTour(root, tourOf(root));
    kept.tour = data.tour;
  },
});
