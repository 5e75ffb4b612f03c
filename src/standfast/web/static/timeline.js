// SPDX-License-Identifier: Apache-2.0
/**
 * The timeline with a script: one scroll over all events, a search as one types, jumps to a day.
 *
 * Screen readers get an ordinary list, whose items say which of how many they are; what is not in
 * view is not in it, so a link leads to the same events page by page. What is typed is sent in the
 * body of a request, never in an address. Without this file the page is a list with ways to the
 * next one.
 */

import { Roll } from "./scroll.js";
import { coming, row } from "./timeline-rows.js";

const TYPING_MS = 220;
const AGAIN_MS = 300;

const frame = document.querySelector("[data-scroll]");
const facts = frame?.dataset;
const numbers = new Intl.NumberFormat(document.documentElement.lang);

async function ask(address, options = {}) {
  const answer = await fetch(address, {
    cache: "no-store",
    redirect: "error",
    headers: { accept: "application/json", ...options.headers },
    ...options,
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** Send a form as a script does; asks again while the answer is being worked out. */
async function send(form, fields, signal) {
  const token = form.querySelector("input[name=form]").value;
  for (;;) {
    const answer = await ask(form.action, {
      method: "POST",
      headers: { accept: "application/json", "x-form": token },
      body: new URLSearchParams({ form: token, ...fields }),
      signal,
    });
    if (!answer.wait) return answer;
    await pause(signal);
  }
}

async function until(address, signal) {
  for (;;) {
    const answer = await ask(address, { signal });
    if (!answer.wait) return answer;
    await pause(signal);
  }
}

function pause(signal) {
  return new Promise((done, fail) => {
    setTimeout(done, AGAIN_MS);
    signal?.addEventListener("abort", () => fail(signal.reason), { once: true });
  });
}

// -- the scroll ------------------------------------------------------------------------------

class Timeline {
  constructor() {
    this.feed = facts.feed;
    const { about, picture, none, coming: soon, chosen } = facts;
    this.words = { about, picture, none, coming: soon, chosen };
    this.bar = document.createElement("p");
    this.bar.className = "roll-bar";
    this.day = document.createElement("span");
    this.day.className = "roll-day";
    this.place = document.createElement("span");
    this.place.className = "roll-place";
    this.bar.append(this.day, this.place);
    this.view = document.createElement("div");
    this.view.className = "roll";
    this.view.tabIndex = 0;
    this.view.setAttribute("role", "region");
    this.view.setAttribute("aria-label", facts.label);
    frame.replaceChildren(this.bar, this.view);
    this.total = Number(facts.total);
    this.roll = new Roll(this.view, {
      total: this.total,
      chunk: Number(facts.chunk),
      load: (at, signal) => ask(this.feed + at, { signal }),
      make: (one) => row(one, this.words),
      coming: () => coming(this.words),
      moved: (first, last, settled) => this.moved(first, last, settled),
      changed: () => this.tell(facts.changed, facts.newest),
      lost: () => this.tell(facts.lost, facts.newest),
    });
    this.roll.go(history.state?.at ?? Number(facts.at));
    this.loadDays();
  }

  async loadDays() {
    try {
      this.days = await until(facts.days);
      this.moved(this.roll.top, this.roll.seen, false);
    } catch {
      // the marker shows the number alone
    }
  }

  moved(index, last, settled) {
    this.place.textContent = facts.now
      .replace("{first}", numbers.format(index + 1))
      .replace("{last}", numbers.format(last + 1))
      .replace("{total}", numbers.format(this.total));
    if (this.days) this.day.textContent = this.dayOf(index);
    if (settled) history.replaceState({ at: index }, "");
  }

  dayOf(index) {
    const { firsts, days, undated } = this.days;
    if (index >= undated) return facts.undated;
    let low = 0;
    let high = firsts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (firsts[middle] <= index) low = middle;
      else high = middle;
    }
    return days[low] ?? "";
  }

  /** Say that the list is not what it was; the newest is one press away. */
  tell(sentence, label) {
    if (this.told) return;
    this.told = document.createElement("p");
    this.told.setAttribute("role", "status");
    const link = document.createElement("a");
    link.href = location.pathname;
    link.textContent = label;
    this.told.append(`${sentence} `, link);
    this.bar.before(this.told);
  }

  show(feed) {
    this.feed = feed;
    this.roll.renew();
  }
}

// -- searching -------------------------------------------------------------------------------

class Search {
  constructor(form, timeline) {
    this.form = form;
    this.timeline = timeline;
    this.field = form.querySelector("input[type=search]");
    this.bar = form.querySelector("[data-hits]");
    this.told = form.querySelector("[data-hits-told]");
    this.only = form.querySelector("[data-only]");
    this.steps = [...form.querySelectorAll("[data-hit]")];
    this.said = this.field.value.trim();
    this.field.addEventListener("input", () => this.later());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.answer?.hits && this.field.value.trim() === this.said) this.step(1);
      else this.now();
    });
    for (const one of this.steps) {
      one.addEventListener("click", () => this.step(Number(one.dataset.hit)));
    }
  }

  later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.now(), TYPING_MS);
  }

  async now() {
    clearTimeout(this.waiting);
    const words = this.field.value.trim();
    if (words === this.said) return;
    this.said = words;
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.bar.hidden = false;
    this.told.textContent = this.told.dataset.looking;
    try {
      const answer = await send(this.form, { search: words }, signal);
      if (signal.aborted) return;
      this.answer = answer;
      this.timeline.show(answer.feed);
      this.bar.hidden = !answer.words;
      this.only.href = answer.only;
      this.only.hidden = !answer.hits;
      for (const one of this.steps) one.hidden = !answer.hits;
      if (answer.hits) await this.at(await until(answer.from + this.timeline.roll.top, signal));
      else this.told.textContent = this.told.dataset.none;
    } catch (problem) {
      if (problem.name !== "AbortError") this.told.textContent = facts.lost;
    }
  }

  async step(by) {
    const { hits } = this.answer;
    const number = (this.number + by + hits) % hits;
    try {
      await this.at(await until(this.answer.hit + number, this.asking.signal));
    } catch (problem) {
      if (problem.name !== "AbortError") this.told.textContent = facts.lost;
    }
  }

  async at({ number, at }) {
    this.number = number;
    if (at !== null) this.timeline.roll.go(at);
    this.told.textContent = this.told.dataset.told
      .replace("{n}", numbers.format(number + 1))
      .replace("{total}", numbers.format(this.answer.hits));
  }
}

// -- jumping to a day ------------------------------------------------------------------------

function jumps(form, timeline) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await send(form, { day: form.elements.day.value });
      timeline.roll.go(answer.at);
      timeline.view.focus({ preventScroll: true });
    } catch {
      form.submit();
    }
  });
}

if (frame) {
  const timeline = new Timeline();
  const search = document.querySelector("[data-search]");
  if (search) new Search(search, timeline);
  const jump = document.querySelector("[data-jump]");
  if (jump) jumps(jump, timeline);
}
