// The projects of the person.
import { html, useState } from "../parts/html.js";
import { addMessages, percent, text } from "../messages/text.js";
import { manage } from "../messages/en-manage.js";
import { Asked, Empty, useAsked } from "../parts/asked.js";
import { style } from "../parts/style.js";
import { Link, setQuery } from "../router.js";
import { listProjects } from "../api/project.js";

addMessages(manage);
await style(new URL("./projects.css", import.meta.url));

export default function Projects({ query }) {
  const [search, setSearch] = useState(query.get("search") ?? "");
  const asked = useAsked((signal) => listProjects({ search, signal }), [search]);
  const find = (words) => {
    setSearch(words);
    setQuery({ search: words });
  };
  return html`
    <header class="page-head">
      <h1>${text("projects")}</h1>
      <input
        type="search"
        class="project-search"
        placeholder=${text("projects.search")}
        aria-label=${text("projects.search")}
        value=${search}
        onInput=${(event) => find(event.target.value)}
      />
    </header>
    <${Asked} asked=${asked}>
      ${({ projects }) =>
        projects.length
          ? html`<ul class="project-list">${projects.map((project) => html`<${Card} key=${project.id} project=${project} />`)}</ul>`
          : html`<${Empty} title=${search ? text("projects.noneFound", { search }) : text("projects.none")}>${search ? null : text("projects.noneText")}<//>`}
    <//>
  `;
}

function Card({ project }) {
  const done = project.numberOfAssets ? 1 - project.numberOfRemainingAssets / project.numberOfAssets : 0;
  const issues = project.numberOfOpenIssues + project.numberOfOpenQuestions;
  return html`
    <li>
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
          <span class="tag">${project.inputType}</span>
          ${issues > 0 && html`<span class="tag warning">${text("projects.issues", { count: issues })}</span>`}
        </div>
      <//>
    </li>
  `;
}
