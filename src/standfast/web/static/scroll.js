// SPDX-License-Identifier: Apache-2.0
/**
 * One scroll over very many rows, of which only those in view and around it exist.
 *
 * Browsers cannot hold a page of a million rows' height. So the height is capped, and a place has
 * two addresses: the row at the top of the view, with its distance from it, which is the truth; and
 * the position of the scroll bar, which follows. A small movement moves the rows by just as much; a
 * large one (the bar is dragged) goes to the row in proportion. When the movement is over, the bar
 * is set to where it belongs, and the rows move along, so that nothing seen moves. Near both ends
 * one pixel of the bar is one pixel of the rows.
 *
 * Rows have their natural height; what is loaded above never moves what is being read.
 */

const ROW = 88; // a row's height until it is known
const TALLEST = 6_000_000;
const AT_THE_ENDS = 300; // rows that have their full height on the bar, at each end
const AROUND = 700; // pixels above and below the view that are filled
const EDGE = 2; // pixels of a row that do not count as seen
const KEPT = 60; // chunks that are kept
const SETTLED_MS = 140;
const PASSING_MS = 70; // a place that is passed faster is not loaded
const AGAIN_MS = 400;

export class Roll {
  /**
   * @param {HTMLElement} view the element that scrolls
   * @param {object} how `total`, `chunk`, `load(at, signal)`, `make(facts)`, `coming()`,
   *   `moved(first, last, settled)`, `changed()` and `lost()`
   */
  constructor(view, how) {
    this.view = view;
    this.how = how;
    this.total = how.total;
    this.spacer = document.createElement("div");
    this.sheet = document.createElement("ol");
    this.sheet.className = "roll-sheet events plain-list";
    this.sheet.setAttribute("role", "list");
    view.append(this.spacer, this.sheet);
    this.shown = new Map(); // row elements by index
    this.chunks = new Map(); // facts by number of the chunk; the oldest first
    this.asked = new Map(); // what is being loaded
    this.top = 0;
    this.shift = 0;
    this.y = 0;
    this.dragged = false;
    this.ended = false; // the last row stays at the bottom while rows above it are loaded
    this._measure();
    view.addEventListener("scroll", () => this._scrolled(), { passive: true });
    view.addEventListener("scrollend", () => this._settled());
    view.addEventListener("keydown", (event) => this._key(event));
    view.addEventListener("pointerdown", (event) => {
      this.dragged = event.target === view;
    });
    for (const name of ["pointerup", "pointercancel"]) {
      addEventListener(name, () => {
        this.dragged = false;
      });
    }
    new ResizeObserver(() => this._resized()).observe(view);
  }

  // -- places ------------------------------------------------------------------------------

  _measure() {
    this.height = this.view.clientHeight;
    this.tall = Math.max(Math.min(this.total * ROW, TALLEST), this.height);
    this.spacer.style.height = `${this.tall}px`;
    this.most = Math.max(0, this.tall - this.height);
    const free = this.total * ROW <= TALLEST;
    this.end = free ? 0 : AT_THE_ENDS;
  }

  /** Where on the bar a row is, by its index; with its fraction. */
  _onBar(place) {
    if (!this.end) return (place / this.total) * this.tall;
    const edge = this.end * ROW;
    if (place <= this.end) return place * ROW;
    if (place >= this.total - this.end) return this.tall - (this.total - place) * ROW;
    const part = (place - this.end) / (this.total - 2 * this.end);
    return edge + part * (this.tall - 2 * edge);
  }

  _ofBar(y) {
    if (!this.end) return (y / this.tall) * this.total;
    const edge = this.end * ROW;
    if (y <= edge) return y / ROW;
    if (y >= this.tall - edge) return this.total - (this.tall - y) / ROW;
    return this.end + ((y - edge) / (this.tall - 2 * edge)) * (this.total - 2 * this.end);
  }

  /** Go to a row. */
  go(index) {
    this.top = Math.max(0, Math.min(index, this.total - 1));
    this.shift = 0;
    this.ended = this.top === this.total - 1;
    this._draw();
    this._sync();
    this._want(0);
  }

