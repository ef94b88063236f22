// Who is asking: what they have seen, what came next, and their taste as small bars.

const FEW = 5;

function starsOf(value, high) {
  const whole = Math.floor(value);
  const hasHalf = value - whole >= 0.5;
  return h(
    "span.stars",
    { role: "img", "aria-label": `${value} of ${high} stars` },
    h("span.on", "★".repeat(whole) + (hasHalf ? "½" : "")),
    "★".repeat(Math.max(0, high - whole - (hasHalf ? 1 : 0))),
  );
}

function historyRow([film, title, year, genres, stars, date], high) {
  return h(
    "tr",
    h("td.film", filmLink(film, title), h("span.soft", year && ` ${year}`)),
    h("td.genres.soft", genres),
    h("td", starsOf(stars, high)),
    h("td.date.soft", date),
  );
}

function historyPanel(data, kept) {
  const body = h("tbody");
  const more = h("button.more");
  const note = h("span.note");
  const columns = ["Film", "Genres", "Stars", "Date"].map((name) => h("th", { scope: "col" }, name));
  const scroll = h("div.rows", h("table", h("thead.sr", h("tr", columns)), body));
  let isAll = false;
  let part = data.parts[0];
  const draw = () => {
    const rows = isAll ? part.rows : part.rows.slice(0, FEW);
    fill(
      body,
      rows.map((row) => historyRow(row, data.high)),
    );
    lead(body, kept.link);
    scroll.classList.toggle("all", isAll);
    more.hidden = part.rows.length <= FEW;
    const newest = part.rows.length < part.total ? `newest ${part.rows.length} of` : "all";
    more.textContent = isAll ? "only the newest" : `${newest} ${thousands(part.total)}`;
    note.textContent = part.note;
  };
  more.onclick = () => {
    isAll = !isAll;
    draw();
  };
  draw();
  const titles = data.parts.map((each) => [each.id, `${each.title} (${thousands(each.total)})`]);
  const choose = (id) => {
    part = data.parts.find((each) => each.id === id);
    isAll = false;
    draw();
  };
  const heading = titles.length > 1 ? segmented("Which films", titles, part.id, choose) : h("h2", titles[0][1]);
  const top = h("div.top", heading, h("span.end", note, more));
  return h("section.panel.history", { "aria-label": "History" }, top, scroll);
}

function genreBars(genres) {
  const widest = Math.max(...genres.map(([, , share, base]) => Math.max(share, base)), 0.01);
  const percent = (share) => `${Math.round(100 * share)} %`;
  const row = ([name, count, share, base]) =>
    h(
      "li",
      { title: `${count} films, ${percent(share)}; everybody: ${percent(base)}` },
      h("span", name),
      h(
        "span.track",
        { "aria-hidden": "true" },
        h("span.fill", { style: { width: `${(100 * share) / widest}%` } }),
        h("span.base", { style: { left: `${(100 * base) / widest}%` } }),
      ),
      h("span.soft.share", percent(share)),
    );
  return h("ul.genrebars", genres.map(row));
}

function decadeBars(decades) {
  const highest = Math.max(...decades.map(([, count]) => count), 1);
  const bar = ([label, count]) => {
    const says = `${label}: ${count} films`;
    const height = `${Math.max((100 * count) / highest, count ? 3 : 0)}%`;
    return h(
      "li",
      { title: says, "aria-label": says },
      h("span.column", { style: { height } }),
      h("span.soft", { "aria-hidden": "true" }, `’${label.slice(2, 4)}`),
    );
  };
  return h("ol.decades", { class: decades.length > 8 && "many", "aria-label": "Films per decade" }, decades.map(bar));
}

function tastePanel(data) {
  const fold = h("button.fold", { "aria-expanded": "false" }, "Taste");
  const panel = h(
    "section.panel.taste",
    { "aria-label": "Taste" },
    h("div.top", h("h2", "Taste"), fold, h("span.note", "share of films; the line is everybody’s")),
    h("div.both", genreBars(data.genres), data.decades.length > 0 && decadeBars(data.decades)),
  );
  fold.onclick = () => fold.setAttribute("aria-expanded", String(panel.classList.toggle("open")));
  return panel;
}

/** Who it is, on one line that opens the rest. */
function line(data, kept, rest) {
  const last = data.last.length > 0 && h("span.last", h("span.soft", "last: "), data.last.join(", "));
  const more = h("span.fold-mark.screen", { "aria-hidden": "true" }, "more");
  const button = h(
    "button.line",
    { "aria-controls": "rest" },
    h("span.says", h("span.who", data.says.join(" · ")), last),
    more,
  );
  const show = () => {
    rest.hidden = !kept.isOpen;
    button.setAttribute("aria-expanded", String(Boolean(kept.isOpen)));
    more.textContent = kept.isOpen ? "less ▴" : "more ▾";
  };
  button.onclick = () => {
    kept.isOpen = !kept.isOpen;
    show();
  };
  show();
  return button;
}

export default drawOnce((data, { root, kept }) => {
  const rest = h("div.profile", { id: "rest" }, historyPanel(data, kept), tastePanel(data));
  fill(root, data.says.length > 0 && line(data, kept, rest), rest);
});
