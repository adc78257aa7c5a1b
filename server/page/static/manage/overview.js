// A project at a glance: where its assets stand, and the ways to work on them.
import { html } from "../parts/html.js";
import { mark, number, percent, text } from "../messages/text.js";
import { Asked, Empty, useAsked } from "../parts/asked.js";
import { style } from "../ahead.js";
import { Link } from "../router.js";
import { readStanding } from "../api/asset.js";
import { STATES } from "./asset-filters.js";
import { ProjectPage, StartButtons } from "./project.js";
import { mayDo, SEE_MARKS } from "./rights.js";

await style(new URL("./overview.css", import.meta.url));

export default function Overview({ params }) {
  return html`<${ProjectPage} id=${params.project} actions=${StartButtons}>${(context) => html`<${Content} ...${context} />`}<//>`;
}

function Content({ project, role }) {
  const asked = useAsked((signal) => readStanding(project.id, signal), [project.id]);
  return html`
    ${project.description && html`<p class="overview-description">${project.description}</p>`}
    <${Asked} asked=${asked}>${({ counts, marks }) => html`
      <${States} project=${project} role=${role} counts=${counts} />
      <div class="overview-cards">
        <${Figure} words=${text("overview.done")} value=${percent((project.completionPercentage ?? 0) / 100)} />
        <${Figure} words=${text("overview.remaining")} value=${number(project.numberOfRemainingAssets ?? 0)} />
        <${Figure} words=${text("overview.issues")} value=${number(project.numberOfOpenIssues ?? 0)} to=${`/projects/${project.id}/issues`} />
        <${Figure} words=${text("overview.questions")} value=${number(project.numberOfOpenQuestions ?? 0)} to=${`/projects/${project.id}/issues?type=QUESTION`} />
        ${
          SEE_MARKS.includes(role) &&
          html`
            <${Figure} words=${text("overview.consensus")} value=${mark(marks.consensusMark)} />
            <${Figure} words=${text("overview.honeypot")} value=${mark(marks.honeypotMark)} />
          `
        }
      </div>
    `}<//>
    ${project.instructions && html`<${Instructions} instructions=${project.instructions} />`}
  `;
}

function Figure({ words, value, to = null }) {
  const content = html`<span class="figure-value">${value}</span><span class="figure-words">${words}</span>`;
  return to ? html`<${Link} to=${to} class="card figure">${content}<//>` : html`<div class="card figure">${content}</div>`;
}

function States({ project, role, counts }) {
  const all = STATES.reduce((sum, state) => sum + counts[state], 0);
  const to = (state) => `/projects/${project.id}/assets?status=${state}`;
  if (!all) {
    const action = mayDo(role, "CHANGE_ASSETS") && html`<${Link} class="button primary" to=${`/projects/${project.id}/assets?import=1`}>${text("assets.import")}<//>`;
    const title = text(role === "LABELER" ? "overview.noneYours" : "overview.noAssets");
    return html`<div class="card"><${Empty} title=${title} action=${action}>${role === "LABELER" ? text("overview.noneYoursText") : null}<//></div>`;
  }
  return html`
    <section class="card states" aria-label=${text(role === "LABELER" ? "overview.yourStates" : "overview.states")}>
      <h2>${text(role === "LABELER" ? "overview.yourStates" : "overview.states")}</h2>
      <div class="states-bar" aria-hidden="true">
        ${STATES.filter((state) => counts[state]).map((state) => html`<span key=${state} class=${`part-${state}`} style=${{ flexGrow: counts[state] }}></span>`)}
      </div>
      <ul class="states-list">
        ${STATES.map(
          (state) => html`<li key=${state}>
            <${Link} to=${to(state)} class="states-link">
              <span class=${`state state-${state}`}>${text(`state.${state}`)}</span>
              <b>${number(counts[state])}</b>
              <span class="states-share">${percent(counts[state] / all)}</span>
            <//>
          </li>`,
        )}
      </ul>
    </section>
  `;
}

function Instructions({ instructions }) {
  const isLink = /^https?:\/\/\S+$/.test(instructions);
  return html`<section class="card overview-instructions">
    <h2>${text("overview.instructions")}</h2>
    ${isLink ? html`<a href=${instructions} rel="noopener noreferrer" target="_blank">${instructions}</a>` : html`<p>${instructions}</p>`}
  </section>`;
}
