// What is on screen as an SVG that needs nothing beside it: no style sheet, no font file, no page. Plotly's drawings and our
// own are copied with the looks that they have; of HTML, boxes and lines of text are drawn. The page's font is inside, and
// as not all programs read it, each line of text says how long it is and fits in any other.

const FONT = "'Source Sans', 'Source Sans 3', 'Helvetica Neue', Arial, sans-serif";
const MONO = "Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/** What is there to be pressed, and what a pointer shows. */
const NOT_DRAWN =
  ".pills, .controls, div.switch, div.pick, .beside, .more, .segmented, .screen, .tip, .sr, a.what, summary, select, input, " +
  ".modebar, .bglayer, .draglayer, .hoverlayer, .zoomlayer";
/** The looks of a part of a drawing: CSS's name and what it is unless said otherwise; those of the first are passed on. */
const PASSED_ON = {
  "stroke-width": "1px",
  "stroke-dasharray": "none",
  "stroke-linejoin": "miter",
  "stroke-linecap": "butt",
  "text-anchor": "start",
  "font-size": "16px",
  "font-weight": "400",
  visibility: "visible",
};
const OWN = { opacity: "1", r: "0px", "vector-effect": "none", "dominant-baseline": "auto" };

const ruler = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const colours = new Map();

/** Any colour of CSS as { hex, alpha }: what else a browser knows, as `color(srgb ...)`, other programs do not. */
function plainColour(css) {
  if (!colours.has(css)) {
    ruler.clearRect(0, 0, 1, 1);
    ruler.fillStyle = css;
    ruler.fillRect(0, 0, 1, 1);
    const [r, g, b, alpha] = ruler.getImageData(0, 0, 1, 1).data;
    const hex = `#${[r, g, b].map((each) => each.toString(16).padStart(2, "0")).join("")}`;
    colours.set(css, { hex, alpha: Math.round((100 * alpha) / 255) / 100 });
  }
  return colours.get(css);
}

