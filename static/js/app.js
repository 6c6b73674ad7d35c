// Small helps on top of pages that work without any script.
"use strict";

const page = () => document.getElementById("page");
const net = document.getElementById("net");
const { saving } = document.currentScript.dataset;

// --- After a swap: the same place to start reading as after a load ----------------------------

function settled() {
  const start =
    document.getElementById("errors") ||
    document.getElementById("notice") ||
    document.getElementById("called") ||
    page().querySelector("h1");
  start?.focus();
  net.replaceChildren();
  // The next page is for reading; its settings would fill a whole screen of large text.
  document.getElementById("look").open = false;
  lookAfter();
}

// What saves and locks comes with the first page that needs it.
function lookAfter() {
  if (document.getElementById("idle")) import(saving).then(({ opened }) => opened(), () => {});
}

document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "page" && settled());
document.addEventListener("htmx:historyRestore", settled);
lookAfter();

// --- When the net fails: the words stay, a message, a way to try again ------------------------

function tell(kind, form) {
  const text = document.createElement("p");
  text.textContent = net.dataset[kind];
  const again = document.createElement("button");
  again.type = "button";
  again.className = "quiet";
  again.textContent = net.dataset.again;
  again.addEventListener("click", () => {
    net.replaceChildren();
    const last = form?.querySelector("button[data-pressed]") || form?.querySelector("button.go");
    if (last) last.click();
    else location.reload();
  });
  net.replaceChildren(text, again);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name]");
  if (!button?.form) return;
  for (const other of button.form.querySelectorAll("[data-pressed]")) delete other.dataset.pressed;
  button.dataset.pressed = "";
});

const formOf = (event) => event.detail.elt?.closest?.("form");
document.addEventListener("htmx:sendError", (event) => tell("offline", formOf(event)));
document.addEventListener("htmx:timeout", (event) => tell("failed", formOf(event)));
document.addEventListener("htmx:responseError", (event) => tell("failed", formOf(event)));
// Without htmx the browser's own page of errors would take the words.
document.addEventListener("submit", (event) => {
  if (window.htmx || navigator.onLine) return;
  event.preventDefault();
  tell("offline", event.target);
});
document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());

// A history restore by htmx has no timeout of its own.
window.addEventListener("popstate", (event) => {
  // A link to a part of this page, as in a list of errors, comes here too; nothing is restored.
  if (!event.state?.htmx) return;
  const path = location.pathname + location.search;
  const late = setTimeout(() => location.reload(), 3000);
  const done = (event) => {
    if (event.detail.path && event.detail.path !== path) return;
    clearTimeout(late);
    document.removeEventListener("htmx:historyRestore", done);
  };
  document.addEventListener("htmx:historyRestore", done);
});

// A page out of the back/forward cache may show answers after the form was closed.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// --- Enter in a field goes on; the head, which swaps do not renew, may know another button --------

document.addEventListener("keydown", (event) => {
  const go = event.key === "Enter" && event.target.matches("#page input") && event.target.form?.querySelector("button.go");
  if (!go) return;
  event.preventDefault();
  go.click();
});

// --- Answers that rule each other out ---------------------------------------------------------

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.form) return;
  if (input.dataset.unsure !== undefined && input.checked) clear(input.form, input.dataset.unsure);
  if (input.type === "checkbox" && input.checked && input.name) keepOnly(input);
  const line = input.checked && input.parentElement.querySelector(":scope > .card-line");
  if (line) document.getElementById("said").textContent = line.textContent.trim();
});

document.addEventListener("input", (event) => {
  const { name, form, value, dataset } = event.target;
  if (!form || !name || dataset.unsure !== undefined || !value) return;
  const key = name.replace(/-(year|month|day)$/, "");
  const box = form.querySelector(`[data-unsure="${key}"]`);
  if (box) box.checked = false;
});

// --- Long words: how much room is left, said only when it is little ------------------------------

