// The films of a new user: found by title, rated with stars, in the order in which they were watched.

const PAUSE = 90,
  PATIENCE = 5000;

const called = (film) => (film.year ? `${film.title} (${film.year})` : film.title);
const spoken = (stars) => `${stars} ${stars === 1 ? "star" : "stars"}`;

/** Stars to give. Arrows walk along them without giving any; Enter, Space or a digit gives them. */
function rate(film, value, scale, prefix, give) {
  const steps = Array.from(
    { length: Math.round((scale.high - scale.low) / scale.step) + 1 },
    (_, at) => scale.low + at * scale.step,
  );
  const at = steps.indexOf(value);
  const buttons = steps.map((stars, index) =>
    h(
      "button",
      {
        type: "button",
        role: "radio",
        "data-key": `${prefix}:${film.id}:${stars}`,
        class: `star${index <= at ? " on" : ""}${scale.step < 1 ? (stars % 1 ? " left" : " right") : ""}`,
        "aria-checked": String(index === at),
        tabindex: index === Math.max(at, 0) ? "0" : "-1",
        "aria-label": spoken(stars),
        onclick: () => give(stars),
      },
      h("span", { "aria-hidden": "true" }, "★"),
    ),
  );
  const walk = {
    ArrowRight: (now) => now + 1,
    ArrowLeft: (now) => now - 1,
    Home: () => 0,
    End: () => steps.length - 1,
  };
  return h(
    "div",
    {
      class: "rate",
      role: "radiogroup",
      "aria-label": `Stars for ${called(film)}`,
      onkeydown: (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key in walk) {
          const next = buttons[walk[event.key](buttons.indexOf(event.target))];
          if (next) next.focus();
          event.preventDefault();
        } else if (steps.includes(Number(event.key)) && event.key.trim()) give(Number(event.key));
      },
    },
    buttons,
  );
}

function filmCell(film, place, extra) {
  const link = filmLink(film.id, film.title);
  link.dataset.key = `about:${place}:${film.id}`;
  return h(
    "span",
    { class: "name" },
    h("span", { class: "title" }, link),
    h("span", { class: "meta" }, [film.year, extra].filter(Boolean).join(" · ")),
  );
}

const drawn = new WeakMap();

