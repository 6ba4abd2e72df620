// What comes from elsewhere is put in as text, never as markup.
const SVG = "http://www.w3.org/2000/svg";
const FEW = 60;
const MAP = { width: 1000, height: 600, edge: 50 };
const by = (id) => document.getElementById(id);
let photo = null;
let address = "";
let asked = 0;
let drawn = new Map();

function element(name, { text = "", of = null, ...attributes } = {}) {
  const made = of ? document.createElementNS(of, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

const drawing = (name, attributes) => element(name, { of: SVG, ...attributes });

function say(sentence) {
  by("error").textContent = sentence;
  by("error").hidden = !sentence;
}

async function got(path, options) {
  const response = await fetch(path, options);
  const type = response.headers.get("content-type") || "";
  const content = type.startsWith("application/json") ? await response.json() : {};
  if (!response.ok) throw new Error(content.error || "The page's server refused that.");
  return content;
}

function describe(about) {
  const counts = about.labels;
  const own = `${counts.all} labels, ${counts.unseen || 0} of them never seen in training, `;
  by("about").textContent = `Here: ${about.model}, ${own}and ${about.words.toLocaleString()} words.`;
  by("suggestion").hidden = !about.suggested.length;
  by("suggested").textContent = about.suggested.join(", ");
  about.examples.forEach(addExample);
  by("examples-part").hidden = !about.examples.length;
}

function addExample({ label, seen }, number) {
  const name = seen ? label : `${label}, never seen in training`;
  const button = element("button", { type: "button", title: name, "aria-label": name });
  if (!seen) button.className = "unseen";
  button.append(element("img", { src: `examples/${number}`, alt: "" }));
  button.addEventListener("click", () => take(number));
  const item = element("li");
  item.append(button);
  by("examples").append(item);
}

async function take(number) {
  const response = await fetch(`examples/${number}`);
  if (response.ok) show(await response.blob());
  else say(`There is no example ${number}.`);
}

function show(file) {
  if (address) URL.revokeObjectURL(address);
  photo = file;
  address = URL.createObjectURL(file);
  by("photo").src = address;
  by("photo").hidden = false;
  by("invitation").hidden = true;
  ask();
}

async function ask() {
  const labels = by("labels").value.trim();
  by("own").disabled = Boolean(labels);
  if (!photo) return;
  const mine = ++asked;
  const candidates = document.querySelector("input[name=candidates]:checked").value;
  const query = new URLSearchParams({ labels, candidates });
  try {
    const found = await got(`answers?${query}`, {
      method: "POST",
      body: photo,
      headers: { "content-type": "application/octet-stream" },
    });
    if (mine !== asked) return;
    say("");
    tell(found);
  } catch (error) {
    if (mine !== asked) return;
    say(error.message);
    by("answer").hidden = true;
  }
  by("hint").hidden = true;
}

function tell(found) {
  by("ranking").replaceChildren(...found.labels.map(row));
  by("words").replaceChildren(
    ...found.nearest_words.map(({ word, cosine }) =>
      element("li", { text: word, title: `cosine ${cosine.toFixed(3)}` })),
  );
  by("answer").hidden = false;
  placePhoto(found);
}

function row({ label, seen, cosine, wnid, synset }) {
  const line = element("tr");
  const title = synset ? `${synset.join(", ")} (${wnid})` : "";
  const name = element("td", { text: label, class: "label", title });
  const bar = drawing("svg", { class: "bar", width: "100%", height: 4 });
  const share = Math.max(0, Math.min(1, cosine)) * 100;
  bar.append(drawing("rect", { width: `${share}%`, height: 4, fill: `var(--${kind(seen)})` }));
  name.append(bar);
  const mark = element("td");
  mark.append(element("span", { text: kind(seen), class: `mark ${kind(seen)}` }));
  line.append(name, mark, element("td", { text: cosine.toFixed(3) }));
  return line;
}

const kind = (seen) => (seen ? "seen" : "unseen");

const spot = ([x, y]) => [
  MAP.edge + x * (MAP.width - 2 * MAP.edge),
  MAP.edge + y * (MAP.height - 2 * MAP.edge),
];

function diamond([x, y], size, class_) {
  const points = `${x},${y - size} ${x + size},${y} ${x},${y + size} ${x - size},${y}`;
  return drawing("polygon", { points, class: class_ });
}

function named([x, y], text) {
  const left = x < MAP.width * 0.75;
  const anchor = left ? "start" : "end";
  return drawing("text", { x: x + (left ? 10 : -10), y: y + 5, "text-anchor": anchor, text });
}

function namedBelow([x, y], text) {
  return drawing("text", { x, y: y + 26, "text-anchor": "middle", text });
}

function drawMap({ labels, of }) {
  const note = labels.length
    ? "Labels that are used alike in the text lie close together; distances across the map mean " +
      "little. ● seen in training, ◆ never seen. The photo stands among its nearest labels, the " +
      "nearer the more" + (labels.length < of ? `; ${labels.length} of ${of} labels.` : ".")
    : "Too few labels have a vector for a map.";
  by("map-note").textContent = note;
  by("map").hidden = !labels.length;
  by("map").classList.toggle("few", labels.length <= FEW);
  for (const label of labels) drawLabel(label);
}

function drawLabel({ label, wnid, seen, place }) {
  const at = spot(place);
  const group = drawing("g", { class: "place" });
  const sign = seen
    ? drawing("circle", { cx: at[0], cy: at[1], r: 5, class: "seen" })
    : diamond(at, 7, "unseen");
  group.append(drawing("title", { text: `${label} (${kind(seen)})` }), sign, named(at, label));
  drawn.set(wnid, group);
  by("map").append(group);
}

function placePhoto({ labels, place, given }) {
  document.querySelectorAll("#map .of-photo").forEach((old) => old.remove());
  const near = new Set(labels.slice(0, 3).map(({ wnid }) => wnid));
  for (const [wnid, group] of drawn) group.classList.toggle("near", near.has(wnid));
  for (const { label, place: where } of given) {
    const group = drawing("g", { class: "place near of-photo" });
    group.append(diamond(spot(where), 11, "given"), namedBelow(spot(where), label));
    by("map").append(group);
  }
  if (!place) return;
  const [x, y] = spot(place);
  const above = y > 90 ? -78 : 30;
  const box = { x: x - 24, y: y + above, width: 48, height: 48 };
  const group = drawing("g", { class: "of-photo", id: "photo-on-map" });
  const image = drawing("image", { ...box, href: address, preserveAspectRatio: "xMidYMid slice" });
  const foot = drawing("line", { x1: x, y1: y, x2: x, y2: y + above / 2.6, class: "frame" });
  const point = drawing("circle", { cx: x, cy: y, r: 4, class: "point" });
  group.append(foot, point, image, drawing("rect", { ...box, class: "frame" }));
  by("map").append(group);
  const window = by("map").parentElement;
  window.scrollLeft = (x / MAP.width) * window.scrollWidth - window.clientWidth / 2;
}

function listen() {
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 400);
  };
  by("labels").addEventListener("input", soon);
  by("own").addEventListener("change", ask);
  by("file").addEventListener("change", ({ target }) => target.files[0] && show(target.files[0]));
  by("suggested").addEventListener("click", () => {
    by("labels").value = by("suggested").textContent;
    ask();
  });
  const drop = by("drop");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
    });
  }
  drop.addEventListener("drop", ({ dataTransfer }) => {
    if (dataTransfer.files[0]) show(dataTransfer.files[0]);
  });
}

// An address such as /?example=0&labels=crane,lemon opens with its answer.
async function begin() {
  const given = new URLSearchParams(location.search);
  by("labels").value = given.get("labels") || "";
  listen();
  describe(await got("model"));
  if (given.has("example")) await take(given.get("example"));
  drawMap(await got("map"));
}

begin().catch((error) => say(error.message));
