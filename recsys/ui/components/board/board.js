// The heart of the Compare page: which models, their lists, and one chosen film in all of them.

const SHOWN_RUNS = 5;

function pills(data, send, kept) {
  const on = new Set(data.pills.filter((pill) => pill.on).map((pill) => pill.model));
  const isFull = data.pills.filter((pill) => pill.family && pill.on).length >= data.most_runs;
  const says = (pill) =>
    pill.is_baseline
      ? "A baseline: a simple method to beat"
      : !pill.family
        ? pill.note || null
        : isFull && !pill.on
          ? `At most ${data.most_runs} of them side by side: take another away first`
          : `${pill.label}: ${pill.family}`;
  const button = (pill) =>
    h(
      "button",
      {
        type: "button",
        class: "pill",
        color: pill.color,
        "aria-pressed": String(pill.on),
        title: says(pill),
        disabled: Boolean(pill.family) && isFull && !pill.on,
        onclick: (event) => {
          if (on.has(pill.model)) on.delete(pill.model);
          else on.add(pill.model);
          event.currentTarget.setAttribute("aria-pressed", String(on.has(pill.model)));
          send("models", [...on]);
        },
      },
      named(pill),
    );
  const extras = data.pills.filter((pill) => pill.is_extra);
  // Open where somebody has chosen one of them: a choice that cannot be seen cannot be undone.
  kept.more = kept.more || extras.some((pill) => pill.on);
  const { row: second, opener } = morePills("More models to compare", extras.map(button), kept);
  const main = data.pills.filter((pill) => !pill.is_extra && !pill.family);
  return [
    main.length
      ? h(
          "div",
          { class: "pills", role: "group", "aria-label": "Models to compare" },
          main.map(button),
          extras.length ? opener : null,
        )
      : null,
    extras.length ? second : null,
    runs(
      data.pills.filter((pill) => pill.family),
      button,
      kept,
      main.length ? "pills extra" : "pills",
    ),
  ];
}

/** What was trained here, in the order of the lists; older ones that are not chosen wait behind a button. */
function runs(pills, button, kept, place) {
  if (!pills.length) return null;
  const early = pills.filter((pill, index) => index >= pills.length - SHOWN_RUNS || pill.on),
    late = pills.filter((pill) => !early.includes(pill));
  const group = h("div", { class: place, role: "group", "aria-label": "Trained here, to compare" });
  const draw = () =>
    group.replaceChildren(
      h("span", { class: "soft heading" }, "Trained here"),
      ...(kept.runs ? pills : early).map(button),
      ...(late.length
        ? [
            h(
              "button",
              {
                type: "button",
                class: "beside",
                "aria-expanded": String(Boolean(kept.runs)),
                onclick: () => {
                  kept.runs = !kept.runs;
                  draw();
                  group.querySelector(".beside").focus();
                },
              },
              kept.runs ? "Fewer runs" : `All ${pills.length} runs`,
            ),
          ]
        : []),
    );
  draw();
  return group;
}

/** On a phone: which card is in view, and a way to go to another. */
function tabs(data, cards) {
  const buttons = data.cards.map((entry, index) =>
    h(
      "button",
      {
        type: "button",
        color: entry.color,
        "aria-pressed": String(index === 0),
        onclick: () => cards.children[index].scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" }),
      },
      named(entry),
    ),
  );
  cards.onscroll = () => {
    const at = Math.round(cards.scrollLeft / Math.max(cards.clientWidth, 1));
    buttons.forEach((button, index) => {
      if ((button.getAttribute("aria-pressed") === "true") === (index === at)) return;
      button.setAttribute("aria-pressed", String(index === at));
      if (index === at) button.parentElement.scrollTo({ left: button.offsetLeft - 60, behavior: "smooth" });
    });
  };
  return h("div", { class: "tabs", role: "group", "aria-label": "Go to a list" }, buttons);
}

function summaryOf(data, film, clear) {
  const it = film === null ? null : data.films[film];
  if (!data.cards.length) return [];
  if (!it) return [h("span", { class: "soft" }, "Choose a film to see where every model puts it.")];
  const answering = data.cards.filter((entry) => !entry.problem);
  const listing = answering.filter((entry) => it.ranks[entry.model] <= data.k);
  const isHidden = it.seen && !Object.keys(it.ranks).length;
  return [
    h("strong", null, it.year ? `${it.title} (${it.year})` : it.title),
    it.genres ? h("span", { class: "soft" }, it.genres) : null,
    h(
      "span",
      { class: "soft" },
      isHidden ? "already seen, so it is in no list" : `in ${listing.length} of ${answering.length} lists`,
    ),
    isHidden
      ? null
      : answering.map((entry) =>
          h(
            "span",
            { class: "place", color: entry.color },
            named(entry),
            ` ${it.ranks[entry.model] ? it.ranks[entry.model].toLocaleString("en") : "–"}`,
          ),
        ),
    [
      ["why", "Why?"],
      ["film", "About this film"],
    ].map(
      ([page, says]) =>
        data.links?.[page] && h("a", { class: "clear", href: data.links[page].replace("FILM", film) }, says),
    ),
    h("button", { type: "button", class: "clear", onclick: clear }, "Clear"),
  ];
}

export default function ({ data: [data], parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const kept = memory(parentElement);
  paint(root);

  const show = (film) => {
    kept.film = film;
    root.classList.toggle("has-film", film !== null);
    markFilm(root, film);
    markElsewhere(root, data, film);
    root.querySelector(".choice").replaceChildren(
      ...h(
        "div",
        null,
        summaryOf(data, film, () => choose(film)),
      ).childNodes,
    );
  };
  const choose = (film) => {
    const next = String(kept.film) === String(film) ? null : Number(film);
    show(next);
    setTriggerValue("film", next === null ? "" : String(next));
  };

  // A rerun that only confirms the chosen film must not take the keyboard's focus away by drawing all again.
  const { film, ...drawn } = data;
  const signature = JSON.stringify(drawn);
  if (kept.signature !== signature || !root.firstChild) {
    const left = root.querySelector(".cards")?.scrollLeft || 0;
    const cards = h(
      "div",
      { class: "cards", "data-count": data.cards.length },
      data.cards.map((entry) => card(entry, data.films, choose)),
    );
    const table = h("div", { class: "table" }, data.cards.length ? matrix(data, choose) : null);
    const put = (layout) => {
      root.dataset.layout = layout;
    };
    root.replaceChildren(
      h(
        "div",
        { class: "bar-top" },
        h(
          "button",
          {
            type: "button",
            class: "choosing",
            "aria-expanded": "false",
            onclick: (event) =>
              event.currentTarget.setAttribute("aria-expanded", String(root.classList.toggle("open"))),
          },
          `Models: ${data.cards.length} of ${data.pills.length}`,
        ),
        ...pills(data, setTriggerValue, kept),
        segmented(
          "How to show the lists",
          [
            ["cards", "Cards"],
            ["table", "Table"],
          ],
          data.layout,
          (layout) => {
            put(layout);
            setTriggerValue("layout", layout);
          },
        ),
      ),
      h("div", { class: "choice", role: "status" }),
      data.cards.length
        ? tabs(data, cards)
        : h("p", { class: "empty" }, "No model is chosen. Choose one or more above to see their lists."),
      cards,
      table,
    );
    put(data.layout);
    cards.scrollLeft = left;
    kept.signature = signature;
  }
  root.dataset.user = data.user;
  show(data.film);
}