function fontOf(style) {
  return `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
}

/** A picture in the making: what is drawn, from `origin` on, and how far it reaches. */
class Picture {
  constructor(origin, paper) {
    this.origin = origin;
    this.paper = paper;
    this.parts = [];
    this.grounds = new Map();
    this.box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  }

  /** A place on screen as one in the picture; the picture reaches at least there. */
  at(rect) {
    const left = rect.left - this.origin.left;
    const top = rect.top - this.origin.top;
    this.box.left = Math.min(this.box.left, left);
    this.box.top = Math.min(this.box.top, top);
    this.box.right = Math.max(this.box.right, left + rect.width);
    this.box.bottom = Math.max(this.box.bottom, top + rect.height);
    return { x: short(left), y: short(top), width: short(rect.width), height: short(rect.height) };
  }

  /** Attributes of a colour, as `fill` or `stroke`; the page's own is that of paper. */
  paint(name, css, opacity = 1) {
    if (css === "none" || css.startsWith("url")) return { [name]: css };
    const { hex, alpha } = plainColour(css);
    const share = short(alpha * opacity);
    if (share === 0) return { [name]: "none" };
    return { [name]: hex === this.paper ? "#ffffff" : hex, ...(share < 1 && { [`${name}-opacity`]: share }) };
  }

  add(part) {
    this.parts.push(part);
  }
}

function short(number) {
  return Math.round(number * 100) / 100;
}

/** Draw an element of the page with all that is in it. */
function drawElement(element, picture) {
  if (element.matches(NOT_DRAWN) || !element.checkVisibility()) return;
  const style = getComputedStyle(element);
  if (isForReaders(element, style)) return;
  if (element instanceof SVGSVGElement) {
    drawSvg(element, style, picture);
    return;
  }
  const before = picture.parts.length;
  drawBox(element, style, picture);
  drawNumber(element, style, picture);
  for (const child of [...(element.shadowRoot || element).childNodes]) {
    if (child instanceof Element) drawElement(child, picture);
    else if (child.nodeType === Node.TEXT_NODE && child.data.trim()) drawText(child, style, picture);
  }
  const { sides, isFrame } = borderOf(style);
  // What is cut off at its round corners lies below its frame.
  if (isFrame && style.overflowX !== "visible")
    drawRect(style, element.getBoundingClientRect(), sides[0], { fill: "none" }, picture);
  if (Number(style.opacity) < 1) picture.parts.push(svg("g", { opacity: style.opacity }, picture.parts.splice(before)));
}

/** Whether an element is there for screen readers alone: a pixel wide, with the rest cut off. */
function isForReaders(element, style) {
  return style.overflowX === "hidden" && element.clientWidth === 1 && style.position === "absolute";
}

/** Background and border, and the dot or the lozenge in front of a text. */
function drawBox(element, style, picture) {
  const rect = element.getBoundingClientRect();
  if (!rect.width || !rect.height || style.display === "inline") return;
  drawFace(style, unturned(element, style, rect), picture);
  const mark = getComputedStyle(element, "::before");
  if (mark.content === '""') {
    const [width, height] = [parseFloat(mark.width), parseFloat(mark.height)];
    const [left, top] = [rect.left + (rect.width - width) / 2, rect.top + (rect.height - height) / 2];
    drawFace(mark, { left, top, width, height }, picture);
  }
}

/** Where an element lies before it is turned: the browser says where its corners are afterwards. */
function unturned(element, style, { left, top, width, height }) {
  const { a, b } = matrixOf(style);
  if (!b) return { left, top, width, height };
  const own = { width: element.offsetWidth * Math.hypot(a, b), height: element.offsetHeight * Math.hypot(a, b) };
  return { left: left + (width - own.width) / 2, top: top + (height - own.height) / 2, ...own };
}

function matrixOf(style) {
  return new DOMMatrix(style.transform === "none" ? "" : style.transform);
}

/** The four sides of a border, and whether they are alike. */
function borderOf(style) {
  const sides = ["Top", "Right", "Bottom", "Left"].map((side) => ({
    width: style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]),
    colour: style[`border${side}Color`],
  }));
  return { sides, isFrame: sides.every((side) => side.width > 0 && side.colour === sides[0].colour) };
}

function drawFace(style, face, picture) {
  const { sides, isFrame } = borderOf(style);
  const ground = groundOf(style, picture);
  const [frame] = ground.stripes ? [{ width: 1, colour: ground.stripes }] : isFrame ? sides : [];
  drawRect(style, face, frame, ground.fill, picture);
  if (!isFrame) drawSides(sides, face, picture);
  drawZero(style, face, picture);
}

/** A box, which may be round and turned, with a frame inside its edge or without one. */
function drawRect(style, face, frame, fill, picture) {
  const stroke = frame ? { ...picture.paint("stroke", frame.colour), "stroke-width": frame.width } : { stroke: "none" };
  if (fill.fill === "none" && stroke.stroke === "none") return;
  const inset = frame ? frame.width / 2 : 0;
  const { x, y, width, height } = picture.at(face);
  const corner = style.borderTopLeftRadius;
  const radius = corner.endsWith("%") ? Infinity : parseFloat(corner) || 0;
  const round = Math.max(Math.min(radius, width / 2, height / 2) - inset, 0);
  const { a, b } = matrixOf(style);
  const turn = short((Math.atan2(b, a) * 180) / Math.PI);
  picture.add(
    svg("rect", {
      x: short(x + inset),
      y: short(y + inset),
      width: Math.max(short(width - 2 * inset), 0),
      height: Math.max(short(height - 2 * inset), 0),
      rx: round > 0 && short(round),
      transform: turn % 180 !== 0 && `rotate(${turn} ${short(x + width / 2)} ${short(y + height / 2)})`,
      ...fill,
      ...stroke,
    }),
  );
}

/** What a box is filled with: a colour, stripes in a colour, or a run of colours from left to right. */
function groundOf(style, picture) {
  const image = style.backgroundImage;
  const [kind] = ["repeating-linear-gradient", "linear-gradient(to right"].filter((each) => image.startsWith(each));
  if (!kind) return { fill: picture.paint("fill", style.backgroundColor) };
  const colours = image.match(/(?:rgba?|color)\([^)]*\)/g);
  const id = `ground-${colours.map((each) => plainColour(each).hex.slice(1)).join("-")}`;
  const fill = { fill: `url(#${id})` };
  if (kind.startsWith("repeating")) {
    const line = svg("rect", { width: 2, height: 4, ...picture.paint("fill", colours[0]) });
    const tile = { id, width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    picture.grounds.set(id, svg("pattern", tile, line));
    return { fill, stripes: colours[0] };
  }
  const stop = (css, place) => {
    const { hex, alpha } = plainColour(css);
    const colour = alpha ? hex : "#ffffff"; // what cannot be seen would be black in between
    return svg("stop", { offset: place / (colours.length - 1), "stop-color": colour, "stop-opacity": alpha });
  };
  picture.grounds.set(id, svg("linearGradient", { id }, colours.map(stop)));
  return { fill };
}

/** The border of some sides alone. */
function drawSides([top, right, bottom, left], { left: x, top: y, width, height }, picture) {
  const lines = [
    [top, { left: x, top: y, width, height: top.width }],
    [right, { left: x + width - right.width, top: y, width: right.width, height }],
    [bottom, { left: x, top: y + height - bottom.width, width, height: bottom.width }],
    [left, { left: x, top: y, width: left.width, height }],
  ];
  lines.forEach(([side, rect]) => {
    const fill = picture.paint("fill", side.colour);
    if (side.width > 0 && fill.fill !== "none") picture.add(svg("rect", { ...picture.at(rect), ...fill }));
  });
}

/** The line at zero of a small bar chart, which its track has as a background that is a pixel wide. */
function drawZero(style, { left, top, width, height }, picture) {
  if (!style.backgroundImage.startsWith("linear") || !style.backgroundSize.startsWith("1px")) return;
  const at = left + ((width - 1) * parseFloat(style.backgroundPosition)) / 100;
  const rect = picture.at({ left: at, top, width: 1, height });
  picture.add(svg("rect", { ...rect, ...picture.paint("fill", firstColour(style.backgroundImage)) }));
}

function firstColour(gradient) {
  return gradient.match(/(?:rgba?|color)\([^)]*\)/)[0];
}

/** The number of a row in a list. */
function drawNumber(element, style, picture) {
  if (style.display !== "list-item" || style.listStyleType !== "decimal") return;
  const { left, top } = element.getBoundingClientRect();
  const size = parseFloat(style.fontSize);
  const { x, y } = picture.at({ left: left - 2 * size, top, width: size, height: size });
  const place = [...element.parentElement.children].indexOf(element) + 1;
  const looks = { "text-anchor": "end", "font-size": size * 0.9, ...picture.paint("fill", style.color, 0.7) };
  picture.add(svg("text", { x: short(x + 1.5 * size), y: short(y + 1.25 * size), ...looks }, `${place}.`));
}

/** The lines of a text as the browser has broken them. */
function drawText(node, style, picture) {
  const lines = [];
  const range = document.createRange();
  let place = 0;
  for (const letter of node.data) {
    range.setStart(node, place);
    range.setEnd(node, (place += letter.length));
    const rect = [...range.getClientRects()].at(-1);
    if (!rect || !rect.width) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.top - rect.top) < 2 && rect.left >= line.right - rect.width) {
      line.text += letter;
      line.right = rect.right;
    } else if (letter.trim())
      lines.push({ text: letter, left: rect.left, right: rect.right, top: rect.top, height: rect.height });
  }
  const cut = cutAt(node.parentElement);
  ruler.font = fontOf(style);
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = ruler.measureText("x");
  const isUpper = style.textTransform === "uppercase";
  lines.forEach(({ text, left, right, top, height }) => {
    const end = text.trimEnd();
    if (!end.trim() || left >= cut) return;
    const whole = isUpper ? end.toUpperCase() : end;
    const width =
      end === text ? right - left : (right - left) * (ruler.measureText(end).width / ruler.measureText(text).width);
    const [said, length] = left + width > cut + 1 ? shortened(whole, cut - left) : [whole, width];
    const { x, y } = picture.at({ left, top, width: length, height });
    picture.add(
      svg(
        "text",
        {
          x,
          y: short(y + (height * up) / (up + down)),
          textLength: short(length),
          lengthAdjust: "spacingAndGlyphs",
          "font-size": parseFloat(style.fontSize),
          "font-weight": style.fontWeight,
          "font-style": style.fontStyle === "italic" && "italic",
          "font-family": /mono|code/i.test(style.fontFamily) && MONO,
          "text-decoration": style.textDecorationLine.includes("line-through") && "line-through",
          ...picture.paint("fill", style.color),
        },
        said,
      ),
    );
  });
}

