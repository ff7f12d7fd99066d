
// The faces in view: where they are, what each shows, how it is turned and how well it is seen.

const SVG = "http://www.w3.org/2000/svg";

function shape(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
  if (text !== undefined) element.textContent = text;
  return element;
}

function drawBoxes() {
  const [width, height] = (live.reading && live.reading.frame_size) || [640, 480];
  const svg = byId("boxes");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  byId("frame").style.setProperty("--ratio", `${width} / ${height}`);
  const all = faces();
  svg.setAttribute("aria-label", all.length === 1 ? "1 face" : `${all.length || "No"} faces`);
  const size = height / 10;
  svg.replaceChildren(...all.map((face) => {
    const [left, top, w, h] = face.box;
    const group = shape("g", {});
    group.style.setProperty("--hue", face.expression ? hue(face.expression) : "var(--soft)");
    group.append(shape("rect", { x: left, y: top, width: Math.max(w, 0), height: Math.max(h, 0) }));
    points(face).forEach(([x, y]) => group.append(shape("circle", { cx: x, cy: y, r: height / 100 })));
    // Above a small face, which the number would hide.
    const y = h < 2 * size ? top - size / 4 : top + size * 1.1;
    group.append(shape("text", { x: left + size / 3, y, "font-size": size, "stroke-width": size / 6 }, face.id));
    return group;
  }));
}

// The outline where one is read, else the eyes, the nose and the corners of the mouth.
function points(face) {
  return face.landmarks || Object.values(face.points || {});
}

function gauge(share, name) {
  const meter = make("meter");
  meter.value = share;
  meter.low = 0.3;
  meter.setAttribute("aria-label", `${name} ${percent(share)}`);
  meter.title = percent(share);
  return meter;
}

function chooser(face) {
  const button = make("button", "", String(face.id));
  button.type = "button";
  button.dataset.face = face.id;
  button.setAttribute("aria-label", `Follow face ${face.id}`);
  button.setAttribute("aria-pressed", String(face === subject()));
  return button;
}

function shown(face) {
  const name = face.expression ? `${capital(face.expression)} ${percent(face.confidence)}` : "Unknown";
  const mark = make("span", "shows", name);
  if (face.expression) mark.style.setProperty("--hue", hue(face.expression));
  return mark;
}

const degrees = (angle) => `${Math.round(angle)}°`.replace("-", "\u2212");

const angle = (key) => ({ number: true, get: (face) => face.pose?.[key], cell: degrees });

const quality = (key, name) => ({ get: (face) => face.quality?.[key], cell: (share) => gauge(share, name) });

// Each column: its title, what it needs of a face, and what it shows of that. A column that no
// face in view has anything for is left out.
const COLUMNS = {
  Face: { get: (face) => face, cell: chooser },
  Shows: { get: (face) => face.probs && face, cell: shown },
  Turn: angle("yaw"),
  Nod: angle("pitch"),
  Tilt: angle("roll"),
  Attention: { get: (face) => face.attention, cell: (share) => gauge(share, "Attention") },
  Sharp: quality("sharpness", "Sharpness"),
  Light: quality("brightness", "Light"),
  Contrast: quality("contrast", "Contrast"),
};

const isKnown = (value) => value !== undefined && value !== null;

function heading([title, column]) {
  const cell = make("th", column.number ? "number" : "", title);
  cell.scope = "col";
  return cell;
}

function row(face, columns) {
  const line = make("tr");
  line.append(...columns.map(([, column]) => {
    const cell = make("td", column.number ? "number" : "");
    const value = column.get(face);
    cell.append(isKnown(value) ? column.cell(value) : "–");
    return cell;
  }));
  return line;
}

function drawFaces() {
  const all = faces();
  const focused = document.activeElement?.dataset.face;
  const columns = Object.entries(COLUMNS).filter(([, column]) => all.some((face) => isKnown(column.get(face))));
  show(byId("table"), all.length > 0);
  show(byId("nobody"), all.length === 0);
  byId("columns").replaceChildren(...columns.map(heading));
  byId("rows").replaceChildren(...all.map((face) => row(face, columns)));
  // The rows are new; who was at a button stays at it.
  if (focused) byId("rows").querySelector(`[data-face="${focused}"]`)?.focus();
}

byId("rows").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const id = Number(button.dataset.face);
  live.chosen = live.chosen === id ? null : id;
  past.length = 0;
  draw();
});
