// The work list keeps itself fresh: counts and states change where they stand, and no row moves.
// Asking keeps no log-in alive; the page is left as it is while somebody types or looks elsewhere.
"use strict";

const EVERY = 30000;
const fresh = document.querySelector("[data-changes]");
const news = document.getElementById("news");
let failures = 0;

const isTyping = () => document.activeElement?.matches("input, textarea, select");

function put(found) {
  const here = document.getElementById(found.id);
  if (!here || here === news || here.innerHTML.trim() === found.innerHTML.trim()) return;
  // Nothing is taken from under somebody's hands.
  if (here.contains(document.activeElement)) return;
  here.replaceChildren(...found.childNodes);
}

function tell(...words) {
  // Said aloud once: the same words again are no news.
  const text = words.map((each) => each.textContent ?? each).join("");
  if (news.textContent.trim() === text.trim()) return;
  news.replaceChildren(...words);
}

function again(text) {
  const link = document.createElement("a");
  link.href = location.pathname + location.search;
  link.textContent = text;
  return link;
}

async function ask() {
  if (document.hidden || isTyping() || !document.contains(fresh)) return;
  let reply;
  try {
    reply = await fetch(fresh.dataset.changes, { redirect: "manual", cache: "no-store" });
  } catch {
    failures += 1;
    if (failures > 1) tell(fresh.dataset.lost);
    return;
  }
  if (reply.type === "opaqueredirect" || reply.status === 401 || reply.status === 403) {
    clearInterval(timer);
    tell(`${fresh.dataset.ended} `, again(fresh.dataset.in));
    return;
  }
  if (!reply.ok) return;
  failures = 0;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  page.querySelectorAll("body [id]").forEach(put);
  const said = page.getElementById("news");
  const link = said.querySelector("a");
  if (link) link.replaceWith(again(link.textContent));
  tell(...said.childNodes);
}

const timer = setInterval(ask, EVERY);
document.addEventListener("visibilitychange", () => document.hidden || ask());
