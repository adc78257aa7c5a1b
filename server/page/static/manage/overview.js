// A project at a glance.
import { html } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { manage } from "../messages/en-manage.js";
import { Asked, Missing, useAsked } from "../parts/asked.js";
import { Link } from "../router.js";
import { readProject } from "../api/project.js";

addMessages(manage);

export default function Overview({ params }) {
  const asked = useAsked((signal) => readProject(params.project, signal), [params.project]);
  return html`<${Asked} asked=${asked}>
    ${(project) =>
      project
        ? html`
            <header class="page-head">
              <div>
                <h1>${project.title}</h1>
                <p>${project.description}</p>
              </div>
              <div class="actions">
                <${Link} class="button" to=${`/projects/${project.id}/review`}>${text("project.startReviewing")}<//>
                <${Link} class="button primary" to=${`/projects/${project.id}/label`}>${text("project.startLabeling")}<//>
              </div>
            </header>
          `
        : html`<${Missing} />`}
  <//>`;
}
