
// What the device says, as it comes.

// A reading older than this is not shown as the present.
const STALE_MS = 3000;

const live = { hello: null, status: null, reading: null, readAt: -Infinity, connected: false, chosen: null };

function follow() {
  // Fifteen readings a second look smooth and leave a small board's browser some air.
  const source = new EventSource("/events?rate=15");
  source.onopen = () => { live.connected = true; draw(); };
  source.onerror = () => {
    live.connected = false;
    draw();
    // A refusal, unlike a lost connection, is not tried again by the browser.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3000);
  };
  source.onmessage = (event) => {
    const message = JSON.parse(event.data);
    live[message.type] = message;
    if (message.type === "reading") {
      live.readAt = performance.now();
      remember(message);
    }
    draw();
  };
}

function state() {
  return live.status ? live.status.state : live.reading ? "reading" : "starting";
}

// The faces in view now: none while nothing is read.
function faces() {
  const fresh = performance.now() - live.readAt < STALE_MS;
  return live.connected && fresh && state() === "reading" ? live.reading.faces : [];
}

// The face that the large word is about: the one somebody chose, else the largest.
function subject() {
  const all = faces();
  return all.find((face) => face.id === live.chosen) || all[0];
}
