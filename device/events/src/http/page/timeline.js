
// The last minute: the subject's probabilities stacked over time, a gap where there was no face.

const MINUTE_MS = 60000;
const GAP_MS = 1500;

const past = [];

function remember(reading) {
  const now = performance.now();
  const face = reading.faces.find((one) => one.id === live.chosen) || reading.faces[0];
  past.push({ at: now, probs: (face && face.probs) || null, label: (face && face.expression) || null });
  while (past.length && now - past[0].at > MINUTE_MS) past.shift();
}

// Neighbouring samples that show a face, as runs.
function runs() {
  const found = [];
  let run = [];
  past.forEach((sample, index) => {
    const broken = index > 0 && sample.at - past[index - 1].at > GAP_MS;
    if (!sample.probs || broken) {
      if (run.length > 1) found.push(run);
      run = [];
    }
    if (sample.probs) run.push(sample);
  });
  if (run.length > 1) found.push(run);
  return found;
}

function drawTimeline() {
  const canvas = byId("timeline");
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const now = performance.now();
  const x = (sample) => width * (1 - (now - sample.at) / MINUTE_MS);
  const colors = getComputedStyle(document.documentElement);
  for (const run of runs()) {
    const floor = run.map(() => 0);
    for (const name of EXPRESSIONS) {
      pen.fillStyle = colors.getPropertyValue(`--${name}`);
      pen.beginPath();
      run.forEach((sample, i) => pen.lineTo(x(sample), height * (1 - floor[i])));
      run.forEach((sample, i) => { floor[i] += sample.probs[name] || 0; });
      for (let i = run.length - 1; i >= 0; i -= 1) pen.lineTo(x(run[i]), height * (1 - floor[i]));
      pen.fill();
    }
  }
  veil(pen, x, height, colors.getPropertyValue("--track"));
  canvas.setAttribute("aria-label", summary());
}

// Pales the times in which no expression was named. Whole pixels, so that no seams show.
function veil(pen, x, height, color) {
  pen.fillStyle = color;
  pen.globalAlpha = 0.6;
  past.forEach((sample, index) => {
    if (!sample.probs || sample.label) return;
    const end = past[index + 1] || { at: performance.now() };
    const left = Math.round(x(sample));
    pen.fillRect(left, 0, Math.round(x(end)) - left, height);
  });
  pen.globalAlpha = 1;
}

function summary() {
  const counts = {};
  past.forEach(({ label }) => { if (label) counts[label] = (counts[label] || 0) + 1; });
  const parts = Object.entries(counts).sort((a, b) => b[1] - a[1]).map(([label, count]) => `${label} ${percent(count / past.length)}`);
  return parts.length ? `Shown in the last minute: ${parts.join(", ")}` : "No expression in the last minute";
}
