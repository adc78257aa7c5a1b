// Undo and redo of answers. Answers are never changed in place, so that a step is a reference.

const STEPS = 200;
const ONE_STEP_MS = 1000;

/** @template T */
export class History {
  /** @param {T} start */
  constructor(start) {
    /** @type {T[]} */
    this.before = [];
    /** @type {T[]} */
    this.after = [];
    this.now = start;
    this.group = "";
    this.changedAt = -Infinity;
  }

  /**
   * Take a step. Steps of the same group within a second of each other are one, as typing in a field is.
   * @param {T} next @param {string} [group] @param {number} [time] milliseconds
   */
  take(next, group = "", time = 0) {
    if (next === this.now) return;
    const isSameStep = group !== "" && group === this.group && time - this.changedAt < ONE_STEP_MS && this.before.length > 0;
    if (!isSameStep) {
      this.before.push(this.now);
      if (this.before.length > STEPS) this.before.shift();
    }
    this.after = [];
    this.now = next;
    this.group = group;
    this.changedAt = time;
  }

  /** @returns {boolean} whether there was a step */
  undo() {
    const last = this.before.pop();
    if (last === undefined) return false;
    this.after.push(this.now);
    this.now = last;
    this.group = "";
    return true;
  }

  /** @returns {boolean} */
  redo() {
    const next = this.after.pop();
    if (next === undefined) return false;
    this.before.push(this.now);
    this.now = next;
    this.group = "";
    return true;
  }
}