document.addEventListener("input", (event) => {
  const line = document.querySelector(`[data-count="${event.target.id}"]`);
  if (!line) return;
  const most = Number(line.dataset.most);
  // As the server counts them: an emoji is one.
  const count = [...event.target.value.trim()].length;
  line.hidden = count < most - Math.min(100, most / 5);
  line.classList.toggle("error", count > most);
  line.textContent = line.dataset.words.replace("{count}", count).replace("{most}", most);
});

function keepOnly(ticked) {
  const alone = ticked.dataset.alone !== undefined;
  for (const other of ticked.form.querySelectorAll(`[name="${ticked.name}"]`)) {
    if (other !== ticked && (alone || other.dataset.alone !== undefined)) other.checked = false;
  }
}

function clear(form, key) {
  for (const part of ["", "-year", "-month", "-day"]) {
    const input = form.elements.namedItem(key + part);
    if (input instanceof HTMLElement) input.value = "";
  }
}

// --- Coming back: the code behind the "#" of a link goes into its field, and out of the address ---

function takeCode() {
  const field = document.getElementById("code");
  const code = /^#([0-9A-Za-z-]{10,20})$/.exec(location.hash)?.[1];
  if (!field || !code) return;
  field.value = code.toUpperCase();
  history.replaceState(history.state, "", location.pathname + location.search);
}
takeCode();
window.addEventListener("hashchange", takeCode);

// --- How the page looks: a form that keeps its words in no draft is answered with a whole page ---

document.addEventListener("click", (event) => {
  const button = event.target.closest(".head button");
  if (button?.form?.dataset.look === undefined) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const action = Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: button.value });
  button.form.prepend(action);
  HTMLFormElement.prototype.submit.call(button.form);
}, true);

// --- The body map: names on one line, one step back, how many are marked -----------------------

const steps = new WeakMap();
const placeOf = (node) => node.closest?.(".with-map [data-place]")?.dataset.place;
const boxOf = (map, place) => map.querySelector(`[value="${place}"]`);

// Show the same place in list and picture, with its name on the line.
function point(event) {
  const map = document.querySelector(".with-map");
  if (!map) return;
  const place = placeOf(event.target);
  for (const old of map.querySelectorAll(".here")) old.classList.remove("here");
  for (const part of map.querySelectorAll(`.map [data-place="${place}"]`)) part.classList.add("here");
  map.querySelector(".place-here").textContent = place ? nameOf(boxOf(map, place)) : "";
}
document.addEventListener("pointerover", point);
document.addEventListener("focusin", point);

const nameOf = (box) => document.getElementById(`${box.id}-name`).textContent;

document.addEventListener("change", ({ target }) => {
  const map = target.closest(".with-map");
  if (!map) return;
  const boxes = [...map.querySelectorAll("input")];
  const before = steps.get(map)?.now || boxes.filter((box) => box.defaultChecked);
  steps.set(map, { before, now: boxes.filter((box) => box.checked), last: target });
  const said = map.querySelector(".place-said");
  said.textContent = said.dataset[target.checked ? "on" : "off"].replace("{place}", nameOf(target));
  map.querySelector(".place-here").textContent = "";
  map.querySelector("[data-undo]").hidden = false;
  for (const part of map.querySelectorAll(".part")) {
    const count = part.querySelectorAll(":checked").length;
    const words = part.querySelector(".marked");
    words.textContent = count ? words.dataset.words.replace("{count}", count) : "";
  }
});

document.addEventListener("click", (event) => {
  const map = event.target.closest(".with-map");
  if (!map) return;
  if (event.target.matches("[data-undo]")) {
    const { before, last } = steps.get(map);
    for (const box of map.querySelectorAll("input")) box.checked = before.includes(box);
    last.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (event.detail > 1) {
    // A trembling finger taps twice.
    event.preventDefault();
  } else if (event.target.matches(".body-place")) {
    boxOf(map, placeOf(event.target)).click();
  }
});

// --- Leaving in a hurry: no way back to this page by the back button --------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-leave]");
  if (!link) return;
  event.preventDefault();
  document.documentElement.hidden = true;
  document.title = "";
  location.replace(link.href);
});

// --- Printing ---------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
