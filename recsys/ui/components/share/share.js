// The address of what is on screen: to copy, and as a QR code to scan.

/** Copy a text; where the page is not served over https, the browser's clipboard is closed and the selection is copied. */
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}

function qrCode({ size, path }) {
  // Black on white in both themes: a camera reads no other contrast as surely, and a dark frame is no quiet zone.
  return svg(
    "svg.code",
    {
      viewBox: `0 0 ${size} ${size}`,
      role: "img",
      "aria-label": "QR code of this address",
      "shape-rendering": "crispEdges",
    },
    svg("rect", { width: size, height: size, fill: "#fff" }),
    svg("path", { d: path, fill: "#000" }),
  );
}

export default drawOnce((data, { root }) => {
  const field = h("textarea", { readonly: true, rows: "3", "aria-label": "Address of this view" });
  field.value = data.link;
  field.onfocus = () => field.select();
  const said = h("span.note", { role: "status" });
  const onclick = async () => {
    said.textContent = (await copy(field)) ? "Copied." : "Press Ctrl+C to copy it.";
  };
  fill(
    root,
    h(
      "div.share",
      h("p.note", data.says),
      field,
      h("div.do", h("button.copy", { onclick }, "Copy the address"), said),
      data.code
        ? qrCode(data.code)
        : h("p.note", "The address is too long for a QR code: with fewer films it would have one."),
    ),
  );
});
