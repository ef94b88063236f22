// An excerpt of a program. Long lines are scrolled sideways, by the keyboard as well.

export default drawOnce(({ label, pieces }, { root }) => {
  const piece = ([kind, text]) => (kind ? h(`span.${kind}`, text) : text);
  fill(root, h("pre.panel", { tabindex: "0", role: "region", "aria-label": label }, h("code", pieces.map(piece))));
});
