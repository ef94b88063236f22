// How far a film has moved in a list: "up 3", "down 2", "new".

/** The mark of a move; `kind` is "new", "up", "down" or "same", `by` how far, `before` the place of a new film before. */
function moveMark({ kind, by, before }) {
  const said = kind === "same" ? "same" : kind === "new" ? "new" : `${kind} ${by}`;
  return h("span.move", { class: kind }, said, before && ` · was ${thousands(before)}`);
}
