// Who is asking: what they have seen, what came next, and their taste as small bars.

const FEW = 5;

function starsOf(value, high) {
  const whole = Math.floor(value),
    half = value - whole >= 0.5;
  return h(
    "span",
    { class: "stars", role: "img", "aria-label": `${value} of ${high} stars` },
    h("span", { class: "on" }, "★".repeat(whole) + (half ? "½" : "")),
    "★".repeat(Math.max(0, high - whole - (half ? 1 : 0))),
  );
}

function historyRows(rows, high) {
  return rows.map(([film, title, year, genres, stars, date]) =>
    h(
      "tr",
      null,
      h("td", { class: "film" }, filmLink(film, title), h("span", { class: "soft" }, year ? ` ${year}` : "")),
      h("td", { class: "genres soft" }, genres),
      h("td", null, starsOf(stars, high)),
      h("td", { class: "date soft" }, date),
    ),
  );
}

function historyPanel(data, kept) {
  const body = h("tbody");
  const more = h("button", { type: "button", class: "more" });
  const note = h("span", { class: "note" });
  const scroll = h(
    "div",
    { class: "rows" },
    h(
      "table",
      null,
      h(
        "thead",
        { class: "sr" },
        h(
          "tr",
          null,
          ["Film", "Genres", "Stars", "Date"].map((name) => h("th", { scope: "col" }, name)),
        ),
      ),
      body,
    ),
  );
  let isAll = false,
    part = data.parts[0];
  const fill = () => {
    body.replaceChildren(...historyRows(isAll ? part.rows : part.rows.slice(0, FEW), data.high));
    lead(body, kept.link);
    scroll.classList.toggle("all", isAll);
    more.hidden = part.rows.length <= FEW;
    more.textContent = isAll
      ? "only the newest"
      : part.rows.length < part.total
        ? `newest ${part.rows.length} of ${part.total.toLocaleString("en")}`
        : `all ${part.total.toLocaleString("en")}`;
    note.textContent = part.note;
  };
  more.onclick = () => {
    isAll = !isAll;
    fill();
  };
  fill();
  const heading =
    data.parts.length > 1
      ? segmented(
          "Which films",
          data.parts.map((each) => [each.id, `${each.title} (${each.total.toLocaleString("en")})`]),
          part.id,
          (id) => {
            part = data.parts.find((each) => each.id === id);
            isAll = false;
            fill();
          },
        )
      : h("h2", null, `${part.title} (${part.total.toLocaleString("en")})`);
  return h(
    "section",
    { class: "panel history", "aria-label": "History" },
    h("div", { class: "top" }, heading, h("span", { class: "end" }, note, more)),
    scroll,
  );
}

function genreBars(genres) {
  const widest = Math.max(...genres.map(([, , share, base]) => Math.max(share, base)), 0.01);
  return h(
    "ul",
    { class: "genrebars" },
    genres.map(([name, count, share, base]) =>
      h(
        "li",
        { title: `${count} films, ${Math.round(100 * share)} %; everybody: ${Math.round(100 * base)} %` },
        h("span", null, name),
        h(
          "span",
          { class: "track", "aria-hidden": "true" },
          h("span", { class: "fill", style: { width: `${(100 * share) / widest}%` } }),
          h("span", { class: "base", style: { left: `${(100 * base) / widest}%` } }),
        ),
        h("span", { class: "soft share" }, `${Math.round(100 * share)} %`),
      ),
    ),
  );
}

function decadeBars(decades) {
  const highest = Math.max(...decades.map(([, count]) => count), 1);
  return h(
    "ol",
    { class: decades.length > 8 ? "decades many" : "decades", "aria-label": "Films per decade" },
    decades.map(([label, count]) =>
      h(
        "li",
        { title: `${label}: ${count} films`, "aria-label": `${label}: ${count} films` },
        h("span", { class: "column", style: { height: `${Math.max((100 * count) / highest, count ? 3 : 0)}%` } }),
        h("span", { class: "soft", "aria-hidden": "true" }, `’${label.slice(2, 4)}`),
      ),
    ),
  );
}

export default drawOnce((data, { root, kept }) => {
  root.replaceChildren(
    h(
      "div",
      { class: "profile ready" },
      historyPanel(data, kept),
      h(
        "section",
        { class: "panel taste", "aria-label": "Taste" },
        h(
          "div",
          { class: "top" },
          h("h2", null, "Taste"),
          h(
            "button",
            {
              type: "button",
              class: "fold",
              "aria-expanded": "false",
              onclick: (event) =>
                event.currentTarget.setAttribute(
                  "aria-expanded",
                  String(event.currentTarget.closest(".taste").classList.toggle("open")),
                ),
            },
            "Taste",
          ),
          h("span", { class: "note" }, "share of films; the line is everybody’s"),
        ),
        h("div", { class: "both" }, genreBars(data.genres), data.decades.length ? decadeBars(data.decades) : null),
      ),
    ),
  );
});
