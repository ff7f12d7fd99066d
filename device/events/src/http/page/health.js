
// The device's figures.

const count = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");

// Each figure: its name, its value and unit from a status, and whether it is a worry.
const FIGURES = [
  ["frames per second", ({ health }) => [health.fps.toFixed(1), ""]],
  ["latency, 99 of 100", ({ health }) => [(health.latency_p99_us / 1000).toFixed(1), "ms"], ({ health }) => health.latency_p99_us > 200000],
  ["temperature", ({ health }) => (typeof health.temperature_c === "number" ? [health.temperature_c.toFixed(0), "°C"] : ["–", ""]), ({ health }) => health.temperature_c >= 80],
  ["frames read", ({ health }) => [count(health.frames), ""]],
  ["frames dropped", ({ health }) => [count(health.dropped), ""]],
  ["messages lost", ({ health }) => [count(health.lost), ""]],
  ["camera reopenings", ({ health }) => [count(health.reopened), ""]],
  ["memory", ({ health }) => [(health.memory / 1048576).toFixed(0), "MiB"]],
  ["power and heat", ({ health }) => [slowed(health.throttled) || "fine", ""], ({ health }) => Boolean(slowed(health.throttled))],
  ["running for", ({ at_us }) => uptime(at_us / 1e6)],
];

// What a board says holds its processor back just now, from the lowest bits of `throttled`.
function slowed(bits) {
  if (bits & 1) return "weak supply";
  if (bits & 8) return "hot";
  return bits & 6 ? "throttled" : "";
}

function uptime(seconds) {
  if (seconds < 120) return [seconds.toFixed(0), "s"];
  if (seconds < 7200) return [(seconds / 60).toFixed(0), "min"];
  if (seconds < 172800) return [(seconds / 3600).toFixed(1), "h"];
  return [(seconds / 86400).toFixed(1), "days"];
}

const figureParts = FIGURES.map(([name]) => {
  const [group, value, number, unit] = [make("div"), make("dd"), make("span"), make("small")];
  value.append(number, " ", unit);
  group.append(make("dt", "", name), value);
  byId("figures").append(group);
  return [value, number, unit];
});

function drawHealth() {
  FIGURES.forEach(([, read, worries], index) => {
    const [value, number, unit] = figureParts[index];
    const [text, symbol] = live.status ? read(live.status) : ["–", ""];
    say(number, text);
    say(unit, symbol);
    value.dataset.tone = live.status && worries && worries(live.status) ? "bad" : "";
  });
  const { hello } = live;
  say(byId("made"), hello ? `Mien ${hello.firmware} on ${hello.board} · ${hello.models.join(", ")}` : "");
}
