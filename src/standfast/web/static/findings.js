// SPDX-License-Identifier: Apache-2.0
// While findings are being worked out: ask now and then, and show them when they are there.

const waiting = document.querySelector("[data-wait]");
const PAUSE = 1000;

async function ask() {
  try {
    const answer = await fetch(waiting.dataset.wait, { headers: { accept: "application/json" } });
    if (answer.ok && (await answer.json()).over) {
      location.reload();
      return;
    }
  } catch {
    return;
  }
  setTimeout(ask, PAUSE);
}

if (waiting) {
  setTimeout(ask, PAUSE);
}
