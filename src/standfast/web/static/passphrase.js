// SPDX-License-Identifier: Apache-2.0
/**
 * Choosing a passphrase: how hard it is to guess while it is typed, whether both are the same, and
 * a button that shows it. Counts as `desk/passphrase.py` does; what the server says holds.
 *
 * Also the button that prints the recovery sheet. Nothing is sent or kept here.
 */

const LEVELS = [250, 350, 440];
const [LETTER, DIGIT, SYMBOL, SWITCH] = [25, 33, 10, 15];
const [WORD, FURTHER, LONG_WORD] = [110, 12, 12];
const [YEAR, NUMBER, OFTEN] = [70, 130, 20];
const FREE_SWITCHES = 2;
const SHORTEST_HIDDEN = 5;
const ALIKE = new Map([..."013457@$!"].map((sign, i) => [sign, "oleastasi"[i]]));

function kindOf(sign) {
  if (/[\p{L}\p{M}]/u.test(sign)) {
    return "letter";
  }
  if (/\p{Nd}/u.test(sign)) {
    return "digit";
  }
  return /\s/u.test(sign) ? "space" : "symbol";
}

function runsOf(signs) {
  const runs = [];
  let last = "";
  for (const sign of signs) {
    const kind = kindOf(sign);
    if (kind === "letter" || kind === "digit") {
      if (kind === last) {
        runs[runs.length - 1] += sign;
      } else {
        runs.push(sign);
      }
    }
    last = kind;
  }
  return runs;
}

/** Count the signs that do not just go on with a run such as 1234, cba or aaa. */
function freshIn(signs) {
  const codes = signs.map((sign) => sign.codePointAt(0));
  const near = codes.slice(1).map((code, i) => Math.abs(code - codes[i]) <= 1);
  return codes.length - near.slice(1).filter((close, i) => close && near[i]).length;
}

function worth(run, often) {
  if (often.includes(run)) {
    return OFTEN;
  }
  const count = freshIn([...run]);
  if (kindOf([...run][0]) === "digit") {
    const year = run.length === 4 && /^(19|20)/.test(run);
    return Math.min(DIGIT * count, year ? YEAR : NUMBER);
  }
  return Math.min(LETTER * count, WORD) + FURTHER * Math.max(0, count - LONG_WORD);
}

function switchesIn(signs) {
  const kinds = signs.map(kindOf);
  return kinds
    .slice(1)
    .filter((kind, i) => kind !== kinds[i] && kind !== "space" && kinds[i] !== "space").length;
}

function capOf(signs, often) {
  const plain = signs.map((sign) => ALIKE.get(sign) ?? sign).filter((s) => kindOf(s) === "letter");
  const text = plain.join("");
  const hidden = often.filter((word) => word.length >= SHORTEST_HIDDEN && text.includes(word));
  const caps = hidden.map((word) => OFTEN + LETTER * (plain.length - [...word].length));
  return Math.min(10_000, ...caps);
}

/** Give the level of a passphrase, 0 to 3. */
export function levelOf(passphrase, often) {
  const signs = [...passphrase.normalize("NFKC").toLowerCase()];
  const symbols = new Set(signs.filter((sign) => kindOf(sign) === "symbol"));
  let tenths = SYMBOL * symbols.size + SWITCH * Math.max(0, switchesIn(signs) - FREE_SWITCHES);
  for (const run of new Set(runsOf(signs))) {
    tenths += worth(run, often);
  }
  tenths = Math.min(tenths, capOf(signs, often));
  return LEVELS.filter((least) => tenths >= least).length;
}

function set(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

function choosing(place) {
  const { least, often, levels, short, differs } = place.dataset;
  const [first, again] = place.querySelectorAll("input");
  const known = often.split(" ");
  const words = levels.split("|");
  const told = place.querySelector("[data-strength]");
  const same = place.querySelector("[data-same]");

  function tell() {
    const typed = first.value;
    const long = [...typed].length >= Number(least);
    const sentence = long ? words[levelOf(typed, known)] : short;
    set(told, typed ? sentence : "");
    place.dataset.level = long ? levelOf(typed, known) : "";
    set(same, again.value && again.value !== typed ? differs : "");
  }

  place.addEventListener("input", tell);
  showing(place.querySelector("[data-show]"), [first, again]);
}

function showing(button, fields) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!shown));
    for (const field of fields) {
      field.type = shown ? "password" : "text";
    }
  });
}

for (const place of document.querySelectorAll("[data-passphrase]")) {
  choosing(place);
}
for (const place of document.querySelectorAll("[data-one-passphrase]")) {
  showing(place.querySelector("[data-show]"), place.querySelectorAll("input"));
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
