// The films as points on a map: hover says which, a click opens the film, the legend picks out a group.
// Not drawn by plotly: there a point has no keyboard, here the list beside the map points at its films; and a finger scrolls
// past it.

const NEAR_ENOUGH = 22;
/** Of --step-0, --step-1, ...: as many as there are decades at most. */
const N_STEPS = 8;

/** Where the points are, in the units of the drawing: y grows downwards there. */
function placesOf(data, kind) {
  return data.places[kind].map(([x, y]) => [x, -y]);
}

function drawing(data, view, places) {
  const groups = data.groups[view.colour];
  const map = svg("svg", {
    viewBox: "-1040 -1040 2080 2080",
    role: "img",
    "aria-label": `Map of ${data.ids.length} films by ${data.model.label}. The lists of nearest films above say the same in words.`,
  });
  const listed = new Set(data.listed),
    seen = new Set(view.seen ? data.seen : []),
    marks = [];
  if (data.film !== null) {
    data.near.forEach((row) =>
      map.append(
        svg("line", {
          class: "tie",
          x1: places[data.film][0],
          y1: places[data.film][1],
          x2: places[row][0],
          y2: places[row][1],
        }),
      ),
    );
  }
  places.forEach(([x, y], row) => {
    const group = groups.of[row];
    const point = svg("circle", {
      cx: x,
      cy: y,
      "data-row": row,
      class: view.only === null || view.only === group ? "point" : "point faded",
    });
    point.style.setProperty("--shade", shade(view.colour, groups, group));
    map.append(point);
    if (seen.has(row))
      marks.push(
        svg("circle", { cx: x, cy: y, class: view.only === null || view.only === group ? "seen" : "seen beside" }),
      );
  });
  if (view.listed)
    listed.forEach((row) =>
      marks.push(
        svg("path", { class: "listed", d: `M ${places[row][0]} ${places[row][1] - 34} l 30 34 l -30 34 l -30 -34 Z` }),
      ),
    );
  if (data.film !== null)
    marks.push(svg("circle", { cx: places[data.film][0], cy: places[data.film][1], class: "this" }));
  map.append(...marks);
  return map;
}

/** A genre has a colour of its own; decades and popularity go from near the background to far from it, in lightness and in hue. */
function shade(colour, groups, group) {
  if (colour === "genre")
    return groups.names[group] === "Other" ? "var(--other)" : `var(--group-${groups.shades[group]})`;
  if (groups.names[group] === "unknown") return "var(--other)";
  const last = Math.max(groups.names.filter((name) => name !== "unknown").length - 1, 1);
  return `var(--step-${Math.round(((N_STEPS - 1) * group) / last)})`;
}

function legend(data, view, draw) {
  const groups = data.groups[view.colour];
  return h(
    "ul",
    { class: "legend", "aria-label": "Groups of films" },
    groups.names.map((name, group) =>
      h(
        "li",
        null,
        h(
          "button",
          {
            type: "button",
            "aria-pressed": String(view.only === group),
            title: "Pick out this group",
            onclick: () => {
              view.only = view.only === group ? null : group;
              draw(`[data-group="${group}"]`);
            },
            "data-group": group,
          },
          h("span", { class: "swatch", style: { background: shade(view.colour, groups, group) } }),
          name,
          h("span", { class: "soft" }, ` ${groups.sizes[group].toLocaleString("en")}`),
        ),
      ),
    ),
  );
}

function marks(data, view, draw) {
  const toggle = (name, mark, text) =>
    h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          "aria-pressed": String(view[name]),
          "data-mark": name,
          onclick: () => {
            view[name] = !view[name];
            draw(`[data-mark="${name}"]`);
          },
        },
        h("span", { class: `mark ${mark}` }),
        text,
      ),
    );
  const whose = data.person === "You" ? "you have seen" : `${data.person} has seen`;
  const placed = data.seen.length.toLocaleString("en"),
    all = `${data.n_seen.toLocaleString("en")} ${data.n_seen === 1 ? "film" : "films"}`;
  return h(
    "ul",
    { class: "legend marks", "aria-label": "What is marked" },
    data.film === null
      ? null
      : h(
          "li",
          null,
          h("span", { class: "still" }, h("span", { class: "mark ring" }), "this film, tied to its eight nearest"),
        ),
    toggle("seen", "dotted", `${data.seen.length === data.n_seen ? all : `${placed} of ${all}`} that ${whose}`),
    data.listed.length
      ? toggle("listed", "diamond", `the list for ${data.person === "You" ? "you" : data.person}`)
      : null,
  );
}

