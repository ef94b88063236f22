// The heart of the Compare page: which models, their lists, and one chosen film in all of them.

function pills(data, send, kept) {
  const on = new Set(data.pills.filter((pill) => pill.on).map((pill) => pill.model));
  const button = (pill) =>
    h("button", { type: "button", class: "pill", color: pill.color, "aria-pressed": String(pill.on), title: pill.is_floor ? "A floor: a simple method to beat" : null,
      onclick: (event) => {
        if (on.has(pill.model)) on.delete(pill.model); else on.add(pill.model);
        event.currentTarget.setAttribute("aria-pressed", String(on.has(pill.model)));
        send("models", [...on]);
      } }, h("span", { class: "dot" }), pill.label);
  const extras = data.pills.filter((pill) => pill.is_extra);
  // Open where somebody has chosen one of them: a choice that cannot be seen cannot be undone.
  kept.more = kept.more || extras.some((pill) => pill.on);
  const second = h("div", { class: "pills extra", role: "group", "aria-label": "More models to compare", hidden: !kept.more }, extras.map(button));
  const opener = h("button", { type: "button", class: "beside", "aria-expanded": String(kept.more),
    onclick: (event) => {
      kept.more = second.hidden;
      second.hidden = !kept.more;
      event.currentTarget.setAttribute("aria-expanded", String(kept.more));
      event.currentTarget.textContent = kept.more ? "Fewer models" : "More models";
    } }, kept.more ? "Fewer models" : "More models");
  return [
    h("div", { class: "pills", role: "group", "aria-label": "Models to compare" },
      data.pills.filter((pill) => !pill.is_extra).map(button), extras.length ? opener : null),
    extras.length ? second : null];
}

/** On a phone: which card is in view, and a way to go to another. */
function tabs(data, cards) {
  const buttons = data.cards.map((entry, index) =>
    h("button", { type: "button", color: entry.color, "aria-pressed": String(index === 0),
      onclick: () => cards.children[index].scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" }) },
      h("span", { class: "dot" }), entry.label));
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
    h("span", { class: "soft" }, isHidden ? "already seen, so it is in no list" : `in ${listing.length} of ${answering.length} lists`),
    isHidden ? null : answering.map((entry) => h("span", { class: "place", color: entry.color },
      h("span", { class: "dot" }), `${entry.label} ${it.ranks[entry.model] ? it.ranks[entry.model].toLocaleString("en") : "–"}`)),
    h("button", { type: "button", class: "clear", onclick: clear }, "Clear")];
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
    root.querySelector(".choice").replaceChildren(...h("div", null, summaryOf(data, film, () => choose(film))).childNodes);
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
    const cards = h("div", { class: "cards", "data-count": data.cards.length },
      data.cards.map((entry) => card(entry, data.films, choose)));
    const table = h("div", { class: "table" }, data.cards.length ? matrix(data, choose) : null);
    const put = (layout) => { root.dataset.layout = layout; };
    root.replaceChildren(
      h("div", { class: "bar-top" },
        h("button", { type: "button", class: "choosing", "aria-expanded": "false",
          onclick: (event) => event.currentTarget.setAttribute("aria-expanded", String(root.classList.toggle("open"))) },
          `Models: ${data.cards.length} of ${data.pills.length}`),
        ...pills(data, setTriggerValue, kept),
        segmented("How to show the lists", [["cards", "Cards"], ["table", "Table"]], data.layout,
          (layout) => { put(layout); setTriggerValue("layout", layout); })),
      h("div", { class: "choice", role: "status" }),
      data.cards.length ? tabs(data, cards) : h("p", { class: "empty" }, "No model is chosen. Choose one or more above to see their lists."),
      cards, table);
    put(data.layout);
    cards.scrollLeft = left;
    kept.signature = signature;
  }
  root.dataset.user = data.user;
  show(data.film);
}
