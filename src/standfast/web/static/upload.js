// SPDX-License-Identifier: Apache-2.0
// Files are announced, then sent one by one, and what becomes of each is shown. The plain form does
// the same without this file. Nothing here opens a file: the browser streams it from its disk.

const LISTED = 200;
const ENTRIES = 100000;
const BUSY_TRIES = 20;
const BUSY_WAIT = 3000;

const form = document.querySelector("form[data-upload]");
const account = document.querySelector("[data-account]");
if (form && account) prepare();
const watched = document.querySelector("[data-watch]");
if (watched) watch(watched);

// -- choosing --------------------------------------------------------------------------------------

function prepare() {
  const zone = form.querySelector("[data-drop]");
  const mouse = matchMedia("(pointer: fine)").matches;
  form.querySelector("[data-drop-title]").hidden = !mouse;
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("drop-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("drop-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("drop-over");
    await send(await dropped(event.dataTransfer));
  });
  // a file that misses the zone must not replace the page
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
  form.addEventListener("submit", (event) => {
    const chosen = [...form.querySelectorAll("input[type=file]")].flatMap((one) => [...one.files]);
    if (!chosen.length) return;
    event.preventDefault();
    send(chosen.map((file) => ({ file, name: file.webkitRelativePath || file.name })));
  });
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((one) => one.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
  const found = [];
  const waiting = entries.reverse();
  while (waiting.length && found.length < ENTRIES) {
    const entry = waiting.pop();
    const name = entry.fullPath.replace(/^\//, "");
    if (entry.isFile) {
      const file = await new Promise((done) => entry.file(done, () => done(null)));
      found.push({ file, name });
    } else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done) => reader.readEntries(done, () => done([])));
        if (!some.length) break;
        waiting.push(...some);
      }
    }
  }
  return found;
}

// -- sending ---------------------------------------------------------------------------------------

async function send(chosen) {
  const words = account.dataset;
  const news = account.querySelector("[data-news]");
  const list = account.querySelector("[data-files]");
  const stop = account.querySelector("[data-stop]");
  const finish = account.querySelector("[data-finish]");
  account.hidden = false;
  form.hidden = true;
  list.replaceChildren();
  if (!chosen.length) {
    form.hidden = false;
    account.hidden = true;
    return say(news, words.nothing, form);
  }
  const files = chosen.map(({ file, name }) => ({
    name,
    size: file ? file.size : 0,
    modified: file ? stamp(file.lastModified) : "",
  }));
  const answer = await ask("PUT", form.dataset.upload, JSON.stringify({ files }));
  if (!answer.address) {
    form.hidden = false;
    account.hidden = true;
    return say(news, answer.problem || words.lost, form);
  }
  finish.action = answer.address;
  const meter = new Meter(files, words);
  const rows = chosen.slice(0, LISTED).map(({ name }) => row(list, name, words.waiting));
  if (chosen.length > LISTED) row(list, words.more.replace("{count}", chosen.length - LISTED), "");
  let stopped = false;
  stop.addEventListener("click", () => {
    stopped = true;
    meter.request?.abort();
    news.textContent = words.stopped;
  });
  const stay = (event) => event.preventDefault();
  addEventListener("beforeunload", stay);
  let lost = false;
  for (let number = 0; number < chosen.length && !stopped && !lost; number += 1) {
    const told = await sendOne(answer.address, number, chosen[number].file, meter, rows[number], words);
    lost = told === null && !stopped;
    if (told && told.state === "left_out") exhibit(list, rows, number, chosen[number].name, told);
  }
  removeEventListener("beforeunload", stay);
  stop.hidden = true;
  finish.hidden = false;
  if (lost) news.textContent = words.lost;
  else if (!stopped) finish.submit();
}

function stamp(milliseconds) {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z") : "";
}

