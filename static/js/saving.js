// Saving while somebody types, and locking what was left lying. Pages work without it: their
// buttons save too, and the server locks by itself.

const page = () => document.getElementById("page");

// --- Words are saved while they are typed, and once more when the page is left ----------------

const status = document.getElementById("save-status");
// When the oldest unsaved word was typed; 0: all are saved.
let since = 0;
let timer, sending, tries, flushed;

const savingForm = () => page().querySelector("form[data-save]");

function saveIn(wait) {
  clearTimeout(timer);
  timer = setTimeout(save, wait);
}

function note(event, wait) {
  stir();
  if (!event.target.form?.dataset.save) return;
  since ||= Date.now();
  saveIn(Math.min(wait, Math.max(0, since + 2500 - Date.now())));
}

function done() {
  clearTimeout(timer);
  since = tries = 0;
  sending = flushed = false;
}

function say(kind) {
  if (kind !== "saved") status.ariaLive = "polite";
  if (status.textContent !== status.dataset[kind]) status.textContent = status.dataset[kind];
}

// Fields of a form as the browser would send them; of the main form each time a newer count.
function fieldsOf(form) {
  const { seq } = form.elements;
  if (seq) seq.value++;
  return new URLSearchParams(new FormData(form));
}

// The status of the reply, 0 when there was none.
async function post(url, form) {
  try {
    const signal = AbortSignal.timeout(15000);
    const body = fieldsOf(form);
    const reply = await fetch(url, { method: "POST", body, redirect: "manual", signal });
    // Locked: the words are kept, the page has to go.
    if (reply.type === "opaqueredirect") reopen();
    if (reply.ok) lockIn(reply.headers.get("Locks-In"));
    return reply.status;
  } catch {
    return 0;
  }
}

async function save() {
  const form = savingForm();
  if (!form || !since || sending) return;
  const began = since;
  since = 0;
  sending = true;
  const code = await post(form.dataset.save, form);
  // Another page stands there by now, and its button took the words along.
  if (form !== savingForm()) return;
  sending = false;
  if (code === 204) {
    say("saved");
    tries = 0;
    if (since) saveIn(1000);
  } else {
    since = began;
    say(code === 409 ? "changed" : "unsaved");
    if (!code || code >= 500) saveIn(1000 * Math.min(60, 2 ** ++tries));
  }
}

function flush() {
  const form = savingForm();
  if (!form || !(since || sending)) return;
  navigator.sendBeacon(form.dataset.save, fieldsOf(form));
  flushed = true;
  since = 0;
}

// A press of a button says more than what was saved before it and may still be on its way.
document.addEventListener("submit", ({ target }) => {
  const { seq } = target.elements;
  if (seq) seq.value++;
  if (!window.htmx && navigator.onLine) done();
}, true);
document.addEventListener("input", (event) => note(event, 1000));
document.addEventListener("change", (event) => note(event, 0));
window.addEventListener("online", save);
// Before the request for the next page, at it, and when a phone puts the page away.
for (const leaving of ["beforeunload", "pagehide"]) window.addEventListener(leaving, flush);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return flush();
  watch();
  // Nobody answers a beacon: what it carried is sent once more.
  if (flushed) since = Date.now();
  flushed = false;
  save();
});

// --- A form left lying is locked: said before, put off by any touch -----------------------------

let locksAt, heardAt, cameFrom;

function lockIn(seconds) {
  heardAt = Date.now();
  locksAt = heardAt + 1000 * (Number(seconds) + 1);
  const bar = document.getElementById("idle");
  if (!bar || bar.hidden) return;
  if (bar.contains(document.activeElement)) cameFrom?.focus();
  bar.hidden = true;
}

function reopen() {
  done();
  location.replace(location.pathname + location.search);
}

function watch() {
  const bar = document.getElementById("idle");
  const left = locksAt - Date.now();
  if (!bar || left > 300000) return;
  if (left <= 0) return since ? save() : reopen();
  if (!bar.hidden) return;
  cameFrom = document.activeElement;
  bar.hidden = false;
  bar.querySelector("button").focus();
}

// Somebody is there: the server hears it every other minute at most.
function stir() {
  const bar = document.getElementById("idle");
  if (!bar || Date.now() < heardAt + 120000) return;
  heardAt = Date.now();
  const form = bar.querySelector("form");
  post(form.action, form).then((code) => code || (heardAt = 0));
}

document.addEventListener("pointerdown", stir);
document.addEventListener("keydown", stir);
document.addEventListener("submit", (event) => {
  if (!event.target.closest("#idle")) return;
  event.preventDefault();
  stir();
});
setInterval(watch, 5000);

// A page was drawn; after errors some of its words may be nowhere else yet.
export function opened() {
  done();
  // Said aloud on one page, after that only shown.
  if (status.textContent) status.ariaLive = "off";
  status.textContent = "";
  const bar = document.getElementById("idle");
  if (bar) lockIn(bar.dataset.lock);
  if (!document.getElementById("errors") || !savingForm()) return;
  since = Date.now();
  saveIn(1000);
}
