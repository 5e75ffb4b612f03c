// SPDX-License-Identifier: Apache-2.0
// An event of the timeline, made of text nodes alone: what came from outside is never markup here.
// templates/timeline/rows.html makes the same of the same facts, for pages without scripts.

import { mend } from "./timeline-pictures.js";

function make(name, look = "", ...inside) {
  const made = document.createElement(name);
  if (look) made.className = look;
  made.append(...inside);
  return made;
}

function outside(text, look = "") {
  return make("bdi", look, text);
}

function spaced(...parts) {
  return parts.filter(Boolean).flatMap((one) => [one, " "]);
}

function head(one) {
  return make(
    "p",
    "event-head",
    ...spaced(
      one.who && outside(one.who, "event-who"),
      one.account && outside(one.account, "event-account"),
      ...(one.told ?? []).map((told) => make("span", "tag", told)),
    ),
  );
}

function text(parts) {
  const pieces = parts.map(([sort, piece]) => {
    if (sort === "hit") return make("mark", "", piece);
    return sort === "cut" ? make("span", "quiet", piece) : piece;
  });
  const made = make("blockquote", "event-text", make("bdi", "", ...pieces));
  made.dir = "auto";
  return made;
}

function file(one, words) {
  const made = make("div", "event-file");
  if (one.picture) {
    const picture = make("img", "event-picture");
    picture.alt = words.picture;
    picture.dataset.none = words.none;
    picture.loading = "lazy";
    picture.decoding = "async";
    picture.width = 320;
    picture.height = 240;
    mend(picture);
    picture.src = one.picture;
    made.append(picture);
  }
  if (one.name || one.told) {
    made.append(
      make("p", "event-file-name", ...spaced(one.name && outside(one.name), one.told && make("span", "quiet", one.told))),
    );
  }
  return made;
}

function foot(one, words) {
  const link = make("a", "event-link");
  link.href = one.href;
  if (one.iso) {
    const time = make("time", "", one.clock);
    time.dateTime = one.iso;
    link.append(time);
  } else {
    link.append(one.clock);
  }
  link.append(make("span", "unseen", `, ${words.about}`));
  return make(
    "p",
    "event-foot",
    ...spaced(
      link,
      one.zone && make("span", "", outside(one.zone)),
      one.where && outside(one.where),
    ),
  );
}

/** Make an event's element. */
export function row(one, words) {
  const made = make("li", `event event-${one.look}${one.side ? ` event-${one.side}` : ""}`);
  if (one.event === words.chosen) made.classList.add("event-chosen");
  if (one.gap) made.append(make("p", "event-gap", one.gap));
  if (one.day) made.append(make("h2", "event-day", one.day));
  const body = make("div", "event-body", head(one));
  if (one.subject) {
    const subject = make("p", "event-subject", outside(one.subject));
    subject.dir = "auto";
    body.append(subject);
  }
  if (one.parts) body.append(text(one.parts));
  body.append(...(one.files ?? []).map((each) => file(each, words)), foot(one, words));
  made.append(body);
  return made;
}

/** Make the element that stands for an event until it is there. */
export function coming(words) {
  return make("li", "event event-coming", make("div", "event-body", words.coming));
}
