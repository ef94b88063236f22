// Stars to give: in the editor of a new user's films, and in the rows of the lists.

/** In milliseconds: how long what was given here counts as newer than what the page answers. */
const PATIENCE = 5000;

const spoken = (stars) => `${stars} ${stars === 1 ? "star" : "stars"}`;
const limitSentence = (most) => `${most} films is the limit: remove one to add another.`;

/** All stars that can be given, the lowest first. */
function stepsOf(scale) {
  const n = Math.round((scale.high - scale.low) / scale.step) + 1;
  return Array.from({ length: n }, (_, at) => scale.low + at * scale.step);
}

/** Stars to give. Arrows walk along them without giving any; Enter, Space or a digit gives them. */
function rate(film, value, scale, prefix, give) {
  const steps = stepsOf(scale);
  const at = steps.indexOf(value);
  const half = (stars) => (stars % 1 ? "left" : "right");
  const buttons = steps.map((stars, index) =>
    h(
      "button.star",
      {
        role: "radio",
        "data-key": `${prefix}:${film.id}:${stars}`,
        class: [index <= at && "on", scale.step < 1 && half(stars)].filter(Boolean).join(" "),
        "aria-checked": String(index === at),
        tabindex: index === Math.max(at, 0) ? "0" : "-1",
        "aria-label": spoken(stars),
        // The second click of a double click may meet another film's star: the lists have moved by then.
        onclick: ({ detail }) => detail < 2 && give(stars),
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
  const onkeydown = (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in walk) {
      buttons[walk[event.key](buttons.indexOf(event.target))]?.focus();
      event.preventDefault();
    } else if (steps.includes(Number(event.key)) && event.key.trim()) give(Number(event.key));
  };
  return h("div.rate", { role: "radiogroup", "aria-label": `Stars for ${titleAndYear(film)}`, onkeydown }, buttons);
}
