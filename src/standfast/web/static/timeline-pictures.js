// SPDX-License-Identifier: Apache-2.0
// A picture that cannot be drawn says so in its place, instead of an empty frame.

export function mend(picture) {
  picture.addEventListener("error", () => {
    picture.classList.add("event-picture-none");
    picture.alt = picture.dataset.none;
    picture.removeAttribute("width");
    picture.removeAttribute("height");
  });
}

for (const one of document.querySelectorAll(".event-picture")) mend(one);