/** Where the box around a text ends, if it cuts what does not fit. */
function cutAt(element) {
  for (let box = element; box && box !== element.parentElement?.parentElement; box = box.parentElement) {
    const style = getComputedStyle(box);
    if (style.overflowX === "hidden" && style.textOverflow === "ellipsis") return box.getBoundingClientRect().right;
  }
  return Infinity;
}

/** A text that is cut, with the sign that says so; and how long it is. */
function shortened(text, room) {
  let end = text.length;
  while (end > 1 && ruler.measureText(`${text.slice(0, end)}…`).width > room) end -= 1;
  const said = `${text.slice(0, end).trimEnd()}…`;
  return [said, ruler.measureText(said).width];
}

/** A drawing with the looks that its style sheets give it. */
function drawSvg(element, style, picture) {
  const rect = element.getBoundingClientRect();
  if (!rect.width || !rect.height) return;
  const copy = element.cloneNode(true);
  dress(element, copy, null, picture);
  const { x, y, width, height } = picture.at(rect);
  for (const [name, value] of Object.entries({ x, y, width, height, overflow: style.overflowX })) {
    copy.setAttribute(name, value);
  }
  picture.add(copy);
}

function dress(from, to, above, picture) {
  const style = getComputedStyle(from);
  for (const name of ["style", "class", "id", "role", "tabindex", "aria-label", "data-unformatted", "pointer-events"]) {
    if (name !== "id" || !from.closest("defs")) to.removeAttribute(name);
  }
  for (const [name, usual] of [...Object.entries(PASSED_ON), ...Object.entries(OWN)]) {
    const value = style.getPropertyValue(name);
    const unless = name in PASSED_ON && above ? above.getPropertyValue(name) : usual;
    if (value && (value !== unless || to.hasAttribute(name)))
      to.setAttribute(name, /^[\d.]+px$/.test(value) ? parseFloat(value) : value);
  }
  for (const name of ["fill", "stroke"]) {
    const looks = (of) => [of.getPropertyValue(name), of.getPropertyValue(`${name}-opacity`)];
    const [colour, opacity] = looks(style);
    if (above && looks(above).join() === looks(style).join() && !to.hasAttribute(name)) continue;
    to.setAttribute(`${name}-opacity`, 1);
    Object.entries(picture.paint(name, colour, Number(opacity))).forEach(([each, it]) => to.setAttribute(each, it));
  }
  for (const name of ["clip-path", "mask", "filter"]) {
    // Some are written with the address of the page in front.
    if (to.hasAttribute(name))
      to.setAttribute(name, to.getAttribute(name).replace(/url\(['"]?[^#]*#([^'")]*)['"]?\)/, "url(#$1)"));
  }
  const isLine = from instanceof SVGTextContentElement && !from.children.length && from.textContent.trim();
  if (isLine) {
    if (style.whiteSpace.startsWith("pre"))
      to.setAttributeNS("http://www.w3.org/XML/1998/namespace", "xml:space", "preserve");
    to.setAttribute("textLength", short(from.getComputedTextLength()));
    to.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
  const copies = [...to.children];
  [...from.children].forEach((child, place) => {
    const isHidden = child.matches(NOT_DRAWN) || getComputedStyle(child).display === "none";
    if (isHidden && child.tagName !== "defs") copies[place].remove();
    else dress(child, copies[place], style, picture);
  });
}

/** A text in lines that are no wider than there is room. */
function wrapped(text, font, room) {
  ruler.font = font;
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (!lines.at(-1) || ruler.measureText(longer).width <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The page's font as a rule for a style sheet; "" where there is none. Asked for once. */
const fontInside = (() => {
  let found;
  return () => (found ??= readFont().catch(() => ""));
})();

async function readFont() {
  const rules = [...document.styleSheets].flatMap((sheet) => {
    try {
      return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule);
    } catch {
      return []; // of another server, as a browser's extension may add
    }
  });
  const isOurs = ({ style }) => /source sans/i.test(style.fontFamily) && style.fontStyle !== "italic";
  const rule = rules.find(isOurs);
  if (!rule) return "";
  const source = rule.style.getPropertyValue("src").match(/url\(["']?([^"')]+)/)[1];
  const answer = await fetch(new URL(source, rule.parentStyleSheet.href || document.baseURI));
  if (!answer.ok) return "";
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return `@font-face { font-family: 'Source Sans'; font-weight: 200 900; src: url(data:font/woff2;base64,${btoa(binary)}); }`;
}

const EDGE_OF_PICTURE = 24;
const NARROWEST = 340;

/**
 * Part of the page as an SVG of its own, on white.
 *
 * Args:
 *   element: of the page; `paper` is the colour of the page, which is no part of the picture.
 *   title, says, alt: what stands above it, below it, and what is said to those who do not see it.
 *   font: as fontInside says.
 */
function pictureOf(element, { title, says, alt, paper }, font) {
  const picture = new Picture(element.getBoundingClientRect(), paper);
  drawElement(element, picture);
  const { left, top, right, bottom } = picture.box;
  const inner = Math.max(Math.ceil(right - left), NARROWEST);
  const lines = (text, size, weight, y, fill) =>
    wrapped(text, `${weight} ${size}px ${FONT}`, inner).map((line, place) => {
      const attributes = { "font-size": size, "font-weight": weight, fill };
      return svg("text", { x: EDGE_OF_PICTURE, y: y + place * size * 1.35, ...attributes }, line);
    });
  const isSaidInside = [...element.querySelectorAll("h2, h3")].some((heading) => heading.textContent === title);
  const head = isSaidInside ? [] : lines(title, 18, 650, EDGE_OF_PICTURE + 16, "#12151a");
  const drawnAt = EDGE_OF_PICTURE + (head.length && head.length * 24.3 + 12);
  const footAt = drawnAt + Math.ceil(bottom - top) + 26;
  const foot = lines(says, 12, 400, footAt, "#5a5d63");
  const width = inner + 2 * EDGE_OF_PICTURE;
  const height = Math.ceil(footAt + (foot.length - 1) * 16.2 + EDGE_OF_PICTURE);
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT, role: "img" },
    svg("title", title),
    alt && svg("desc", alt),
    font && svg("style", font),
    svg("defs", [...picture.grounds.values()]),
    svg("rect", { width, height, fill: "#ffffff" }),
    head,
    svg("g", { transform: `translate(${short(EDGE_OF_PICTURE - left)} ${short(drawnAt - top)})` }, picture.parts),
    foot,
  );
}
