// Keeping an answer while it is made: in the browser within a quarter of a second, on the server within seconds.
import { signal } from "@preact/signals";
import { appendLabel } from "../api/label.js";
import { dropDraft, keepDraft, keepDraftAtOnce } from "./store.js";

const KEPT_AFTER_MS = 250;
const SAVED_AFTER_MS = 5000;
const SAVED_AT_LATEST_MS = 20000;
const KEEPALIVE_BYTES = 60_000;

/** @typedef {{ kind: "clean" | "changed" | "kept" | "saving" | "saved" | "problem", words?: string }} Saved */

export class Draft {
  /**
   * @param {{ person: string, project: string, asset: string, seconds: () => number, isAutosaved?: boolean }} given
   */
  constructor({ person, project, asset, seconds, isAutosaved = true }) {
    Object.assign(this, { person, project, asset, seconds, isAutosaved });
    /** @type {import("@preact/signals").Signal<Saved>} */
    this.saved = signal({ kind: "clean" });
    this.answer = null;
    this.isKept = true;
    this.isOnServer = true;
    this.isEnded = false;
    this.keepTimer = 0;
    this.saveTimer = 0;
    this.unsavedSince = 0;
    /** @type {Promise<any> | null} */
    this.saving = null;
    this.hide = (event) => (event.type === "pagehide" || document.visibilityState === "hidden") && this.leave();
    document.addEventListener("visibilitychange", this.hide);
    addEventListener("pagehide", this.hide);
  }

  /** The answer has changed. @param {import("../domain/answer.js").Answer} answer */
  changed(answer) {
    if (this.isEnded) return;
    this.answer = answer;
    this.isKept = false;
    const now = Date.now();
    if (this.isOnServer) this.unsavedSince = now;
    this.isOnServer = false;
    if (this.saved.peek().kind !== "saving") this.saved.value = { kind: "changed" };
    clearTimeout(this.keepTimer);
    this.keepTimer = setTimeout(() => this.keep(), KEPT_AFTER_MS);
    if (!this.isAutosaved) return;
    clearTimeout(this.saveTimer);
    const wait = Math.max(0, Math.min(SAVED_AFTER_MS, this.unsavedSince + SAVED_AT_LATEST_MS - now));
    this.saveTimer = setTimeout(() => this.save(), wait);
  }

  /** Write it to the browser's disk. */
  async keep() {
    if (this.isKept || !this.answer) return;
    clearTimeout(this.keepTimer);
    const answer = this.answer;
    try {
      await keepDraft(this.record());
      if (this.answer === answer) this.isKept = true;
      if (["changed", "clean"].includes(this.saved.peek().kind)) this.saved.value = { kind: "kept" };
    } catch (error) {
      console.warn("the draft cannot be kept in this browser", error);
    }
  }

  record() {
    return { person: this.person, project: this.project, asset: this.asset, text: JSON.stringify(this.answer), seconds: this.seconds(), savedAt: Date.now() };
  }

  /** Send it to the server as a label of its own kind, which the next one replaces. */
  async save(options = {}) {
    clearTimeout(this.saveTimer);
    if (this.isOnServer || !this.answer || this.isEnded || this.saving) return;
    const answer = this.answer;
    this.saved.value = { kind: "saving" };
    this.saving = appendLabel({ asset: this.asset, type: "AUTOSAVE", text: JSON.stringify(answer), seconds: this.seconds() }, options);
    try {
      await this.saving;
      if (this.answer === answer) {
        this.isOnServer = true;
        this.saved.value = { kind: "saved" };
      }
    } catch (trouble) {
      if (this.isEnded) return;
      if (trouble.kind === "refused") this.saved.value = { kind: "problem", words: trouble.message };
      else {
        this.saved.value = { kind: this.isKept ? "kept" : "changed" };
        this.saveTimer = setTimeout(() => this.save(), (trouble.retryAfter ?? 10) * 1000);
      }
    } finally {
      this.saving = null;
      if (!this.isEnded && this.isAutosaved && !this.isOnServer && this.answer !== answer) this.saveTimer = setTimeout(() => this.save(), SAVED_AFTER_MS);
    }
  }

  /** The page is left or hidden. */
  leave() {
    if (this.answer && !this.isKept) keepDraftAtOnce(this.record());
    void this.keep();
    if (!this.isAutosaved || this.isOnServer || !this.answer) return;
    const isSmall = JSON.stringify(this.answer).length < KEEPALIVE_BYTES;
    if (isSmall) void this.save({ keepalive: true });
  }

  /** Save no more until `resume`: the answer is on its way. */
  suspend() {
    this.isEnded = true;
    clearTimeout(this.saveTimer);
  }

  resume() {
    this.isEnded = false;
    this.isOnServer = false;
  }

  /** No more of it is kept or saved. @param {{ isDropped?: boolean }} [options] */
  async end({ isDropped = false } = {}) {
    this.isEnded = true;
    clearTimeout(this.keepTimer);
    clearTimeout(this.saveTimer);
    document.removeEventListener("visibilitychange", this.hide);
    removeEventListener("pagehide", this.hide);
    await this.saving?.catch(() => {});
    if (isDropped) await dropDraft(this.person, this.asset).catch(() => {});
  }
}

/** Seconds that a person has worked: time in which the page is seen and something was touched within a minute. */
export class ActiveTime {
  /** @param {number} [seconds] */
  constructor(seconds = 0) {
    this.total = seconds;
    this.touchedAt = performance.now();
    this.countedTo = this.touchedAt;
    this.touch = () => {
      this.count();
      this.touchedAt = performance.now();
      this.countedTo = this.touchedAt;
    };
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "visibilitychange"]) document.addEventListener(name, this.touch, { passive: true, capture: true });
  }

  count() {
    const now = performance.now();
    const until = Math.min(now, this.touchedAt + 60_000);
    if (document.visibilityState === "visible" && until > this.countedTo) this.total += (until - this.countedTo) / 1000;
    this.countedTo = Math.max(this.countedTo, until);
  }

  get seconds() {
    this.count();
    return Math.round(this.total * 10) / 10;
  }

  end() {
    for (const name of ["pointerdown", "pointermove", "keydown", "wheel", "visibilitychange"]) document.removeEventListener(name, this.touch, { capture: true });
  }
}
