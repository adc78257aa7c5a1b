// A text with entities. The text stays one node, so that places in it are plain; the browser paints the entities as highlights.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { fetchText } from "../api/label.js";
import { contentSource } from "./image.js";
import { announce } from "../parts/notice.js";
import { addMessages, text } from "../messages/text.js";
import { texts } from "../messages/en-label-text.js";
import { style } from "../ahead.js";
import { after, before, byWord, occurrences, Offsets, snapped, wordAt } from "../domain/offsets.js";

addMessages(texts);
await style(new URL("./text.css", import.meta.url));

const LEVELS = 3;
const sheet = new CSSStyleSheet();
const rules = new Map();

/** The name of the highlight of a colour, whose rule is made when it is first needed. */
function highlightName(color, level, isChosen) {
  const name = `entity-${color.slice(1)}-${level}${isChosen ? "-chosen" : ""}`;
  if (!rules.has(name)) {
    rules.set(name, true);
    sheet.insertRule(
      `::highlight(${name}) { background-color: ${color}${isChosen ? "66" : "2e"}; text-decoration: underline ${isChosen ? 3 : 2}px ${color}; text-underline-offset: ${3 + 4 * level}px; }`,
    );
  }
  return name;
}

/**
 * @param {{ work: import("./work.js").Work, content: string }} props
 */
