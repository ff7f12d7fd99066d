
// Buttons, the preview, the theme; then everything begins.

let toastTimer = 0;

function toast(text) {
  say(byId("toast"), text);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => say(byId("toast"), ""), 4000);
}

async function command(wish, asked) {
  try {
    const answer = await fetch("/command", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(wish),
    });
    toast(answer.ok ? asked : capital((await answer.json()).error));
  } catch {
    toast("The device does not answer.");
  }
}

function drawControls() {
  const paused = state() === "paused";
  say(byId("pause"), paused ? "Resume" : "Pause");
  byId("pause").disabled = !live.connected;
  byId("next").disabled = !live.connected;
  byId("calibrate").disabled = faces().length === 0;
}

function setUpControls() {
  byId("pause").onclick = () => (state() === "paused"
    ? command({ read: true }, "Asked to resume.")
    : command({ read: false }, "Asked to pause."));
  byId("next").onclick = () => command({ next_page: true }, "Asked for the next screen.");
  byId("calibrate").onclick = () => byId("neutral").showModal();
  byId("neutral").onclose = () => {
    if (byId("neutral").returnValue === "yes") command({ calibrate: true }, "Asked to calibrate.");
    byId("neutral").returnValue = "";
  };
  show(byId("controls"), document.body.dataset.commands === "yes");
}

function setUpTheme() {
  const root = document.documentElement;
  const wished = new URLSearchParams(location.search).get("theme");
  if (wished === "dark" || wished === "light") root.dataset.theme = wished;
  byId("theme").onclick = () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };
}

// Asks for one picture after another while somebody looks at this page.
function setUpPreview() {
  if (document.body.dataset.preview !== "yes") return;
  say(byId("pictures"), "Its owner lets this page show what the camera sees; no picture is kept.");
  const picture = byId("picture");
  let number = 0;
  const ask = () => {
    if (document.hidden || state() !== "reading" || !live.connected) {
      show(picture, false);
      setTimeout(ask, 500);
    } else {
      number += 1;
      picture.src = `/preview.jpg?${number}`;
    }
  };
  picture.onload = () => { show(picture, true); setTimeout(ask, 200); };
  picture.onerror = () => { show(picture, false); setTimeout(ask, 1000); };
  ask();
}

let drawing = false;

// Draws once per frame of the screen, however much has come.
function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    [drawHero, drawState, drawBars, drawBoxes, drawFaces, drawUnits, drawHealth, drawControls].forEach((view) => view());
  });
}

show(byId("exposed"), document.body.dataset.open === "yes");
setUpControls();
setUpTheme();
setUpPreview();
setInterval(draw, 500);
setInterval(drawTimeline, matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : 250);
follow();
draw();
