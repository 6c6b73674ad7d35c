// A page that nobody uses for ten minutes hides what it shows. It asks the server for nothing, so
// that a forgotten window keeps no log-in alive.
"use strict";

const QUIET = 10 * 60 * 1000;
let quiet = 0;

function hide() {
  const instead = document.getElementById("hidden-page").content.cloneNode(true);
  const page = document.getElementById("page");
  page.replaceChildren(instead);
  page.querySelector("h1").focus();
}

function used() {
  clearTimeout(quiet);
  quiet = setTimeout(hide, QUIET);
}

for (const kind of ["pointerdown", "keydown", "scroll", "touchstart"]) {
  document.addEventListener(kind, used, { passive: true });
}
used();
