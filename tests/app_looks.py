# SPDX-License-Identifier: Apache-2.0
"""What is looked for on every page, beside axe: small scripts that give what is wrong.

Each gives a list of what it found, shortened; an empty one is good.
"""

from __future__ import annotations

_SHOWN = """
const shown = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true})
  && !one.closest('.skip') && one.type !== 'hidden' && one.getBoundingClientRect().width > 1;
const short = (one) => one.outerHTML.replace(/\\s+/g, ' ').slice(0, 130);
const controls = (where) => [...where.querySelectorAll(
  'a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(shown);
"""


def _script(body: str) -> str:
    return f"(() => {{ {_SHOWN} {body} }})()"


SMALL = _script("""
return controls(document)
  .filter((one) => getComputedStyle(one).display !== 'inline')
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width < 24 || box.height < 24)
  .map(([box, one]) => `${Math.round(box.width)}x${Math.round(box.height)} ${short(one)}`);
""")
"""Targets below 24 by 24 pixels; a link within a sentence may be smaller (WCAG 2.5.8)."""

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

UNORDERED = _script("""
const main = document.querySelector('main');
const positive = [...document.querySelectorAll('[tabindex]')].filter((one) => one.tabIndex > 0);
const scrolls = (one) => one && one !== main
  && (/auto|scroll/.test(getComputedStyle(one).overflowY) || scrolls(one.parentElement));
const boxes = controls(main ?? document.body).filter((one) => !one.closest('svg') && !scrolls(one))
  .map((one) => [one, one.getBoundingClientRect()]);
const wrong = positive.map((one) => `tabindex ${short(one)}`);
for (let place = 1; place < boxes.length; place += 1) {
  const [before, one] = [boxes[place - 1][1], boxes[place][1]];
  if (one.bottom <= before.top && one.left < before.right)
    wrong.push(`${short(boxes[place][0])} stands above ${short(boxes[place - 1][0])}`);
}
return wrong.slice(0, 3);
""")
"""What the focus reaches later and the eye earlier: above what came before, and not beside it.

Left out is what scrolls by itself, where rows that are further up may be out of sight."""

SAME_NAME = _script("""
const words = (text) => text.replace(/\\s+/g, ' ').trim();
const name = (one) => words(one.getAttribute('aria-label') ?? one.textContent);
const described = (one) => (one.getAttribute('aria-describedby') ?? '').split(' ')
  .map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
const around = (one) => {
  const place = one.closest('li, tr, dd, figure, section, fieldset, article');
  const term = place?.matches('dd') ? place.previousElementSibling.textContent : '';
  const heading = one.closest('section, article')?.querySelector('h2, h3')?.textContent ?? '';
  return words(`${heading} ${term} ${place?.closest('main') ? place.textContent : ''}`);
};
const seen = new Map();
const wrong = [];
for (const one of [...document.querySelectorAll('main a[href]')].filter(shown)) {
  const key = `${name(one)}|${described(one)}|${around(one)}`;
  const other = seen.get(key);
  if (other && other.pathname !== one.pathname) wrong.push(short(one));
  seen.set(key, one);
}
return wrong.slice(0, 3);
""")
"""Links of one name that lead to several places, with nothing around them to tell them apart."""

MOVING = _script("""
return document.getAnimations()
  .filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 10)
  .map((one) => one.animationName ?? one.transitionProperty ?? 'something');
""")
"""What moves although the person asked for less of it."""

UNSEEN_FOCUS = _script("""
const wrong = [];
for (const one of controls(document)) {
  one.focus();
  if (document.activeElement !== one) continue;
  const shape = one.closest('.choice-card') ?? one.querySelector('rect') ?? one;
  const seen = [one, shape, one.parentElement].map((part) => getComputedStyle(part));
  const outlined = [...seen, getComputedStyle(one, '::after')].some(
    (style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  if (!outlined && !(parseFloat(seen[1].strokeWidth) >= 2)) wrong.push(short(one));
}
return wrong.slice(0, 3);
""")
"""What can have the focus without showing it."""

COVERED = _script("""
const wrong = [];
for (const one of controls(document.querySelector('main') ?? document.body)) {
  one.focus();
  const box = one.getBoundingClientRect();
  const x = Math.min(innerWidth - 2, Math.max(1, box.left + box.width / 2));
  const y = box.height > innerHeight ? innerHeight / 2 : box.top + box.height / 2;
  const there = document.elementFromPoint(x, y);
  if (!there) wrong.push(`out of sight: ${short(one)}`);
  else if (!one.contains(there) && !there.contains(one) && there.closest('header, footer'))
    wrong.push(`covered: ${short(one)}`);
}
return wrong.slice(0, 3);
""")
"""What has the focus and is out of sight, or below the bar that stays."""