export function TextStage({ work, content }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const offsets = useRef(/** @type {Offsets} */ (new Offsets("")));
  if (offsets.current.text !== content) offsets.current = new Offsets(content);
  /** A selection in UTF-16 units that waits for a class. */
  const [pending, setPending] = useState(/** @type {[number, number] | null} */ (null));
  /** The caret of the keyboard: where it began, and where it is. */
  const caret = useRef({ anchor: 0, at: 0, isShown: false });
  const armed = work.armed.value;

  useEffect(() => {
    if (!document.adoptedStyleSheets.includes(sheet)) document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => CSS.highlights?.clear();
  }, []);

  // What is painted.
  useEffect(() => {
    const node = element.current?.firstChild;
    if (!node || !CSS.highlights) return;
    CSS.highlights.clear();
    const groups = new Map();
    const spans = entitySpans(work, offsets.current);
    levelled(spans);
    for (const span of spans) {
      const name = highlightName(span.color, span.level, span.id === work.selected.value);
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(range(node, span.begin, span.end));
    }
    for (const [name, ranges] of groups) {
      const highlight = new Highlight(...ranges);
      highlight.priority = name.endsWith("-chosen") ? 2 : 1;
      CSS.highlights.set(name, highlight);
    }
    if (pending) CSS.highlights.set("pending", new Highlight(range(node, ...pending)));
    const { at, isShown } = caret.current;
    if (isShown && !pending) CSS.highlights.set("caret", new Highlight(range(node, Math.min(at, content.length - 1), after(content, Math.min(at, content.length - 1)))));
  }, [work.objects.value, work.selected.value, work.hidden.value, pending, content, caret.current.isShown, caret.current.at]);

  const [, redraw] = useState(0);

  /** Make an entity of a span, or keep it until a class is chosen. */
  const take = (begin, end) => {
    const span = [begin, end];
    if (work.isReadOnly.peek()) return;
    const current = work.armed.peek();
    if (current && work.all.peek().jobs.get(current.job)?.kind === "entities") {
      add(current.job, current.category, [span]);
      setPending(null);
    } else setPending(/** @type {[number, number]} */ (span));
  };
  const add = (job, category, spans) => {
    const at = offsets.current;
    work.addEntities(
      job,
      category,
      spans.map(([begin, end]) => ({ beginOffset: at.toPoints(begin), endOffset: at.toPoints(end), content: content.slice(begin, end) })),
    );
    announce(text("label.entityAdded", { content: content.slice(...spans[0]) }));
  };

  // A class that is armed while words wait for one.
  useEffect(() => {
    if (!pending || !armed || work.all.peek().jobs.get(armed.job)?.kind !== "entities") return;
    add(armed.job, armed.category, [pending]);
    setPending(null);
    getSelection()?.removeAllRanges();
  }, [armed]);

  const onPointerUp = (event) => {
    if (event.button !== 0) return;
    caret.current.isShown = false;
    const selection = getSelection();
    const node = element.current?.firstChild;
    if (!selection || !node) return;
    if (!selection.isCollapsed && selection.rangeCount) {
      const found = selection.getRangeAt(0);
      if (!element.current.contains(found.commonAncestorContainer)) return;
      const begin = found.startContainer === node ? found.startOffset : 0;
      const end = found.endContainer === node ? found.endOffset : content.length;
      const whole = event.altKey ? /** @type {[number, number]} */ ([begin, end]) : snapped(content, begin, end);
      selection.removeAllRanges();
      if (whole) take(...whole);
      return;
    }
    setPending(null);
    const at = placeAt(event.clientX, event.clientY, node);
    if (at === null) return;
    caret.current.anchor = caret.current.at = at;
    const here = entitySpans(work, offsets.current)
      .filter((span) => span.begin <= at && at <= span.end)
      .sort((one, other) => one.end - one.begin - (other.end - other.begin));
    const place = here.findIndex((span) => span.id === work.selected.peek());
    work.selected.value = here.length ? here[(place + 1) % here.length].id : null;
  };

  const onKeyDown = (event) => {
    const state = caret.current;
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (move !== undefined && !event.altKey && !event.metaKey) {
      let at = state.at;
      if (!Number.isFinite(move)) at = move < 0 ? content.lastIndexOf("\n", at - 1) + 1 : (content.indexOf("\n", at) + 1 || content.length + 1) - 1;
      else if (event.ctrlKey) at = byWord(content, at, move);
      else at = move < 0 ? before(content, at) : after(content, at);
      state.at = at;
      if (!event.shiftKey) state.anchor = at;
      state.isShown = true;
      const [begin, end] = [Math.min(state.anchor, state.at), Math.max(state.anchor, state.at)];
      setPending(begin < end ? [begin, end] : null);
      redraw((n) => n + 1);
      scrollTo(element.current, at);
      announce(begin < end ? content.slice(begin, end) : content.slice(at, after(content, at)));
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && (pending || state.isShown)) {
      const whole = pending ? (event.altKey ? pending : snapped(content, ...pending)) : wordAt(content, state.at);
      if (!whole) return;
      take(...whole);
      state.anchor = state.at = whole[1];
    } else if (event.key === "Escape" && pending) setPending(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const current = work.current.value;
  const all = current?.job.kind === "entities" && typeof current.annotation.content === "string" ? current : null;
  const missing = all ? others(work, offsets.current, content, all) : [];
  return html`
    <div class="text-stage">
      <div class="text-bar">
        ${pending && html`<span class="text-pending">${text("label.pending", { content: content.slice(...pending).slice(0, 60) })}</span>`}
        ${missing.length > 0 && html`<button type="button" class="small" disabled=${work.isReadOnly.value} onClick=${() => add(all.job.name, all.category, missing)}>${text("label.allOccurrences", { count: missing.length })}</button>`}
        ${!pending && !missing.length && html`<span class="hint">${text("label.textHelp")}</span>`}
      </div>
      <div
        class="text-content"
        ref=${element}
        tabindex="0"
        role="application"
        aria-label=${text("label.textStage")}
        aria-roledescription=${text("label.textStage")}
        dir="auto"
        onPointerUp=${onPointerUp}
        onKeyDown=${onKeyDown}
      >${content}</div>
    </div>
  `;
}

/** The entities of the answer as places in UTF-16 units. @param {import("./work.js").Work} work @param {Offsets} offsets */
export function entitySpans(work, offsets) {
  const spans = [];
  for (const object of work.objects.value) {
    if (object.job.kind !== "entities" || !work.isShown(object)) continue;
    const { beginOffset, endOffset, content } = object.annotation;
    if (!Number.isInteger(beginOffset) || beginOffset < 0) continue;
    const length = typeof content === "string" ? [...content].length : 0;
    const begin = Math.min(offsets.toUnits(beginOffset), offsets.text.length);
    const end = Math.min(offsets.toUnits(Number.isInteger(endOffset) ? endOffset : beginOffset + length), offsets.text.length);
    if (begin < end) spans.push({ id: object.id, begin, end, level: 0, color: object.job.byKey.get(object.category)?.color ?? "#888888" });
  }
  return spans;
}

/** Give entities that overlap underlines of different depth. */
function levelled(spans) {
  spans.sort((one, other) => one.begin - other.begin || other.end - one.end);
  const ends = Array(LEVELS).fill(0);
  for (const span of spans) {
    const free = ends.findIndex((end) => end <= span.begin);
    span.level = free < 0 ? LEVELS - 1 : free;
    ends[span.level] = Math.max(ends[span.level], span.end);
  }
}

/** Other places of the words of an entity that have none of its class yet. */
function others(work, offsets, content, object) {
  const words = object.annotation.content;
  if (!words || words.length > 200) return [];
  const taken = new Set(work.objects.value.filter((one) => one.job === object.job && one.category === object.category).map((one) => offsets.toUnits(one.annotation.beginOffset)));
  return occurrences(content, words).filter(([begin]) => !taken.has(begin));
}

function range(node, begin, end) {
  const made = document.createRange();
  made.setStart(node, begin);
  made.setEnd(node, Math.max(begin, Math.min(end, node.length)));
  return made;
}

function placeAt(x, y, node) {
  const place = document.caretPositionFromPoint?.(x, y) ?? null;
  if (place) return place.offsetNode === node ? place.offset : null;
  const found = document.caretRangeFromPoint?.(x, y);
  return found?.startContainer === node ? found.startOffset : null;
}

function scrollTo(element, at) {
  const node = element?.firstChild;
  if (!node) return;
  const place = range(node, Math.min(at, node.length), Math.min(at + 1, node.length)).getBoundingClientRect();
  const box = element.getBoundingClientRect();
  if (place.top < box.top) element.scrollTop += place.top - box.top - 20;
  else if (place.bottom > box.bottom) element.scrollTop += place.bottom - box.bottom + 20;
}

/** The text of an asset of a text project: given inline, or kept as a file. */
export async function textOf(asset, signal) {
  const source = contentSource(asset.content);
  if (!/^https?:\/\//.test(asset.content) || asset.content.includes("\n")) return asset.content;
  if (!source.url) return text("label.otherHost", { host: source.refusedHost });
  return await fetchText(source.url, signal);
}