async function sendOne(address, number, file, meter, place, words) {
  meter.begin(number);
  if (!file) {
    meter.settle(number);
    if (place) place.textContent = words.unreadable;
    return { state: "left_out", words: words.unreadable };
  }
  for (let attempt = 0; attempt < BUSY_TRIES; attempt += 1) {
    const told = await put(address, number, file, meter, place);
    if (told === null) return null;
    if (place) place.textContent = told.words;
    if (told.state !== "waiting") {
      meter.settle(number);
      return told;
    }
    await new Promise((done) => setTimeout(done, BUSY_WAIT)); // another program is writing
  }
  return null;
}

function put(address, number, file, meter, place) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    meter.request = request;
    request.open("PUT", address);
    request.setRequestHeader("X-Form", form.dataset.token);
    request.setRequestHeader("X-File", String(number));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      meter.reach(event.loaded);
      if (place && file.size) place.textContent = `${Math.floor((event.loaded * 100) / file.size)} %`;
    });
    request.addEventListener("loadend", () => {
      meter.request = null;
      try {
        done(request.status === 200 ? JSON.parse(request.responseText) : null);
      } catch {
        done(null);
      }
    });
    request.send(file);
  });
}

async function ask(method, address, body) {
  try {
    const headers = { "X-Form": form.dataset.token, "Content-Type": "application/json" };
    const answer = await fetch(address, { method, body, headers, redirect: "error" });
    return await answer.json();
  } catch {
    return {};
  }
}

// -- showing ---------------------------------------------------------------------------------------

class Meter {
  constructor(files, words) {
    this.files = files;
    this.words = words;
    this.request = null;
    this.before = 0;
    this.settled = 0;
    this.bar = document.getElementById("meter-upload");
    this.told = document.getElementById("told-upload");
    this.bar.max = files.reduce((sum, one) => sum + one.size, 0) || 1;
    this.bar.value = 0;
    this.tell();
  }

  begin(number) {
    this.number = number;
    this.bar.value = this.before;
  }

  reach(bytes) {
    awake();
    this.bar.value = this.before + Math.min(bytes, this.files[this.number].size);
  }

  settle(number) {
    this.before += this.files[number].size;
    this.settled += 1;
    this.bar.value = this.before;
    this.tell();
  }

  tell() {
    const { words, settled, files } = this;
    this.told.textContent = words.told.replace("{count}", settled).replace("{all}", files.length);
  }
}

// Sending is a sign that somebody is there: idle.js would lock the case in the middle of a file.
function awake() {
  document.dispatchEvent(new Event("scroll"));
}

function row(list, name, words) {
  const item = document.createElement("li");
  item.className = "cluster apart";
  const shown = document.createElement("bdi");
  shown.textContent = legible(name);
  const state = document.createElement("span");
  state.textContent = words;
  item.append(shown, state);
  list.append(item);
  return state;
}

function exhibit(list, rows, number, name, told) {
  if (number >= rows.length) row(list, name, told.words);
}

function legible(name) {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) => {
    return `[U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
  });
}

function say(news, sentence, before) {
  let place = document.querySelector("[data-refused]");
  if (!place) {
    place = document.createElement("p");
    place.dataset.refused = "";
    place.setAttribute("role", "alert");
    before.prepend(place);
  }
  place.textContent = sentence;
}

// -- watching an upload that another page sends ------------------------------------------------------

function watch(place) {
  const list = place.querySelector("[data-files]");
  async function look() {
    let facts;
    try {
      const answer = await fetch(place.dataset.watch, { cache: "no-store", redirect: "error" });
      facts = await answer.json();
    } catch {
      return;
    }
    const bar = document.getElementById("meter-upload");
    bar.max = facts.total || 1;
    bar.value = facts.done;
    document.getElementById("told-upload").textContent = facts.told;
    const states = [...list.children].map((one) => one.lastElementChild);
    facts.rows.forEach((one, place_) => {
      if (states[place_]) states[place_].textContent = one.words;
    });
    if (facts.coming) setTimeout(look, 1000);
    else setTimeout(look, 5000);
  }
  setTimeout(look, 1000);
}
