// Places in a text: browsers count UTF-16 units, answers count code points.

export class Offsets {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    /** Places, in UTF-16 units, of the characters that take two of them. @type {number[]} */
    this.pairs = [];
    for (let i = 0; i < text.length - 1; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0xd800 && unit <= 0xdbff) {
        const low = text.charCodeAt(i + 1);
        if (low >= 0xdc00 && low <= 0xdfff) this.pairs.push(i++);
      }
    }
  }

  /** Code points before a place in units. A place inside of a pair is that of its begin. @param {number} units */
  toPoints(units) {
    return units - countBelow(this.pairs, units, (pair) => pair);
  }

  /** The place in units of a number of code points. @param {number} points */
  toUnits(points) {
    // The n-th pair begins at code point pairs[n] - n.
    return points + countBelow(this.pairs, points, (pair, place) => pair - place);
  }

  /** The length in code points. */
  get length() {
    return this.text.length - this.pairs.length;
  }
}

/** How many values lie below a limit, in a list that rises. @param {number[]} list @param {number} limit @param {(value: number, place: number) => number} of */
function countBelow(list, limit, of) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle], middle) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

const WORD = /[\p{L}\p{N}\p{M}\p{Pc}]/u;

/** @param {string} text @param {number} place in units */
function charAt(text, place) {
  return place >= 0 && place < text.length ? String.fromCodePoint(/** @type {number} */ (text.codePointAt(place))) : "";
}

/** The place of the character before. @param {string} text @param {number} place */
export function before(text, place) {
  if (place <= 0) return 0;
  const low = text.charCodeAt(place - 1);
  const isPair = place > 1 && low >= 0xdc00 && low <= 0xdfff && (text.charCodeAt(place - 2) & 0xfc00) === 0xd800;
  return place - (isPair ? 2 : 1);
}

/** The place of the character after. @param {string} text @param {number} place */
export function after(text, place) {
  return Math.min(text.length, place + Math.max(1, charAt(text, place).length));
}

/**
 * A selection made whole: it takes in the words that it touches and leaves out the space around. Null when nothing is in it.
 * @param {string} text @param {number} begin in units @param {number} end
 * @returns {[number, number] | null}
 */
export function snapped(text, begin, end) {
  while (begin < end && /\s/u.test(charAt(text, begin))) begin = after(text, begin);
  while (end > begin && /\s/u.test(charAt(text, before(text, end)))) end = before(text, end);
  if (begin >= end) return null;
  if (WORD.test(charAt(text, begin))) while (begin > 0 && WORD.test(charAt(text, before(text, begin)))) begin = before(text, begin);
  if (WORD.test(charAt(text, before(text, end)))) while (end < text.length && WORD.test(charAt(text, end))) end = after(text, end);
  return [begin, end];
}

/** The word at a place, null between words. @param {string} text @param {number} place @returns {[number, number] | null} */
export function wordAt(text, place) {
  const at = WORD.test(charAt(text, place)) ? place : WORD.test(charAt(text, before(text, place))) ? before(text, place) : -1;
  return at < 0 ? null : snapped(text, at, after(text, at));
}

/** The end of the word behind a place, or the begin of the one before it. @param {string} text @param {number} place @param {number} by 1 or -1 */
export function byWord(text, place, by) {
  const step = by < 0 ? before : after;
  const isWord = () => WORD.test(charAt(text, by < 0 ? before(text, place) : place));
  const isEnd = () => place === (by < 0 ? 0 : text.length);
  while (!isEnd() && !isWord()) place = step(text, place);
  while (!isEnd() && isWord()) place = step(text, place);
  return place;
}

/** Every place of some words, whole words only where the words are whole. @param {string} text @param {string} words @returns {[number, number][]} */
export function occurrences(text, words) {
  /** @type {[number, number][]} */
  const found = [];
  if (!words) return found;
  for (let place = text.indexOf(words); place >= 0; place = text.indexOf(words, place + words.length)) {
    const end = place + words.length;
    const opens = !WORD.test(charAt(words, 0)) || place === 0 || !WORD.test(charAt(text, before(text, place)));
    const closes = !WORD.test(charAt(words, before(words, words.length))) || end >= text.length || !WORD.test(charAt(text, end));
    if (opens && closes) found.push([place, end]);
  }
  return found;
}
