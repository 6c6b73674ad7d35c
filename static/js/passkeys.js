// Passkeys, where the browser has them: ask the server what to ask for, have the device answer, and
// send the answer as a form. Without this script the password stays, and the pages say so.
"use strict";

// In a block: other scripts of the page have names of their own.
{
  const can = window.PublicKeyCredential?.parseRequestOptionsFromJSON && PublicKeyCredential.prototype.toJSON;

  async function ask(form) {
    const body = new URLSearchParams(new FormData(form));
    const reply = await fetch(form.dataset.ask, { method: "POST", body });
    if (!reply.ok || !reply.headers.get("Content-Type")?.includes("json")) throw new Error("net");
    return reply.json();
  }

  async function answer(kind, options) {
    const credential = kind === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    return JSON.stringify(credential.toJSON());
  }

  function say(form, error) {
    const words = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "there" };
    const line = form.querySelector("[role=alert]");
    line.hidden = false;
    line.textContent = form.dataset[error.message === "net" || error instanceof TypeError ? "net" : words[error.name] || "wrong"];
  }

  async function pressed(event) {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button");
    if (button.disabled) return;
    button.disabled = true;
    form.querySelector("[role=alert]").hidden = true;
    try {
      form.elements.credential.value = await answer(form.dataset.passkey, await ask(form));
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      say(form, error);
      button.disabled = false;
      button.focus();
    }
  }

  if (can) {
    for (const line of document.querySelectorAll("[data-without-passkeys]")) line.hidden = true;
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      form.hidden = false;
      form.addEventListener("submit", pressed);
    }
  }
}
