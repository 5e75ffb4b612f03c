// SPDX-License-Identifier: Apache-2.0
/**
 * Leaving at once: the button, or Esc three times within a second and a half.
 *
 * What is on the page is cleared first, before anything is sent. Then the server is told to lock
 * (a request that outlives the page), and an empty page takes this page's place in the history.
 * Without scripts the button is an ordinary form and does the same more slowly.
 */

const WITHIN_MS = 1500;
const TIMES = 3;
const ELSEWHERE = "about:blank"; // there at once, whatever becomes of the server

const form = document.querySelector("form[data-leave]");
let pressed = [];
let left = false;

/** Take everything off the page, so that nothing stays readable while the next one loads. */
export function clear() {
  document.title = "\u00a0";
  document.body?.replaceChildren();
}

function tell(address, body) {
  try {
    if (navigator.sendBeacon(address, body)) {
      return;
    }
  } catch {
    // the next way
  }
  fetch(address, { method: "POST", body, keepalive: true, credentials: "same-origin" }).catch(
    () => {},
  );
}

/** The fields that show the server that a request is ours. */
export function proof() {
  return new URLSearchParams(form ? new FormData(form) : {});
}

/** Clear, tell the server, and be elsewhere. */
export function leave() {
  if (left || !form) {
    return;
  }
  left = true;
  const address = form.action;
  const body = proof();
  clear();
  tell(address, body);
  location.replace(ELSEWHERE);
}

function count(event) {
  if (event.key !== "Escape" || event.repeat) {
    return;
  }
  const now = performance.now();
  pressed = [...pressed.filter((at) => now - at < WITHIN_MS), now];
  if (pressed.length >= TIMES) {
    leave();
  }
}

function submitted(event) {
  event.preventDefault();
  leave();
}

/** A page kept in the browser's memory is never shown again as it was. */
function shownAgain(event) {
  if (event.persisted) {
    clear();
    location.reload();
  }
}

if (form) {
  document.addEventListener("keydown", count, { capture: true });
  form.addEventListener("submit", submitted);
  window.addEventListener("pageshow", shownAgain);
  for (const hint of document.querySelectorAll("[data-leave-hint]")) {
    hint.hidden = false;
  }
}