function listOf(data, choose) {
  if (!data.listed.length) return null;
  return h(
    "div",
    { class: "list" },
    h(
      "h3",
      null,
      named(data.model),
      h("span", { class: "soft" }, ` for ${data.person === "You" ? "you" : data.person}`),
    ),
    h(
      "ol",
      null,
      data.listed.map((row) =>
        h("li", null, h("button", { type: "button", "data-row": row, onclick: () => choose(row) }, data.labels[row])),
      ),
    ),
  );
}

export default drawOnce((data, { root, kept, setTriggerValue }) => {
  if (!kept.view || kept.view.colour !== data.colour)
    kept.view = { seen: true, listed: true, ...kept.view, only: null };
  Object.assign(kept.view, { kind: data.kind, colour: data.colour });
  const view = kept.view;
  const choose = (row) => setTriggerValue("film", String(data.ids[row]));
  const keep = () => setTriggerValue("topic", `${data.model.model}-${view.kind}-${view.colour}`);
  const pills = h(
    "div",
    { class: "pills", role: "group", "aria-label": "Whose map" },
    data.models.map((model) =>
      h(
        "button",
        {
          type: "button",
          class: "pill",
          color: model.color,
          "data-model": model.model,
          "aria-pressed": String(model.model === data.model.model),
          onclick: () => setTriggerValue("topic", `${model.model}-${view.kind}-${view.colour}`),
        },
        named(model),
      ),
    ),
  );
  const tip = h("div", { class: "tip", hidden: true });
  const plot = h("div", { class: "plot", color: data.model.color });
  const side = h("div", { class: "side", color: data.model.color });
  let places = [];

  const nearest = (event) => {
    const box = plot.querySelector("svg").getBoundingClientRect(),
      scale = box.width / 2080;
    const x = (event.clientX - box.left) / scale - 1040,
      y = (event.clientY - box.top) / scale - 1040;
    let best = null,
      least = NEAR_ENOUGH / scale;
    places.forEach(([px, py], row) => {
      if (view.only !== null && data.groups[view.colour].of[row] !== view.only) return;
      const away = Math.hypot(px - x, py - y);
      if (away < least) [best, least] = [row, away];
    });
    return best;
  };
  const point = (row) => {
    plot.querySelector(".over")?.remove();
    tip.hidden = row === null;
    if (row === null) return;
    const [x, y] = places[row];
    plot.querySelector("svg").append(svg("circle", { cx: x, cy: y, class: "over" }));
    const extra = data.groups[view.colour].names[data.groups[view.colour].of[row]];
    tip.replaceChildren(
      h("strong", null, data.labels[row]),
      h("span", { class: "soft" }, [extra, data.seen.includes(row) ? "seen" : null].filter(Boolean).join(" · ")),
    );
    tip.style.left = `${50 + x / 20.8}%`;
    tip.style.top = `${50 + y / 20.8}%`;
    tip.dataset.side = `${y < -600 ? "below" : "above"} ${x < -450 ? "right" : x > 450 ? "left" : "middle"}`;
  };
  const draw = (focus) => {
    places = placesOf(data, view.kind);
    const map = drawing(data, view, places);
    map.onpointermove = (event) => point(nearest(event));
    map.onpointerleave = () => point(null);
    map.onclick = (event) => {
      const row = nearest(event);
      if (row !== null) choose(row);
    };
    plot.replaceChildren(map, tip);
    point(null);
    side.replaceChildren(
      ...[
        legend(data, view, draw),
        data.colour_notes[view.colour] ? h("p", { class: "note" }, data.colour_notes[view.colour]) : null,
        marks(data, view, draw),
        listOf(data, choose),
        h("p", { class: "note" }, `${data.notes[view.kind]} ${data.note}`),
      ].filter(Boolean),
    );
    side.querySelectorAll(".list button").forEach((button) => {
      button.onpointerenter = button.onfocus = () => point(Number(button.dataset.row));
      button.onpointerleave = button.onblur = () => point(null);
    });
    if (focus) side.querySelector(focus)?.focus();
  };
  const hadFocus = root.contains(root.getRootNode().activeElement) && root.getRootNode().activeElement.dataset.model;
  root.replaceChildren(
    h(
      "div",
      { class: "controls" },
      pills,
      segmented("How to make it flat", data.kinds, view.kind, (kind) => {
        view.kind = kind;
        draw();
        keep();
      }),
      segmented("Colour by", data.colours, view.colour, (colour) => {
        view.colour = colour;
        view.only = null;
        draw();
        keep();
      }),
    ),
    h("div", { class: "map" }, plot, side),
  );
  draw();
  if (hadFocus) root.querySelector('.pill[aria-pressed="true"]')?.focus();
});
