// SPDX-License-Identifier: Apache-2.0
/**
 * After a time without a key, click, touch or movement: clear the page and go to the unlock page.
 *
 * A warning comes before, and anything pressed keeps the page. Windows of the same case tell each
 * other that somebody is there, and the server is told now and then, so that a long note that is
 * being written is not locked away under the writer's hands. Nothing is stored.
 */

import { clear, proof } from "./exit.js";

const WARNING_MS = 50_000;
const EVERY_MS = 1_000;
const TELL_WINDOWS_MS = 5_000;
const LOCKING_MS = 1_500;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart", "scroll"];

const place = document.querySelector("[data-idle]");
const limit = Number(place?.dataset.idle ?? 0) * 1_000;
const others = "BroadcastChannel" in window ? new BroadcastChannel("awake") : null;
let last = Date.now();
let toldWindows = last;
let toldServer = last;
let closing = false;

/** Somebody is there. The answer to the question for the unlock page does not matter. */
function awake() {
  const now = Date.now();
  if (closing || now - last >= limit) {
    return;
  }
  last = now;
  if (now - toldWindows > TELL_WINDOWS_MS) {
    toldWindows = now;
    others?.postMessage("awake");
  }
  if (now - toldServer > limit / 4) {
    toldServer = now;
    fetch(place.dataset.unlock, { redirect: "manual", cache: "no-store" }).catch(() => {});
  }
}

/** Clear the page, have the server lock, and go where the passphrase is asked. */
function close() {
  closing = true;
  const { lock, unlock } = place.dataset;
  const body = proof();
  const onwards = () => location.replace(unlock);
  clear();
  setTimeout(onwards, LOCKING_MS);
  fetch(lock, { method: "POST", body, redirect: "manual", keepalive: true }).then(onwards, onwards);
}

function warn(show) {
  const text = place.querySelector("[data-idle-text]");
  const wanted = show ? text.dataset.idleText : "";
  if (text.textContent !== wanted) {
    text.textContent = wanted;
  }
}

function look() {
  if (closing) {
    return;
  }
  const quiet = Date.now() - last;
  if (quiet >= limit) {
    close();
  } else {
    warn(limit - quiet < Math.min(WARNING_MS, limit / 2));
  }
}

if (place && limit > 0) {
  for (const sign of SIGNS) {
    document.addEventListener(sign, awake, { passive: true, capture: true });
  }
  others?.addEventListener("message", () => {
    last = Date.now();
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
  setInterval(look, EVERY_MS);
}
