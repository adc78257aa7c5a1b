// The projects of the person: search, favorites, the archive, and what is left to do in each.
import { html, useEffect, useRef, useState } from "../parts/html.js";
import { addMessages, percent, text } from "../messages/text.js";
import { manage } from "../messages/en-manage.js";
import { Asked, Empty, useAsked } from "../parts/asked.js";
import { notify, notifyTrouble } from "../parts/notice.js";
import { style } from "../ahead.js";
import { Link, setQuery } from "../router.js";
import { person } from "../session.js";
import { listProjects, star } from "../api/project.js";

addMessages(manage);
await style(new URL("./projects.css", import.meta.url));

const PAGE = 60;
const TYPING = 250; // milliseconds between the last key and the question
const VIEWS = ["open", "starred", "archived"];

export default function Projects({ query }) {
  const view = VIEWS.includes(query.get("view") ?? "") ? query.get("view") : "open";
  const search = query.get("search") ?? "";
  const [shown, setShown] = useState(search);
  const [count, setCount] = useState(PAGE);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const options = { search, archived: view === "archived", starred: view === "starred" };
  const asked = useAsked((signal) => listProjects({ ...options, first: count, signal }), [search, view, count]);
  const find = (words) => {
    setShown(words);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ search: words }), TYPING);
  };
  return html`
    <header class="page-head">
      <h1>${text("projects")}</h1>
      <div class="actions">
        <input type="search" class="project-search" placeholder=${text("projects.search")} aria-label=${text("projects.search")} value=${shown} onInput=${(event) => find(event.target.value)} />
        <${Link} class="button primary" to="/new">${text("projects.new")}<//>
      </div>
    </header>
    <div class="switch project-views" role="group" aria-label=${text("projects.view")}>
      ${VIEWS.map((one) => html`<button type="button" key=${one} class="small" aria-pressed=${String(one === view)} onClick=${() => setQuery({ view: one === "open" ? null : one })}>${text(`projects.view.${one}`)}</button>`)}
    </div>
    <${Asked} asked=${asked}>
      ${({ projects, count: all }) =>
        projects.length
          ? html`
              <ul class="project-list">${projects.map((project) => html`<${Card} key=${project.id} project=${project} again=${asked.again} />`)}</ul>
              ${all > projects.length && html`<p class="project-more"><button type="button" onClick=${() => setCount(count + PAGE)}>${text("projects.more", { count: all - projects.length })}</button></p>`}
            `
          : html`<${Empty} title=${search ? text("projects.noneFound", { search }) : text(`projects.none.${view}`)}>${search || view !== "open" ? null : text("projects.noneText")}<//>`}
    <//>
  `;
}

function Card({ project, again }) {
  const done = project.numberOfAssets ? 1 - project.numberOfRemainingAssets / project.numberOfAssets : 0;
  const issues = project.numberOfOpenIssues + project.numberOfOpenQuestions;
  const [isStarred, setStarred] = useState(Boolean(project.starred));
  const toggle = async () => {
    setStarred(!isStarred);
    try {
      if (await star(project.id, person.value?.id ?? "", !isStarred)) return again();
      notify(text("projects.starMembers"), "problem");
    } catch (trouble) {
      notifyTrouble(trouble);
    }
    setStarred(isStarred);
  };
  return html`
    <li class="project-item">
      <${Link} to=${`/projects/${project.id}`} class="card project-card">
        <h2 title=${project.title}>${project.title}</h2>
        <div class="progress" aria-hidden="true"><span style=${{ inlineSize: percent(done) }}></span></div>
        <p>
          ${
            project.numberOfRemainingAssets || !project.numberOfAssets
              ? text("projects.remaining", { count: project.numberOfRemainingAssets })
              : text("projects.finished")
          } · ${text("projects.assets", { count: project.numberOfAssets })}
        </p>
        <div class="tags">
          <span class="tag">${text(`inputType.${project.inputType}`)}</span>
          ${project.archived && html`<span class="tag warning">${text("project.archived")}</span>`}
          ${issues > 0 && html`<span class="tag warning">${text("projects.issues", { count: issues })}</span>`}
        </div>
      <//>
      <button type="button" class="quiet icon project-star" aria-pressed=${String(isStarred)} aria-label=${text("projects.star", { title: project.title })} onClick=${toggle}>
        <svg viewBox="0 0 24 24" width="18" height="18" class="line-icon" aria-hidden="true"><path d="M12 3.500l2.600 5.400 5.900.800-4.300 4.100 1.100 5.900L12 16.900l-5.300 2.800 1.100-5.900L3.500 9.700l5.900-.800z" /></svg>
      </button>
    </li>
  `;
}
