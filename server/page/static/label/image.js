// A picture with the shapes on it.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { text } from "../messages/text.js";
import { Late } from "../parts/asked.js";
import { ownPath } from "../api/ask.js";
import { preference } from "../preferences.js";
import { Stage } from "./stage.js";
import { rove, ToolIcon } from "./panel.js";
import { keyFor, shown } from "./keys.js";

const LOOKS = () => import("./looks.js");

/** Where the content of an asset loads from: a path of this server, a URL that the page may ask, or why neither. */
export function contentSource(content) {
  const path = ownPath(content);
  if (path) return { url: path, refusedHost: null };
  let origin = "";
  try {
    origin = new URL(content).origin;
  } catch {
    return { url: null, refusedHost: content.slice(0, 80) };
  }
  const allowed = document.querySelector('meta[name="labelyard-content-origins"]')?.getAttribute("content")?.split(" ") ?? [];
  return allowed.includes(origin) ? { url: content, refusedHost: null } : { url: null, refusedHost: origin };
}

/**
 * @param {{ work: import("./work.js").Work, content: string, onStage: (stage: Stage | null) => void }} props
 */
export function ImageStage({ work, content, onStage }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const stage = useRef(/** @type {Stage | null} */ (null));
  const [trouble, setTrouble] = useState("");
  const [isThere, setThere] = useState(false);
  const [round, setRound] = useState(0);
  const { url, refusedHost } = contentSource(content);

  useEffect(() => {
    if (!element.current) return;
    stage.current = new Stage(element.current, work);
    onStage(stage.current);
    const picture = stage.current.picture;
    if (picture.complete && picture.naturalWidth) came();
    return () => {
      stage.current?.end();
      stage.current = null;
      onStage(null);
    };
  }, [work]);
  const came = () => {
    const picture = /** @type {Stage} */ (stage.current)?.picture;
    if (!picture) return;
    // Drawings of vectors may have no size of their own.
    stage.current?.ready(picture.naturalWidth || 1024, picture.naturalHeight || 1024);
    setThere(true);
    setTrouble("");
  };
  const brightness = preference("brightness", 100);
  const contrast = preference("contrast", 100);
  const isFiltered = brightness !== 100 || contrast !== 100;
  return html`
    <div class="stage" ref=${element} tabindex="0" role="application" aria-label=${text("label.stage")} aria-describedby="stage-help" aria-busy=${String(Boolean(url) && !isThere && !trouble)}>
      ${
        url &&
        html`<img
          key=${round}
          class="stage-picture"
          src=${url}
          alt=""
          draggable=${false}
          decoding="async"
          style=${{ filter: isFiltered ? `brightness(${brightness}%) contrast(${contrast}%)` : "none", visibility: isThere ? "visible" : "hidden" }}
          onLoad=${came}
          onError=${() => setTrouble(text("label.pictureFailed"))}
        />`
      }
      ${!url && html`<img class="stage-picture" alt="" hidden />`}
      <canvas class="stage-rest" aria-hidden="true"></canvas>
      <canvas class="stage-active" aria-hidden="true"></canvas>
      ${url && !isThere && !trouble && html`<p class="loading stage-words"><span class="spinner" aria-hidden="true"></span>${text("loading")}</p>`}
      ${
        (trouble || refusedHost) &&
        html`<div class="empty stage-words" role="alert">
          <p class="empty-title">${text("label.noPicture")}</p>
          <p>${refusedHost ? text("label.otherHost", { host: refusedHost }) : trouble}</p>
          ${url && html`<button type="button" onClick=${() => (setTrouble(""), setRound(round + 1))}>${text("tryAgain")}</button>`}
        </div>`
      }
      <p class="unseen" id="stage-help">${text("label.stageHelp")}</p>
      <div class="stage-bar" role="toolbar" onKeyDown=${rove} aria-label=${text("label.tools")}>
        <button type="button" class="small icon quiet" aria-pressed=${String(!work.armed.value)} title=${`${text("tool.select")} (${shown("Escape")})`} aria-label=${text("tool.select")} onClick=${() => work.disarm()}>
          <${ToolIcon} tool="select" />
        </button>
        <button type="button" tabindex="-1" class="small icon quiet" title=${`${text("label.turn")} (${shown(keyFor("turn"))})`} aria-label=${text("label.turn")} disabled=${work.isReadOnly.value} onClick=${() => work.turn()}>
          <${ToolIcon} tool="turn" />
        </button>
        <span class="stage-gap"></span>
        <button type="button" tabindex="-1" class="small icon quiet" title=${text("label.zoomOut")} aria-label=${text("label.zoomOut")} onClick=${() => stage.current?.zoom(1 / 1.4)}>−</button>
        <button type="button" tabindex="-1" class="small icon quiet" title=${`${text("label.fit")} (${shown(keyFor("fit"))})`} aria-label=${text("label.fit")} onClick=${() => stage.current?.fit()}><${ToolIcon} tool="fit" /></button>
        <button type="button" tabindex="-1" class="small quiet" title=${text("label.oneToOne")} onClick=${() => stage.current?.zoom(1 / stage.current.view.scale)}>1:1</button>
        <button type="button" tabindex="-1" class="small icon quiet" title=${text("label.zoomIn")} aria-label=${text("label.zoomIn")} onClick=${() => stage.current?.zoom(1.4)}>+</button>
        ${isThere && html`<${Late} load=${LOOKS} part="Looks" brightness=${brightness} contrast=${contrast} />`}
      </div>
    </div>
  `;
}
