// Rows of a list of any length, asked for block by block.

const BLOCK = 200;
const KEPT_BLOCKS = 5;
const AT_ONCE = 2;

/**
 * Blocks of rows, the least used forgotten, at most two asked for at once, the wanted ones first.
 */
export class Blocks {
  /**
   * @param {(skip: number, first: number, signal: AbortSignal) => Promise<any[]>} load
   * @param {() => void} changed called when rows or a trouble have come
   */
  constructor(load, changed) {
    this.load = load;
    this.changed = changed;
    /** @type {Map<number, any[]>} */
    this.rows = new Map();
    /** @type {Map<number, AbortController>} */
    this.asked = new Map();
    /** @type {number[]} */
    this.wanted = [];
    this.trouble = null;
    this.isClosed = false;
  }

  /** Say which rows are in view. @param {number} from @param {number} to exclusive */
  want(from, to) {
    this.wanted = [];
    for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) this.wanted.push(block);
    for (const [block, abort] of this.asked) {
      if (!this.wanted.includes(block)) {
        abort.abort();
        this.asked.delete(block);
      }
    }
    for (const block of this.wanted) {
      const rows = this.rows.get(block);
      if (rows) {
        this.rows.delete(block);
        this.rows.set(block, rows);
      }
    }
    this.next();
  }

  next() {
    if (this.isClosed || this.trouble) return;
    for (const block of this.wanted) {
      if (this.asked.size >= AT_ONCE) return;
      if (this.rows.has(block) || this.asked.has(block)) continue;
      const abort = new AbortController();
      this.asked.set(block, abort);
      this.load(block * BLOCK, BLOCK, abort.signal).then(
        (rows) => {
          if (this.asked.get(block) !== abort) return;
          this.asked.delete(block);
          this.rows.set(block, rows);
          for (const old of this.rows.keys()) {
            if (this.rows.size <= KEPT_BLOCKS) break;
            if (!this.wanted.includes(old)) this.rows.delete(old);
          }
          this.changed();
          this.next();
        },
        (trouble) => {
          if (this.asked.get(block) !== abort) return;
          this.asked.delete(block);
          this.trouble = trouble;
          this.changed();
        },
      );
    }
  }

  /** The row at a place, undefined while it is not there. @param {number} index */
  at(index) {
    return this.rows.get(Math.floor(index / BLOCK))?.[index % BLOCK];
  }

  again() {
    this.trouble = null;
    this.changed();
    this.next();
  }

  close() {
    this.isClosed = true;
    for (const abort of this.asked.values()) abort.abort();
    this.asked.clear();
  }
}
