
"use strict";

// What the device's words are called here, and small helpers over the document.

const EXPRESSIONS = ["neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"];

const UNKNOWN = {
  unsure: "No expression stands out",
  small: "Too far away to read",
  dark: "Too little light on the face",
  blurred: "The picture is blurred",
  turned: "Turned away too far",
  covered: "Partly covered or out of the picture",
};

// Each state: the pill's word and tone, the large word, and what it means.
const STATES = {
  starting: ["Starting", "wait", "Starting", "The camera is being opened."],
  reading: ["Reading", "good", null, null],
  paused: ["Paused", "wait", "Paused", "Nothing is looked at until it is resumed."],
  "no-camera": ["No camera", "bad", "No camera", "It is tried again and again; plug the camera in."],
  cooling: ["Cooling", "bad", "Cooling down", "Too hot: nothing is looked at until it has cooled."],
  stopping: ["Shutting down", "wait", "Goodbye", "The device is shutting down."],
};

const byId = (id) => document.getElementById(id);

const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);

const percent = (share) => `${Math.round(share * 100)} %`;

const hue = (expression) => (expression ? `var(--${expression})` : "var(--line)");

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// Writing only what changed keeps the browser, and screen readers, at rest.
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

// A labelled bar; the function it returns moves it to a share of its length.
function bar(list, names, color) {
  const item = make("li");
  const fill = make("i");
  const track = make("span", "track");
  const value = make("span", "value");
  track.append(fill);
  track.setAttribute("aria-hidden", "true");
  item.append(...names.map((name) => make("span", "name", name)), track, value);
  if (color) item.style.setProperty("--hue", color);
  list.append(item);
  return (share, text, top) => {
    const length = Math.min(Math.max(share, 0), 1);
    fill.style.transform = `translateX(${(length - 1) * 100}%)`;
    say(value, text);
    item.dataset.top = top ? "yes" : "no";
  };
}
