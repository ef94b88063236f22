// A film's cover, drawn from what is known of it: no network, nobody's picture. Its title is said beside it.

/** By genre, the telling ones first; white on each has a contrast of at least 4.5. */
const COVER_COLORS = {
  Animation: "#17666e",
  Western: "#8a4a2a",
  "Film-Noir": "#26282e",
  Musical: "#9a2a5e",
  Documentary: "#4a5a2a",
  War: "#5a5230",
  Horror: "#5a1414",
  "Sci-Fi": "#1c4486",
  Fantasy: "#5a3a8c",
  Mystery: "#2c4a5e",
  Children: "#8a3f7d",
  "Children's": "#8a3f7d",
  Crime: "#3d3a4a",
  Romance: "#a02c4a",
  Thriller: "#24483a",
  Adventure: "#7a4a12",
  Action: "#8c2f1b",
  Comedy: "#855600",
  Drama: "#5b2a3c",
};
const NO_GENRE_COLOR = "#3a4048";

/** By decade, from the 1920s (and before) to the 2010s (and after): what is drawn at `at`, of five, six times over. */
const COVER_SHAPES = [
  (at) => `M30 95L${at * 24 - 30} 0`,
  (at) => `M${at * 12} 0v90`,
  (at) => `M0 ${at * 17}h60`,
  (at) => `M${at * 20 - 40} 95l40 -100`,
  (at) => `M${30 - at * 9} 60a${at * 9} ${at * 9} 0 1 0 ${at * 18} 0a${at * 9} ${at * 9} 0 1 0 -${at * 18} 0`,
  (at) => `M0 ${at * 17}q15 -16 30 0t30 0`,
  (at) => `M-5 ${at * 19 + 10}L30 ${at * 19 - 18}L65 ${at * 19 + 10}`,
  (at) => `M0 ${at * 19 + 8}h20v-12h20v-12h25`,
  (at) => `M${at * 20 - 40} 95l40 -100M${at * 20} 95l-40 -100`,
  (at) => `M8 ${at * 17}h0M30 ${at * 17 + 8}h0M52 ${at * 17}h0`,
];
const [COVER_WIDTH, COVER_HEIGHT, MOST_ON_COVER] = [60, 90, 60];

/** The cover of a film with its raw `id`; films that share genre and decade differ in where the shape begins. */
function cover(id, { title, year, genres }) {
  const has = genres.split(" · ");
  const genre = Object.keys(COVER_COLORS).find((name) => has.includes(name));
  const decade = Math.floor(((year || 1920) - 1920) / 10);
  const shape = COVER_SHAPES[Math.min(Math.max(decade, 0), COVER_SHAPES.length - 1)];
  const turn = (id * 0.618) % 1;
  const places = [0, 1, 2, 3, 4, 5].map((step) => Math.round((step + turn) * 10) / 10);
  const { lines, size } = fitted([...title].slice(0, MOST_ON_COVER).join(""));
  return svg(
    "svg.cover",
    { viewBox: `0 0 ${COVER_WIDTH} ${COVER_HEIGHT}`, "aria-hidden": "true", focusable: "false" },
    svg("rect", { width: COVER_WIDTH, height: COVER_HEIGHT, fill: COVER_COLORS[genre] || NO_GENRE_COLOR }),
    svg("path", { d: places.map(shape).join("") }),
    lines.map((line, row) => svg("text", { x: 4, y: (6 + size * (row + 0.8)).toFixed(1), "font-size": size }, line)),
    year && svg("text", { x: 4, y: COVER_HEIGHT - 5, "font-size": 7 }, String(year)),
  );
}

/** A title in the lines that let it be largest. */
function fitted(title) {
  const words = title.split(/\s+/);
  const tries = words.map((_, n) => linesOf(words, Math.ceil((title.length / (n + 1)) * 1.15)));
  const sized = tries.map((lines) => {
    const longest = Math.max(...lines.map((line) => [...line].length));
    return { lines, size: Math.min(14, (COVER_WIDTH - 8) / (0.62 * longest), (COVER_HEIGHT - 22) / lines.length) };
  });
  const best = sized.reduce((one, other) => (other.size > one.size ? other : one));
  return { ...best, size: Math.floor(best.size * 10) / 10 };
}

/** Words in lines of at most `width` characters, where a longer word has its own. */
function linesOf(words, width) {
  return words.reduce((lines, word) => {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : "";
    return longer && longer.length <= width ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, []);
}