/** Draw anew only what has changed, as a click whose button is replaced under it is lost; keep the keyboard's place and the scroll. */
function redraw(place, what, draw, instead) {
  const signature = JSON.stringify(what);
  if (drawn.get(place) === signature) return;
  drawn.set(place, signature);
  const children = draw();
  const root = place.getRootNode(),
    key = place.contains(root.activeElement) ? root.activeElement.dataset.key : null;
  const top = place.scrollTop;
  place.replaceChildren(...children.filter(Boolean));
  place.scrollTop = top;
  if (key === null || key === undefined) return;
  const again = [...place.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  const next = again || instead(key);
  if (next) next.focus({ preventScroll: Boolean(again) });
}

/** Up and down through the rows of a list, keeping to the same kind of button. */
function walkRows(event, place, first) {
  if (event.altKey || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const rows = [...place.querySelectorAll("li")],
    at = rows.indexOf(event.target.closest("li"));
  const row = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
  const kind = event.target.closest(".rate") ? ".rate [tabindex='0']" : `.${event.target.className.split(" ")[0]}`;
  (row ? row.querySelector(kind) : event.key === "ArrowUp" ? first : null)?.focus();
  event.preventDefault();
}

function build(root, kept) {
  const input = h("input", {
    type: "search",
    placeholder: "Search for a film you have seen",
    "aria-label": "Search for a film by title",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "100",
  });
  const part = (name, tag = "div", attributes = {}) => (kept[name] = h(tag, { class: name, ...attributes }));
  kept.input = input;
  root.replaceChildren(
    h(
      "div",
      { class: "editor ready" },
      h(
        "section",
        { class: "panel find", "aria-label": "Find films" },
        h("div", { class: "seek" }, input, part("by")),
        part("chips", "div", { role: "group", "aria-label": "Well-known films" }),
        part("said", "p", { role: "status" }),
        part("results", "ul", { "aria-label": "Films found" }),
      ),
      h(
        "section",
        { class: "panel mine", "aria-label": "Your films" },
        h("div", { class: "top" }, part("heading", "h2"), part("tools")),
        part("hint", "p"),
        part("rows", "ol", { "aria-label": "Your films, the latest last" }),
      ),
      part("spoke", "p", { class: "sr", role: "status" }),
    ),
  );
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);
  if (!kept.input || !root.contains(kept.input)) {
    build(root, kept);
    Object.assign(kept, {
      films: data.films,
      stamp: data.stamp,
      at: 0,
      side: data.asked.decade === null ? "genres" : "decades",
    });
    kept.input.value = data.asked.query;
    kept.ask = data.asked;
  }
  Object.assign(kept, { data, send: setTriggerValue });
  // What was changed here a moment ago is newer than an answer to something before it.
  if (data.stamp === kept.stamp || Date.now() - kept.at > PATIENCE)
    Object.assign(kept, { films: data.films, stamp: data.stamp });

  const starsOf = (id) => kept.films.find((film) => film.id === id)?.stars;
  const change = (films, says) => {
    Object.assign(kept, { films, stamp: Date.now(), at: Date.now() });
    kept.spoke.textContent = `${says} ${films.length} of ${kept.data.most} films.`;
    kept.send("films", { stamp: kept.stamp, films: films.map((film) => `${film.id}:${film.stars}`) });
    drawAll();
  };
  const give = (film) => (stars) => {
    if (starsOf(film.id) === stars) return;
    const isNew = starsOf(film.id) === undefined;
    if (isNew && kept.films.length >= kept.data.most) {
      kept.spoke.textContent = FULL;
      return;
    }
    change(
      isNew
        ? [...kept.films, { ...film, stars }]
        : kept.films.map((each) => (each.id === film.id ? { ...each, stars } : each)),
      `${called(film)}: ${spoken(stars)}.`,
    );
    if (isNew) kept.rows.scrollTop = kept.rows.scrollHeight;
  };
  const FULL = `${data.most} films are the most that fit: take one away to add another.`;
  const move = (at, by) => {
    if (at + by < 0 || at + by >= kept.films.length) return;
    const films = [...kept.films];
    [films[at], films[at + by]] = [films[at + by], films[at]];
    change(films, `${called(films[at + by])} is number ${at + by + 1} now.`);
  };
  const remove = (at) =>
    change(
      kept.films.filter((_, index) => index !== at),
      `${called(kept.films[at])} is taken away.`,
    );
  const ask = (asked) => {
    kept.ask = asked;
    clearTimeout(kept.timer);
    kept.send("ask", asked);
    drawChips();
  };

  const drawFound = () => {
    const isFull = kept.films.length >= kept.data.most;
    kept.said.textContent = isFull ? FULL : kept.data.said;
    const stars = kept.data.found.map((film) => starsOf(film.id) ?? null);
    redraw(
      kept.results,
      [kept.data.found, stars, isFull, kept.data.scale],
      () =>
        kept.data.found.map((film) => {
          const value = starsOf(film.id);
          return h(
            "li",
            { class: value === undefined ? (isFull ? "full" : null) : "rated" },
            filmCell(film, "found", film.genres),
            rate(film, value, kept.data.scale, "found", give(film)),
          );
        }),
      () => kept.input,
    );
  };
  const drawMine = () => {
    const n = kept.films.length;
    kept.heading.textContent = n ? `Your films (${n} of ${kept.data.most})` : "Your films";
    redraw(
      kept.tools,
      n > 0,
      () => [
        n
          ? h(
              "button",
              {
                type: "button",
                class: "beside",
                "data-key": "clear",
                onclick: () => change([], "All films are taken away."),
              },
              "Clear all",
            )
          : null,
      ],
      () => kept.input,
    );
    kept.hint.textContent = n
      ? kept.data.order
      : "None yet. Find some and give them stars, or begin with somebody else’s taste:";
    kept.rows.classList.toggle("empty", !n);
    redraw(
      kept.rows,
      [kept.films, n ? null : kept.data.starters, kept.data.scale],
      () =>
        n
          ? kept.films.map((film, at) => {
              const tool = (name, sign, says, act, off) =>
                h(
                  "button",
                  {
                    type: "button",
                    class: `tool ${name}`,
                    "data-key": `${name}:${film.id}`,
                    title: says,
                    "aria-label": `${says}: ${called(film)}`,
                    "aria-disabled": off ? "true" : null,
                    onclick: () => {
                      if (!off) act();
                    },
                  },
                  sign,
                );
              return h(
                "li",
                {
                  onkeydown: (event) => {
                    if (event.altKey && event.key in { ArrowUp: 1, ArrowDown: 1 }) {
                      event.preventDefault();
                      move(at, event.key === "ArrowUp" ? -1 : 1);
                    }
                    if (event.key === "Delete") remove(at);
                  },
                },
                h("span", { class: "rank", "aria-hidden": "true" }, at + 1),
                filmCell(film, "mine"),
                rate(film, film.stars, kept.data.scale, "mine", give(film)),
                h(
                  "span",
                  { class: "toolbox" },
                  tool("earlier", "↑", "Watched earlier", () => move(at, -1), at === 0),
                  tool("later", "↓", "Watched later", () => move(at, 1), at === n - 1),
                  tool("away", "✕", "Take away", () => remove(at)),
                ),
              );
            })
          : kept.data.starters.map((starter) =>
              h(
                "li",
                { class: "starter" },
                h(
                  "button",
                  {
                    type: "button",
                    class: "begin",
                    "data-key": `begin:${starter.name}`,
                    onclick: () => change(starter.films, `${starter.name}.`),
                  },
                  h("span", { class: "title" }, starter.name),
                  h("span", { class: "meta" }, starter.films.map((film) => `${film.title} ${film.stars}★`).join(", ")),
                ),
              ),
            ),
      (key) =>
        kept.rows.querySelector(`[data-key^="${key.split(":")[0]}"]`) ||
        kept.rows.querySelector("button") ||
        kept.input,
    );
  };
  const drawChips = () => {
    const isOn = (name) =>
      kept.ask.query === "" && String(kept.ask[kept.side === "genres" ? "genre" : "decade"]) === String(name);
    const chips =
      kept.side === "genres"
        ? kept.data.genres.map((name) => [name, name])
        : kept.data.decades.map((year) => [year, `${year}s`]);
    redraw(
      kept.chips,
      [chips, chips.map(([value]) => isOn(value))],
      () =>
        chips.map(([value, label]) =>
          h(
            "button",
            {
              type: "button",
              class: "chip",
              "data-key": `chip:${value}`,
              "aria-pressed": String(isOn(value)),
              onclick: () => {
                kept.input.value = "";
                const chosen = isOn(value) ? null : value;
                ask({
                  query: "",
                  genre: kept.side === "genres" ? chosen || "" : "",
                  decade: kept.side === "decades" ? chosen : null,
                });
              },
            },
            label,
          ),
        ),
      () => null,
    );
  };
  const drawAll = () => {
    drawFound();
    drawMine();
    lead(root, kept.data.link);
  };

  kept.input.oninput = () => {
    clearTimeout(kept.timer);
    kept.timer = setTimeout(() => ask({ query: kept.input.value, genre: "", decade: null }), PAUSE);
  };
  kept.input.onkeydown = (event) => {
    if (["ArrowDown", "Enter"].includes(event.key)) {
      kept.results.querySelector("[tabindex='0']")?.focus();
      event.preventDefault();
    }
  };
  kept.results.onkeydown = (event) => {
    if (event.key === "Escape") kept.input.focus();
    else walkRows(event, kept.results, kept.input);
  };
  kept.rows.onkeydown = (event) => walkRows(event, kept.rows, null);
  if (!kept.by.firstChild)
    kept.by.append(
      segmented(
        "Well-known films",
        [
          ["genres", "Genres"],
          ["decades", "Decades"],
        ],
        kept.side,
        (side) => {
          kept.side = side;
          kept.drawChips();
        },
      ),
    );
  kept.drawChips = drawChips;
  drawChips();
  drawAll();
}
