
// Intensities of the subject's action units, 0 (absent) to 5 (maximum).

const UNIT_NAMES = {
  1: "inner brow raiser", 2: "outer brow raiser", 4: "brow lowerer", 5: "upper lid raiser",
  6: "cheek raiser", 7: "lid tightener", 9: "nose wrinkler", 10: "upper lip raiser",
  12: "lip corner puller", 14: "dimpler", 15: "lip corner depressor", 16: "lower lip depressor",
  17: "chin raiser", 18: "lip pucker", 20: "lip stretcher", 22: "lip funneler", 23: "lip tightener",
  24: "lip pressor", 25: "lips part", 26: "jaw drop", 27: "mouth stretch", 28: "lip suck",
  43: "eyes closed", 45: "blink",
};

const unitBars = new Map();
let unitsSeen = false;

function drawUnits() {
  const face = subject();
  const units = (face && face.action_units) || {};
  Object.entries(units).forEach(([code, intensity]) => {
    if (typeof intensity !== "number") return;
    unitsSeen = true;
    if (!unitBars.has(code)) {
      const name = UNIT_NAMES[Number(code.replace(/\D/g, ""))] || "";
      unitBars.set(code, bar(byId("unit-bars"), [code, name]));
    }
  });
  unitBars.forEach((move, code) => {
    const intensity = units[code];
    const known = typeof intensity === "number";
    move(known ? intensity / 5 : 0, known ? intensity.toFixed(1) : "–", known && intensity >= 1);
  });
  show(byId("no-units"), !unitsSeen);
}
