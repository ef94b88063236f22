// In the foot of a chart or a table: a word that opens small buttons that save it. A chart is saved as it is drawn on screen, but with its
// title, where its numbers come from, and light colours; a table is written by the server once somebody asks for it.

const SCALE = 2;
/** What XML cannot hold, whatever is in a title. */
// eslint-disable-next-line no-control-regex
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

function download(blob, name) {
  const link = h("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What draws the chart: Plotly's drawing, or what one of our components has filled. */
function drawnBy(className) {
  const place = document.querySelector(`.${CSS.escape(className)}`);
  const plotly = place?.querySelector(".js-plotly-plot .svg-container");
  return (
    plotly || [...(place?.querySelectorAll("*") || [])].find((it) => it.shadowRoot)?.shadowRoot.querySelector(".root")
  );
}

/** Do something while an element has the light theme's colours; nothing of it is seen, as the browser does not draw in between. */
function inLight(element, css, act) {
  const still = h("style", "* { transition: none !important; animation: none !important; }");
  const light = h("style", css);
  const wasDark = element.classList.contains("dark");
  if (element.getRootNode() !== document) element.append(still);
  document.head.append(light);
  element.classList.remove("dark");
  try {
    return act();
  } finally {
    element.classList.toggle("dark", wasDark);
    light.remove();
    still.remove();
  }
}

async function toSvg(data) {
  const font = await fontInside();
  const element = drawnBy(data.of);
  if (!element) return null;
  const drawing = inLight(element, data.light, () => pictureOf(element, data, font));
  return { drawing, text: new XMLSerializer().serializeToString(drawing).replace(NOT_XML, "") };
}

async function toPng({ drawing, text }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = ["width", "height"].map((name) => SCALE * Number(drawing.getAttribute(name)));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

/** One quiet word until somebody wants more. */
function opener(data, kinds) {
  const onclick = ({ currentTarget: button }) => {
    kinds.hidden = !kinds.hidden;
    button.setAttribute("aria-expanded", String(!kinds.hidden));
  };
  kinds.hidden = true;
  return h("button.opener", { "aria-label": `Save ${data.title}`, "aria-expanded": "false", onclick }, "Save");
}

export default drawOnce(
  (data, { root, kept, setTriggerValue }) => {
    const said = h("span.sr", { role: "status" });
    const save = async (ending) => {
      if (data.endings.includes(ending)) {
        kept.wanted = Date.now();
        setTriggerValue("wanted", { ending, id: kept.wanted });
        return;
      }
      const picture = await toSvg(data);
      if (!picture) return;
      const svgFile = () => new Blob([picture.text], { type: "image/svg+xml" });
      download(ending === "svg" ? svgFile() : await toPng(picture), `${data.name}.${ending}`);
      said.textContent = "Saved.";
    };
    const button = ([ending, label]) => {
      const name = `${label}: save ${data.title}`;
      return h("button", { "aria-label": name, title: `Save as ${label}`, onclick: () => save(ending) }, label);
    };
    const pictures = data.of
      ? [
          ["svg", "SVG"],
          ["png", "PNG"],
        ]
      : [];
    const kinds = h(
      "span.kinds",
      [...pictures, ...data.endings.map((ending) => [ending, data.labels[ending]])].map(button),
    );
    fill(root, h("div.save.screen", data.label ? h("span.label", data.label) : opener(data, kinds), kinds, said));
  },
  {
    shows: ({ file, light, ...shown }) => shown,
    update: ({ file }, { kept }) => {
      if (!file || file.id !== kept.wanted) return;
      kept.wanted = null;
      download(new Blob([file.text], { type: `${file.mime};charset=utf-8` }), file.name);
    },
  },
);