  _scrolled() {
    const y = this.view.scrollTop;
    const by = y - this.y;
    this.y = y;
    if (!by) return;
    this.ended = false;
    if (this.dragged || Math.abs(by) > 2.5 * this.height) this._jump(y);
    else this.shift -= by;
    this._draw();
    this._want(Math.abs(by) > this.height ? PASSING_MS : 0);
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this._settled(), SETTLED_MS);
  }

  _jump(y) {
    const place = y >= this.most - 1 ? this.total : this._ofBar(y);
    this.top = Math.min(this.total - 1, Math.floor(place));
    this.ended = place >= this.total;
    this.shift = this.ended ? 0 : -(place - this.top) * ROW;
  }

  _settled() {
    clearTimeout(this.settling);
    if (!this.dragged) this._sync();
    this._tabs();
    this.how.moved(this.top, this.seen, true);
  }

  /** Set the bar to where the rows are; the rows stay where they are seen. */
  _sync() {
    const first = this.shown.get(0);
    const last = this.shown.get(this.total - 1);
    let y = this._onBar(this.top + Math.min(1, Math.max(0, -this.shift / this._tallOf(this.top))));
    const above = this._above;
    if (first) y = above;
    else if (last) y = this.most - (this.sheet.offsetHeight - above - this.height);
    y = Math.round(Math.max(first ? 0 : 1, Math.min(y, last ? this.most : this.most - 1)));
    if (y === this.y) return;
    this.view.scrollTop = y;
    this.y = this.view.scrollTop;
    this._place();
  }

  // -- rows --------------------------------------------------------------------------------

  _tallOf(index) {
    return this.shown.get(index)?.offsetHeight || ROW;
  }

  _facts(index) {
    return this.chunks.get(Math.floor(index / this.how.chunk))?.[index % this.how.chunk];
  }

  /** Fill the view and what is around it, and put the rows where they belong. */
  _draw() {
    for (let turn = 0; turn < 4; turn += 1) {
      this._fill();
      if (!this._anchor()) break;
    }
    this._place();
    this.how.moved(this.top, this.seen, false);
  }

  _fill() {
    let first = this.top;
    let above = this.shift;
    while (first > 0 && above > -AROUND) {
      first -= 1;
      above += -this._tallOf(first);
    }
    let last = this.top;
    let below = this.shift + this._tallOf(last);
    while (last < this.total - 1 && below < this.height + AROUND) {
      last += 1;
      below += this._tallOf(last);
    }
    this.from = first;
    this.to = last;
    this._keep(first, last);
  }

  _keep(first, last) {
    for (const [index, element] of this.shown) {
      if (index < first || index > last) {
        if (element.contains(document.activeElement)) this.view.focus({ preventScroll: true });
        element.remove();
        this.shown.delete(index);
      }
    }
    let before = null;
    for (let index = last; index >= first; index -= 1) {
      const facts = this._facts(index);
      let element = this.shown.get(index);
      if (!element || (facts && element.facts !== facts)) {
        const made = facts ? this.how.make(facts) : this.how.coming();
        made.facts = facts;
        made.setAttribute("aria-setsize", this.total);
        made.setAttribute("aria-posinset", index + 1);
        if (element) element.replaceWith(made);
        else this.sheet.insertBefore(made, before);
        this.shown.set(index, made);
        element = made;
      }
      before = element;
    }
  }

  /** Take the first row in view for the place; give whether the view is not filled yet. */
  _anchor() {
    let above = this.shift - this._topOf(this.top);
    const all = this.sheet.offsetHeight;
    if (this.from === 0 && above > 0) above = 0;
    else if (this.to === this.total - 1 && (this.ended || above + all < this.height)) {
      above = this.from === 0 ? Math.min(0, this.height - all) : this.height - all;
    }
    const place = this._inView(above);
    this.top = place;
    this.shift = above + this._topOf(place);
    this.seen = this.to;
    while (this.seen > this.top && above + this._topOf(this.seen) >= this.height) this.seen -= 1;
    this._above = -above;
    const short = above + all < this.height + AROUND / 2 && this.to < this.total - 1;
    return short || (above > -AROUND / 2 && this.from > 0);
  }

  /** Give the first row in view that is loaded, for what is above it may still change its height. */
  _inView(above) {
    let first = -1;
    for (let index = this.from; index <= this.to; index += 1) {
      const start = above + this._topOf(index);
      if (first >= 0 && start >= this.height) break;
      if (start + this._tallOf(index) > EDGE) {
        if (first < 0) first = index;
        if (this._facts(index)) return index;
      }
    }
    return first < 0 ? this.to : first;
  }

  _topOf(index) {
    return this.shown.get(index).offsetTop;
  }

  _place() {
    this.sheet.style.transform = `translateY(${Math.round(this.y - this._above)}px)`;
  }

  /** Only what is in view or below it is reached by the Tab key. */
  _tabs() {
    for (const [index, element] of this.shown) {
      for (const link of element.querySelectorAll("a")) {
        link.tabIndex = index < this.top ? -1 : 0;
      }
    }
  }

  _key(event) {
    if (event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const places = { Home: 0, End: this.total - 1 };
    if (event.key in places) {
      event.preventDefault();
      this.go(places[event.key]);
      this._settled();
    }
  }

  _resized() {
    if (this.view.clientHeight === this.height) return this._draw();
    this._measure();
    this._draw();
    this._sync();
  }

  // -- loading -----------------------------------------------------------------------------

  /** Load what is in view, and then what comes next; what was passed over is no longer wanted. */
  _want(patience) {
    clearTimeout(this.wanting);
    this.wanting = setTimeout(() => this._load(), patience);
  }

  _load() {
    const size = this.how.chunk;
    const wanted = new Set();
    for (let index = this.from; index <= this.to; index += 1) wanted.add(Math.floor(index / size));
    const last = Math.floor((this.total - 1) / size);
    wanted.add(Math.min(last, Math.floor(this.to / size) + 1));
    wanted.add(Math.max(0, Math.floor(this.from / size) - 1));
    for (const [number, asking] of this.asked) {
      if (!wanted.has(number)) asking.abort();
    }
    for (const number of wanted) {
      if (!this.chunks.has(number) && !this.asked.has(number)) this._ask(number);
    }
  }

  async _ask(number) {
    const asking = new AbortController();
    this.asked.set(number, asking);
    try {
      const answer = await this.how.load(number * this.how.chunk, asking.signal);
      if (this.asked.get(number) !== asking) return;
      if (answer.wait) {
        setTimeout(() => this._want(0), AGAIN_MS);
      } else if (answer.total === this.total) {
        this.chunks.set(number, answer.rows);
        if (this.chunks.size > KEPT) this.chunks.delete(this.chunks.keys().next().value);
        this._draw();
      } else {
        this.how.changed();
      }
    } catch (problem) {
      if (problem.name !== "AbortError") this.how.lost();
    } finally {
      if (this.asked.get(number) === asking) this.asked.delete(number);
    }
  }

  /** Forget what was loaded, and load it again where the view is. */
  renew() {
    for (const asking of this.asked.values()) asking.abort();
    this.asked.clear();
    this.chunks.clear();
    this._want(0);
  }
}
