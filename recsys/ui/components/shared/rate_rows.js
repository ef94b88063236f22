// Rating a film where a list shows it: stars in its row, and what the stars have moved.

const isNewer = (kept) => Date.now() - kept.ratedAt < PATIENCE;

/** The stars of a film: as given here a moment ago, or as the page has them. */
function starsGiven(data, kept, film) {
  return (isNewer(kept) && kept.ratings.get(film)) || data.rating.rated[film];
}

/** Give a film stars. What the page has not answered to yet goes along: of two quick stars none is lost. */
function giveStars(data, { root, kept, setTriggerValue }, film, stars) {
  if (starsGiven(data, kept, film) === stars) return;
  if (!isNewer(kept)) kept.ratings.clear();
  const status = root.querySelector(".choice");
  const rated = new Set([...Object.keys(data.rating.rated).map(Number), ...kept.ratings.keys()]);
  if (!rated.has(film) && rated.size >= data.rating.most) {
    fill(status, h("span.soft", limitSentence(data.rating.most)));
    return;
  }
  kept.ratings.set(film, stars);
  kept.ratedAt = Date.now();
  fill(status, h("strong", titleAndYear(data.films[film])), h("span.soft", `${spoken(stars)}. Every model answers …`));
  root.querySelectorAll(`.film[data-film="${film}"]`).forEach((button) => button.classList.add("given"));
  setTriggerValue(
    "rate",
    [...kept.ratings].map(([id, value]) => `${id}:${value}`),
  );
}

/** The stars of a row and "not for me", made when the row is first pointed at, tapped or walked to: there are many rows. */
function starsOfRow(row, data, tools) {
  if (row.querySelector(".give")) return;
  const film = Number(row.querySelector(".film").dataset.film);
  const { scale } = data.rating;
  const give = (stars) => giveStars(data, tools, film, stars);
  const says = `Not for me: counts as ${spoken(scale.low)}`;
  row.append(
    h(
      "div.give",
      rate({ id: film, ...data.films[film] }, starsGiven(data, tools.kept, film), scale, "list", give),
      h(
        "button.away",
        {
          title: says,
          "aria-label": `${says}. ${titleAndYear(data.films[film])}`,
          onclick: ({ detail }) => detail < 2 && give(scale.low),
        },
        h("span", { "aria-hidden": "true" }, "✕"),
        h("span.in-words", " Not for me"),
      ),
    ),
  );
}

/** What happened to a film of a list, from the places that it gained; null for one that is new. */
function moveOf(up) {
  return { kind: up === null ? "new" : up > 0 ? "up" : "down", by: Math.abs(up) };
}

function goneLine(gone) {
  const said = gone.map((film) => `${film.title} (${film.rank ? `now ${thousands(film.rank)}` : "rated"})`).join(", ");
  return h("p.gone", { title: said }, h("span.soft", "Gone: "), said);
}

/** Let the films of the cards be rated, and mark how they have moved. */
function rateRows(cards, data, tools) {
  const { moved } = data.rating;
  tools.kept.ratings ??= new Map();
  const meet = (event) => {
    const row = event.target.closest(".list li");
    if (row) starsOfRow(row, data, tools);
    return row;
  };
  cards.addEventListener("pointerover", meet);
  cards.addEventListener("pointermove", meet); // a new list may come under a pointer that stands still
  // A class and not :has(:focus-visible), which ends between two elements: the star would be gone too early.
  cards.addEventListener("focusin", (event) => {
    if (event.target.matches(":focus-visible")) meet(event)?.classList.add("walked");
  });
  cards.addEventListener("focusout", (event) => {
    const row = event.target.closest(".list li");
    if (row && !row.contains(event.relatedTarget)) row.classList.remove("walked");
  });
  cards.addEventListener("click", (event) => {
    const opened = meet(event); // a tap points at nothing
    cards.querySelectorAll("li.open").forEach((row) => row.classList.toggle("open", row === opened));
    opened?.classList.add("open");
  });
  cards.addEventListener("keydown", (event) => {
    const film = event.target.closest(".film");
    const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey && event.key.trim();
    if (film && isPlain && stepsOf(data.rating.scale).includes(Number(event.key)))
      giveStars(data, tools, Number(film.dataset.film), Number(event.key));
  });
  cards.querySelectorAll(".film").forEach((film) => {
    const marks = moved[film.closest(".card").dataset.model]?.marks;
    const up = marks?.[film.dataset.film];
    film.querySelector(".score").before(up === undefined ? h("span.move") : moveMark(moveOf(up)));
    film.append(h("span.hint", { "aria-hidden": "true" }, "☆"));
  });
  cards.querySelectorAll(".card").forEach((card) => {
    const gone = moved[card.dataset.model]?.gone;
    if (gone?.length) card.querySelector(".foot").prepend(goneLine(gone));
  });
}

/** What the page has answered to is not given again. */
function settleRatings(data, kept) {
  kept.ratings?.forEach((stars, film) => data.rating.rated[film] === stars && kept.ratings.delete(film));
}

/** In a line: what the last change did to each list, or how to rate. */
function whatMoved(data) {
  const answering = data.cards.filter((entry) => data.rating.moved[entry.model]);
  if (!answering.length)
    return h(
      "span.soft",
      `Point at a film, or tap it, to rate it here: ★, or ✕ for “not for me” (counts as ${spoken(data.rating.scale.low)}).`,
    );
  const did = ({ marks, gone }) => {
    const ups = Object.values(marks);
    const isNew = ups.filter((up) => up === null).length;
    if (isNew) return `${isNew} new`;
    return ups.length || gone.length ? `${ups.length} moved` : "same";
  };
  return [
    h("span.soft", "Your last change:"),
    answering.map((entry) =>
      h("span.place", { color: entry.color }, named(entry), ` ${did(data.rating.moved[entry.model])}`),
    ),
  ];
}
