// Pills: models that are switched on and off, each in its colour.

/** A second row of pills, closed at first, and the button that opens it; `kept.more` says whether it is open. */
function morePills(label, pills, kept) {
  const says = () => (kept.more ? "Fewer models" : "More models");
  const row = h("div", { class: "pills extra", role: "group", "aria-label": label, hidden: !kept.more }, pills);
  const toggle = ({ currentTarget: opener }) => {
    kept.more = row.hidden;
    row.hidden = !kept.more;
    opener.setAttribute("aria-expanded", String(kept.more));
    opener.textContent = says();
  };
  const opener = h(
    "button",
    { type: "button", class: "beside", "aria-expanded": String(Boolean(kept.more)), onclick: toggle },
    says(),
  );
  return { row, opener };
}
