// SPDX-License-Identifier: Apache-2.0
// The page: takes a file, shows the answer. Text is only ever set as text.

const MAX_SHOWN = 200;
const byId = (id) => document.getElementById(id);
let language = (navigator.language || "en").toLowerCase().startsWith("de") ? 1 : 0;
let last = null;

function plain(text) {
  const steering = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
  const number = (c) => c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return text.replace(steering, (c) => `[U+${number(c)}]`);
}

function say(code, values = {}) {
  const sentence = (PAGE_WORDS[code] ?? WORDS[code])[language];
  return plain(sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name])));
}

function add(parent, kind, text) {
  const element = document.createElement(kind);
  element.textContent = text;
  parent.append(element);
  return element;
}

function showReasons(said, answer) {
  if (!answer.reasons.length) return;
  add(said, "h3", say("found"));
  if (answer.verdict === "altered") {
    add(said, "p", say(answer.seal_holds ? "intact" : "all_affected", answer));
  }
  const list = add(said, "ul", "");
  for (const { code, path } of answer.reasons.slice(0, MAX_SHOWN)) {
    const entry = add(list, "li", "");
    add(entry, "code", plain(path || say("everywhere")));
    entry.append(": " + say(code) + " [" + code + "]");
  }
  const rest = answer.reasons.length - MAX_SHOWN;
  if (rest > 0) add(said, "p", say("more", { count: rest }));
}

function showGenuine(said, answer) {
  add(said, "h3", say("shown"));
  add(said, "p", say("counts", answer.counts));
  const kept = Object.entries(answer.counts.withheld).map((pair) => pair.join(" "));
  if (kept.length) add(said, "p", say("withheld", { list: kept.join(", ") }));
  add(said, "h3", say("time"));
  const { state, stamps } = answer.timestamp;
  if (state !== "stated") add(said, "p", say("time_" + state));
  for (const stamp of stamps) add(said, "p", say("time_stated", stamp));
  const roots = [...new Set(stamps.map((stamp) => stamp.root))].sort();
  for (const root of roots) add(said, "p", say("time_trust", { root }));
  if (stamps.length) add(said, "p", say("time_meaning"));
  add(said, "h3", say("owner"));
  add(said, "p", say("key", answer));
}

function showAnswer() {
  const { answer, name } = last;
  const said = byId("said");
  said.replaceChildren();
  byId("answer").className = answer.verdict;
  byId("answer").dataset.verdict = answer.verdict;
  const sentence = say(answer.verdict);
  const end = sentence.indexOf(". ") + 1; // the verdict is the first sentence
  byId("verdict").textContent = MARKS[answer.verdict] + " " + sentence.slice(0, end);
  byId("file-name").textContent = say("name", { name: plain(name) });
  add(said, "p", sentence.slice(end + 1));
  showReasons(said, answer);
  if (answer.verdict.startsWith("genuine")) showGenuine(said, answer);
  byId("answer").hidden = false;
}

function speak() {
  document.documentElement.lang = language ? "de" : "en";
  for (const id of ["title", "intro", "choose", "choose-folder", "drop", "foot"]) byId(id).textContent = say(id);
  document.title = "standfast: " + say("title");
  byId("language").textContent = language ? "English" : "Deutsch";
  byId("language").lang = language ? "en" : "de";
  if (last) showAnswer();
}

const sourceOf = (file) => ({
  size: file.size,
  read: async (offset, length) =>
    new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
});

async function check(name, source) {
  const bar = byId("progress");
  byId("answer").hidden = true;
  byId("status").classList.remove("heard");
  byId("status").textContent = say("checking");
  bar.hidden = false;
  bar.value = 0;
  const progress = (done, total) => {
    bar.value = total ? done / total : 1;
  };
  try {
    const answer = await verifyBundle(await source(), progress);
    last = { answer, name };
    showAnswer();
    byId("status").textContent = byId("verdict").textContent;
    byId("status").classList.add("heard"); // the heading shows it
    byId("answer").focus();
    document.dispatchEvent(new CustomEvent("standfast-answer", { detail: answer }));
  } catch (problem) {
    last = null;
    byId("status").textContent = say("failed") + " " + plain(String(problem));
  }
  bar.hidden = true;
}

const checkFile = (file) => check(file.name, async () => sourceOf(file));

// Reads a dropped folder: [path, source] for every file in it.
async function filesBelow(entry, path = "") {
  const here = path + entry.name;
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed));
    return [[here, sourceOf(file)]];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    for (const one of some) found.push(...(await filesBelow(one, here + "/")));
  }
}

byId("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) checkFile(file);
});
byId("folder").addEventListener("change", (event) => {
  const files = [...event.target.files];
  if (!files.length) return;
  const [top] = files[0].webkitRelativePath.split("/");
  check(top, async () => files.map((file) => [file.webkitRelativePath, sourceOf(file)]));
});
byId("language").addEventListener("click", () => {
  language = 1 - language;
  speak();
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  byId("place").classList.add("over");
});
document.addEventListener("dragleave", () => byId("place").classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  byId("place").classList.remove("over");
  const entry = event.dataTransfer.items[0]?.webkitGetAsEntry?.();
  const [file] = event.dataTransfer.files;
  if (entry?.isDirectory) check(entry.name, () => filesBelow(entry));
  else if (file) checkFile(file);
});
speak();
