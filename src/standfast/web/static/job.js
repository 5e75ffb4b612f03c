// SPDX-License-Identifier: Apache-2.0
// How far long work is, asked every second. It never moves the focus; a screen reader is told when
// a phase begins and at each quarter, not every second. Without this file a link does the same.

const EVERY = 1000;
const PATIENCE = 30;

const box = document.querySelector("[data-job]");
if (box) watch(box);

function watch(place) {
  const bar = document.getElementById("meter-job");
  const told = document.getElementById("told-job");
  const label = place.querySelector("label");
  const news = place.querySelector("[data-news]");
  for (const one of document.querySelectorAll("[data-plain]")) one.hidden = true;
  let failures = 0;
  let said = "";

  async function look() {
    let facts;
    try {
      const answer = await fetch(place.dataset.job, { cache: "no-store", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      facts = await answer.json();
      failures = 0;
    } catch {
      failures += 1;
      if (failures >= PATIENCE) {
        news.classList.remove("unseen");
        news.textContent = place.dataset.lost;
        return;
      }
      setTimeout(look, EVERY);
      return;
    }
    if (facts.over) {
      location.replace(place.dataset.here);
      return;
    }
    show(facts);
    setTimeout(look, EVERY);
  }

  function show(facts) {
    label.textContent = facts.phase;
    told.textContent = facts.told;
    if (facts.total > 0) {
      bar.max = facts.total;
      bar.value = facts.done;
    } else {
      bar.removeAttribute("value");
    }
    const quarter = `${facts.phase}|${Math.floor(facts.percent / 25)}`;
    if (quarter !== said) {
      said = quarter;
      news.textContent = `${facts.phase} ${facts.told}`;
    }
  }

  setTimeout(look, EVERY);
}
