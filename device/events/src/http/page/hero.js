
// The large word, the state and the probabilities.

let announced = "";
let candidate = "";
let candidateSince = 0;

// What stands in large letters: [above, word, below, expression or null].
function headline() {
  if (!live.connected) {
    return ["", live.hello ? "Connection lost" : "Connecting", "The device does not answer; trying again.", null];
  }
  const [, , word, meaning] = STATES[state()] || STATES.starting;
  if (word) return ["", word, meaning, null];
  const face = subject();
  if (!face) {
    return performance.now() - live.readAt < STALE_MS
      ? ["", "No face", "Nobody is in view.", null]
      : ["", "Waiting", "No reading has come for a while.", null];
  }
  const count = faces().length;
  const who = count > 1 ? `Face ${face.id} · ${count} in view` : `Face ${face.id}`;
  if (face.expression) return [who, capital(face.expression), `with a probability of ${percent(face.confidence)}`, face.expression];
  if (face.probs === undefined) return [who, "Face", "Its expression is not read.", null];
  return [who, "Unknown", UNKNOWN[face.unknown] || UNKNOWN.unsure, null];
}

function drawHero() {
  const [who, word, because, expression] = headline();
  say(byId("who"), who || "\u00a0");
  say(byId("word"), word);
  say(byId("because"), because || "\u00a0");
  const alarm = !live.connected || STATES[state()]?.[1] === "bad";
  byId("hero").style.setProperty("--hue", alarm ? "var(--bad)" : hue(expression));
  byId("hero").dataset.quiet = expression ? "no" : "yes";
  announce(expression ? word : `${word}. ${because}`);
}

// Tells a screen reader what has stood for two seconds, not every flicker.
function announce(text) {
  const now = performance.now();
  if (text !== candidate) [candidate, candidateSince] = [text, now];
  if (candidate !== announced && now - candidateSince > 2000) {
    announced = candidate;
    say(byId("announce"), announced);
  }
}

function drawState() {
  const [word, tone] = live.connected ? STATES[state()] || STATES.starting : ["No connection", "bad"];
  say(byId("state-text"), word);
  byId("state").dataset.tone = tone;
  const fault = live.connected && live.status && live.status.fault;
  show(byId("fault"), Boolean(fault));
  say(byId("fault"), fault ? capital(fault.text) : "");
}

const moveBars = EXPRESSIONS.map((name) => bar(byId("bars"), [capital(name)], hue(name)));

function drawBars() {
  const face = subject();
  const probs = (face && face.probs) || {};
  byId("bars").dataset.faint = face && face.probs && !face.expression ? "yes" : "no";
  EXPRESSIONS.forEach((name, index) => {
    const share = probs[name];
    moveBars[index](share || 0, share === undefined ? "–" : percent(share), face && name === face.expression);
  });
}
