// Where things stand in a JSON text: the line of a path, and the place of a mistake.

/**
 * The line, from 0, of every value by its path of keys and indices, as `jobs.A.content`.
 * A text that is no JSON has the paths before the mistake, and the mistake itself.
 * @param {string} text
 * @returns {{ lines: Map<string, number>, mistake: { line: number, message: string } | null }}
 */
export function jsonLines(text) {
  const lines = new Map([["", 0]]);
  const scanner = new Scanner(text, lines);
  try {
    scanner.value("");
    scanner.space();
    if (scanner.at < text.length) scanner.fail("Nothing may follow the value");
    return { lines, mistake: null };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return { lines, mistake: { line: error.line, message: error.message } };
  }
}

/**
 * The line of a path, or of what is nearest above it.
 * @param {Map<string, number>} lines
 * @param {string} path
 */
export function lineOf(lines, path) {
  let name = path.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "");
  for (;;) {
    const line = lines.get(name);
    if (line !== undefined) return line;
    const at = name.lastIndexOf(".");
    name = at < 0 ? "" : name.slice(0, at);
  }
}

class Mistake extends Error {
  /** @param {number} line @param {string} message */
  constructor(line, message) {
    super(message);
    this.line = line;
  }
}

const WORD = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const MAX_DEPTH = 200;

class Scanner {
  /** @param {string} text @param {Map<string, number>} lines */
  constructor(text, lines) {
    this.text = text;
    this.lines = lines;
    this.at = 0;
    this.line = 0;
    this.depth = 0;
  }

  /** @param {string} message @returns {never} */
  fail(message) {
    throw new Mistake(this.line, message);
  }

  space() {
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === "\n") this.line++;
      else if (char !== " " && char !== "\t" && char !== "\r") return;
    }
  }

  /** @param {string} path */
  value(path) {
    this.space();
    this.lines.set(path, this.line);
    if (++this.depth > MAX_DEPTH) this.fail("This is nested too deeply");
    const char = this.text[this.at];
    if (char === "{") this.members(path);
    else if (char === "[") this.items(path);
    else if (char === '"') this.match(STRING, "The text does not end");
    else this.match(WORD, char === undefined ? "Something is missing at the end" : `${JSON.stringify(char)} is not expected here`);
    this.depth--;
  }

  /** @param {string} path */
  members(path) {
    this.at++;
    this.space();
    if (this.text[this.at] === "}") return void this.at++;
    for (;;) {
      this.space();
      const line = this.line;
      const key = JSON.parse(this.match(STRING, "A key in double quotes is missing"));
      this.space();
      if (this.text[this.at] !== ":") this.fail("A colon is missing behind the key");
      this.at++;
      const name = path ? `${path}.${key}` : key;
      this.value(name);
      // A value is looked for at its key.
      this.lines.set(name, line);
      if (this.ends("}")) return;
    }
  }

  /** @param {string} path */
  items(path) {
    this.at++;
    this.space();
    if (this.text[this.at] === "]") return void this.at++;
    for (let index = 0; ; index++) {
      this.value(path ? `${path}.${index}` : String(index));
      if (this.ends("]")) return;
    }
  }

  /** Take a comma or the end. @param {string} end */
  ends(end) {
    this.space();
    const char = this.text[this.at];
    if (char !== "," && char !== end) this.fail(`A comma or ${end} is missing`);
    this.at++;
    return char === end;
  }

  /** @param {RegExp} pattern @param {string} message @returns {string} */
  match(pattern, message) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) this.fail(message);
    this.at = pattern.lastIndex;
    return found[0];
  }
}
