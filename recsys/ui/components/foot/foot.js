// The foot of a page: the product, whose ratings these are, and whom to cite; on paper also under which protocol, when and
// from where.

let stop;

keepOneEntryPerPage(); // as the foot is on every page

export default drawOnce(({ product, dataset, licence, citation, link, protocol }, { root }) => {
  const printed = h("p.printed");
  fill(
    root,
    h(
      "footer.note",
      h("p", h("strong", product), ` · ${dataset}: ${licence}`),
      citation && h("p", "Cite: ", h("a", { href: link, target: "_blank", rel: "noopener" }, citation)),
      printed,
    ),
  );
  stop?.abort();
  stop = new AbortController();
  const before = () => {
    const date = new Date().toLocaleDateString("en-GB", { dateStyle: "long" });
    printed.textContent = `Unless said otherwise, protocol ${protocol} Printed on ${date} from ${location.href}`;
    scaleCharts(true);
  };
  addEventListener("beforeprint", before, { signal: stop.signal });
  addEventListener("afterprint", () => scaleCharts(false), { signal: stop.signal });
});

/** Let Plotly's drawings, which are as wide as the screen, shrink to the paper: a script is given no time to draw them anew. */
function scaleCharts(isPrinting) {
  document.querySelectorAll(".main-svg").forEach((drawing) => {
    const [width, height] = ["width", "height"].map((name) => drawing.getAttribute(name));
    if (isPrinting) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    else drawing.removeAttribute("viewBox");
  });
}
