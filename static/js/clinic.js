// A page that nobody uses for ten minutes hides what it shows, and keeps what was typed. Two minutes
// before the log-in ends it says so. Asking how long it lasts keeps no log-in alive.
"use strict";

// In a block: other scripts of the page have names of their own.
{
  const QUIET = 10 * 60 * 1000;
  const WARNING = 120;
  const ending = document.getElementById("ending");
  const away = document.createDocumentFragment();
  let quiet = 0;
  let timer = 0;

  // --- A page left alone ------------------------------------------------------------------------

  function hide() {
    const page = document.getElementById("page");
    if (away.hasChildNodes()) return;
    const instead = document.getElementById("hidden-page").content.cloneNode(true);
    away.append(...page.childNodes);
    page.append(instead);
    page.querySelector("h1").focus();
    page.querySelector("a.go").addEventListener("click", show);
  }

  const changed = (field) => field.type !== "hidden" && (field.type === "checkbox" || field.type === "radio"
    ? field.checked !== field.defaultChecked
    : field.defaultValue !== undefined && field.value !== field.defaultValue);
  const typed = () => [...away.querySelectorAll("form[method=post]")].find((form) => [...form.elements].some(changed));

  async function show(event) {
    const form = typed();
    if (!form) return;
    event.preventDefault();
    const told = await ask();
    if (told && told.who === ending.dataset.who) {
      // Another window may have logged in anew; the token changes with that.
      for (const token of away.querySelectorAll("[name=csrf_token]")) token.value = told.token;
      document.getElementById("page").replaceChildren(away);
      arm(told.left);
    } else if (told) {
      location.reload();
    } else {
      // The server keeps the words for the same person, who logs in first.
      form.hidden = true;
      document.body.append(form);
      HTMLFormElement.prototype.submit.call(form);
    }
  }

  function used() {
    clearTimeout(quiet);
    quiet = setTimeout(hide, QUIET);
  }

  for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"]) {
    document.addEventListener(kind, used, { passive: true });
  }
  used();

  // --- The end of the log-in --------------------------------------------------------------------

  async function ask(body) {
    const options = body ? { method: "POST", body } : {};
    const reply = await fetch(ending.dataset.ask, { ...options, headers: { "HX-Request": "true" } });
    return reply.status === 200 ? reply.json() : null;
  }

  function arm(left) {
    ending.replaceChildren();
    clearTimeout(timer);
    timer = setTimeout(check, Math.max(left - WARNING, 1) * 1000);
  }

  async function check() {
    const told = await ask().catch(() => null);
    if (!told) return hide();
    if (told.left > WARNING + 5) return arm(told.left);
    if (!ending.hasChildNodes()) warn(told.last);
    timer = setTimeout(check, (told.left + 1) * 1000);
  }

  function warn(last) {
    const text = document.createElement("p");
    text.textContent = last ? ending.dataset.last : ending.dataset.soon;
    ending.replaceChildren(text);
    if (last) return;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "go" });
    button.textContent = ending.dataset.stay;
    button.addEventListener("click", stay);
    ending.append(button);
  }

  async function stay() {
    const { value } = document.querySelector("[name=csrf_token]");
    const told = await ask(new URLSearchParams({ csrf_token: value, _end: "1" })).catch(() => null);
    if (told) arm(told.left);
    else hide();
  }

  if (ending) arm(Number(ending.dataset.left));
}
