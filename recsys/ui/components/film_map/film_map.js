// The films as points on a map: hover says which, a click opens the film, the legend picks out a group.
// Not drawn by plotly: there a point has no keyboard, here the list beside the map points at its films; and a finger scrolls
// past it.

const NEAR_ENOUGH = 22;
/** The drawing goes so far from its middle in each direction. */
const HALF = 1040;
/** Of --step-0, --step-1, ...: as many as there are decades at most. */
const N_STEPS = 8;

/** Where the points are, in the units of the drawing: y grows downwards there. */
function placesOf(data, kind) {
  return data.places[kind].map(([x, y]) => [x, -y]);
}

function drawing(data, view, places) {
  const groups = data.groups[view.colour];
  const at = (row) => ({ cx: places[row][0], cy: places[row][1] });
  const isFaded = (row) => view.only !== null && view.only !== groups.of[row];
  const tie = (row) => {
    const [[x1, y1], [x2, y2]] = [places[data.film], places[row]];
    return svg("line.tie", { x1, y1, x2, y2 });
  };
  const point = (_, row) => {
    const style = { "--shade": shade(view.colour, groups, groups.of[row]) };
    return svg("circle.point", { ...at(row), "data-row": row, class: isFaded(row) && "faded", style });
  };
  const diamond = (row) => {
    const [x, y] = places[row];
    return svg("path.listed", { d: `M ${x} ${y - 34} l 30 34 l -30 34 l -30 -34 Z` });
  };
  const ring = (row) => svg("circle.seen", { ...at(row), class: isFaded(row) && "dimmed" });
  return svg(
    "svg",
    {
      viewBox: `${-HALF} ${-HALF} ${2 * HALF} ${2 * HALF}`,
      role: "img",
      "aria-label": `Map of ${data.ids.length} films by ${data.model.label}. The lists of nearest films above say the same in words.`,
    },
    data.film !== null && data.near.map(tie),
    places.map(point),
    view.marks.includes("seen") && data.seen.map(ring),
    view.marks.includes("listed") && data.listed.map(diamond),
    data.film !== null && svg("circle.this", at(data.film)),
  );
}

/** A genre has a colour of its own; decades and popularity go from near the background to far from it, in lightness and in hue. */
function shade(colour, groups, group) {
  if (groups.names[group] === (colour === "genre" ? "Other" : "unknown")) return "var(--other)";
  if (colour === "genre") return `var(--group-${groups.shades[group]})`;
  const last = Math.max(groups.names.filter((name) => name !== "unknown").length - 1, 1);
  return `var(--step-${Math.round(((N_STEPS - 1) * group) / last)})`;
}

function legend(data, view, mark) {
  const groups = data.groups[view.colour];
  const row = (name, group) => {
    const onclick = () => {
      mark({ only: view.only === group ? null : group }, `[data-group="${group}"]`);
    };
    return h(
      "li",
      h(
        "button",
        { "aria-pressed": String(view.only === group), title: "Highlight this group", "data-group": group, onclick },
        h("span.swatch", { style: { background: shade(view.colour, groups, group) } }),
        name,
        h("span.soft", ` ${thousands(groups.sizes[group])}`),
      ),
    );
  };
  return h("ul.legend", { "aria-label": "Groups of films" }, groups.names.map(row));
}

function marks(data, view, mark) {
  const toggle = (name, shape, text) => {
    const isOn = view.marks.includes(name);
    const onclick = () => {
      const marked = ["seen", "listed"].filter((each) => (each === name ? !isOn : view.marks.includes(each)));
      mark({ marks: marked }, `[data-mark="${name}"]`);
    };
    const attributes = { "aria-pressed": String(isOn), "data-mark": name, onclick };
    return h("li", h("button", attributes, h(`span.mark.${shape}`), text));
  };
  const whose = data.person === "You" ? "you have seen" : `${data.person} has seen`;
  const all = `${thousands(data.n_seen)} ${data.n_seen === 1 ? "film" : "films"}`;
  const seen = data.seen.length === data.n_seen ? all : `${thousands(data.seen.length)} of ${all}`;
  return h(
    "ul.legend.marks",
    { "aria-label": "What is marked" },
    data.film !== null && h("li", h("span.still", h("span.mark.ring"), "this film, linked to its eight nearest")),
    toggle("seen", "dotted", `${seen} that ${whose}`),
    data.listed.length > 0 && toggle("listed", "diamond", `the list for ${listedFor(data)}`),
  );
}

function listedFor(data) {
  return data.person === "You" ? "you" : data.person;
}

/** The list beside the map; `point` shows where one of its films is. */
function listOf(data, chooseFilm, point) {
  const row = (film) => {
    const show = () => point(film);
    const hide = () => point(null);
    const button = h("button", { "data-row": film, onclick: () => chooseFilm(film) }, data.labels[film]);
    Object.assign(button, { onpointerenter: show, onfocus: show, onpointerleave: hide, onblur: hide });
    return h("li", button);
  };
  const title = h("h3", named(data.model), h("span.soft", ` for ${listedFor(data)}`));
  return h("div.list", title, h("ol", data.listed.map(row)));
}

function drawMap(data, { root, kept, setTriggerValue, choose }) {
  const view = { kind: data.kind, colour: data.colour, marks: kept.marks, only: kept.only };
  const chooseFilm = (row) => setTriggerValue("film", String(data.ids[row]));
  const open = (model) => setTriggerValue("topic", `${model}-${view.kind}-${view.colour}`);
  const tip = h("div.tip", { hidden: true });
  const plot = h("div.plot", { color: data.model.color });
  const side = h("div.side", { color: data.model.color });
  let places = [];

  const nearest = (event) => {
    const box = plot.querySelector("svg").getBoundingClientRect();
    const scale = box.width / (2 * HALF);
    const x = (event.clientX - box.left) / scale - HALF;
    const y = (event.clientY - box.top) / scale - HALF;
    let best = null;
    let least = NEAR_ENOUGH / scale;
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
    plot.querySelector("svg").append(svg("circle.over", { cx: x, cy: y }));
    const groups = data.groups[view.colour];
    const says = [groups.names[groups.of[row]], data.seen.includes(row) && "seen"];
    fill(tip, h("strong", data.labels[row]), h("span.soft", says.filter(Boolean).join(" · ")));
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
      if (row !== null) chooseFilm(row);
    };
    fill(plot, map, tip);
    point(null);
    fill(
      side,
      legend(data, view, mark),
      data.colour_notes[view.colour] && h("p.note", data.colour_notes[view.colour]),
      marks(data, view, mark),
      data.listed.length > 0 && listOf(data, chooseFilm, point),
      h("p.note", `${data.notes[view.kind]} ${data.note}`),
    );
    if (focus) side.querySelector(focus)?.focus();
  };
  const mark = (changed, focus) => {
    Object.assign(view, changed);
    choose(changed);
    draw(focus);
  };
  const change = (changed) => {
    Object.assign(view, changed);
    draw();
    open(data.model.model);
  };
  const hadFocus = focusedIn(root)?.dataset.model;
  const modelPill = (model) =>
    pill(model, model.model === data.model.model, { "data-model": model.model, onclick: () => open(model.model) });
  fill(
    root,
    h(
      "div.controls",
      pillRow("Whose map", data.models.map(modelPill)),
      segmented("Projection", data.kinds, view.kind, (kind) => change({ kind })),
      segmented("Colour by", data.colours, view.colour, (colour) => change({ colour, only: null })),
    ),
    h("div.map", plot, side),
  );
  draw();
  if (hadFocus) focusPressedPill(root);
}

export default drawOnce(drawMap, { choices: ["marks", "only"] });
