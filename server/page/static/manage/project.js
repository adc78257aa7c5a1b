// What the pages of a project have in common: the project with the person's role, and the head with its tabs.
import { html, useEffect, useRef } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { manage } from "../messages/en-manage.js";
import { Asked, Missing, useAsked } from "../parts/asked.js";
import { Link, route } from "../router.js";
import { style } from "../ahead.js";
import { person } from "../session.js";
import { readProjectFor } from "../api/project.js";
import { mayDo } from "./rights.js";

addMessages(manage);
await style(new URL("./project.css", import.meta.url));

/** The pages of a project: name, address behind that of the project, action that it needs. */
const TABS = [
  ["overview", "", "READ_PROJECT"],
  ["assets", "/assets", "READ_PROJECT"],
  ["issues", "/issues", "ASK_QUESTIONS"],
  ["members", "/members", "MANAGE_MEMBERS"],
  ["settings", "/settings", "CHANGE_PROJECT"],
];

/**
 * A page of a project. `children` is given `{ project, role, membership, again }`. Who may not do `action` sees
 * the same as where there is no project.
 */
export function ProjectPage({ id, action = "READ_PROJECT", actions = null, children }) {
  const who = person.value;
  const asked = useAsked((signal) => readProjectFor(id, who, signal), [id, who?.id]);
  return html`<${Asked} asked=${asked}>
    ${(found) => {
      if (!found || !mayDo(found.role, action)) return html`<${Missing} />`;
      const context = { ...found, again: asked.again };
      return html`<${Head} ...${found} actions=${actions?.(context)} />${children(context)}`;
    }}
  <//>`;
}

function Head({ project, role, actions }) {
  // The interface is edited under the settings.
  const name = route.value.name === "interface" ? "settings" : route.value.name;
  const tabs = useRef(/** @type {HTMLElement | null} */ (null));
  // Where there is no room for all of them, the present one is to be seen.
  useEffect(() => {
    const here = tabs.current?.querySelector("[aria-current]");
    if (tabs.current && here instanceof HTMLElement) tabs.current.scrollLeft = here.offsetLeft - tabs.current.offsetLeft - 24;
  }, [name]);
  return html`
    <header class="project-head">
      <div class="project-title">
        <h1 title=${project.title}>${project.title}</h1>
        <span class="tag">${text(`inputType.${project.inputType}`)}</span>
        ${project.archived && html`<span class="tag warning">${text("project.archived")}</span>`}
        <div class="actions">${actions}</div>
      </div>
      <nav class="tabs" ref=${tabs} aria-label=${project.title}>
        ${TABS.filter(([, , action]) => mayDo(role, action)).map(
          ([tab, path]) => html`<${Link} key=${tab} to=${`/projects/${project.id}${path}`} aria-current=${tab === name ? "page" : undefined}>${text(`tab.${tab}`)}<//>`,
        )}
      </nav>
    </header>
  `;
}

/** The buttons that hand out the queue. */
export function StartButtons({ project, role }) {
  if (project.archived) return null;
  return html`
    ${mayDo(role, "REVIEW_LABELS") && html`<${Link} class="button" to=${`/projects/${project.id}/review`}>${text("project.startReviewing")}<//>`}
    <${Link} class="button primary" to=${`/projects/${project.id}/label`}>${text("project.startLabeling")}<//>
  `;
}
