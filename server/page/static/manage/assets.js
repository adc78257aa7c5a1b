// The dataset of a project: a table or a grid of its assets, filters in the address, and actions on many.
import { html, useCallback, useEffect, useMemo, useState } from "../parts/html.js";
import { addMessages, text } from "../messages/text.js";
import { assets as words } from "../messages/en-assets.js";
import { Empty, TroubleBox, useAsked } from "../parts/asked.js";
import { style } from "../ahead.js";
import { Table, useSelection } from "../parts/table.js";
import { announce } from "../parts/notice.js";
import { go, setQuery } from "../router.js";
import { countAssets, listAssets } from "../api/asset.js";
import { listMembers } from "../api/member.js";
import { prefer, preference } from "../preferences.js";
import { columnsFor } from "./asset-columns.js";
import { AssetGrid } from "./asset-grid.js";
import { FilterBar } from "./asset-filter-bar.js";
import { activeFilters, whereOf } from "./asset-filters.js";
import { ActionBar } from "./asset-action-bar.js";
import { ImportDialog } from "./import-dialog.js";
import { ProjectPage } from "./project.js";
import { mayDo } from "./rights.js";

addMessages(words);
await style(new URL("./assets.css", import.meta.url));

export default function Assets({ params, query }) {
  const actions = ({ project, role }) =>
    mayDo(role, "CHANGE_ASSETS") &&
    !project.archived &&
    html`<button type="button" class="primary" onClick=${() => setQuery({ import: "1" })}>${text("assets.import")}</button>`;
  return html`<${ProjectPage} id=${params.project} actions=${actions}>
    ${(context) => html`<${Dataset} ...${context} query=${query} />`}
  <//>`;
}

function Dataset({ project, role, query, again }) {
  const [version, setVersion] = useState(0);
  const filters = activeFilters(query).map((name) => `${name}=${query.get(name)}`).join("&");
  const key = `${project.id}?${filters}#${version}`;
  const where = useMemo(() => whereOf(query, project.id), [key]);
  const count = useAsked((signal) => countAssets(where, signal), [key]);
  const members = useAsked(
    async (signal) => (mayDo(role, "REVIEW_LABELS") ? (await listMembers(project.id, { signal })).members : []),
    [project.id],
  );
  const isKnown = !count.isLoading && count.data !== undefined;
  const total = isKnown ? count.data : null;
  const selection = useSelection(total);
  const view = preference("assets.view", "table");
  const load = useCallback((skip, first, signal) => listAssets(where, { first, skip, signal }), [key]);
  const open = (asset) => go(`/projects/${project.id}/assets/${asset.id}`);

  useEffect(() => selection.clear(), [filters]);
  useEffect(() => {
    if (isKnown) announce(text("assets.count", { count: count.data }));
  }, [count.data, isKnown]);

  const changed = () => {
    selection.clear();
    setVersion((before) => before + 1);
    again();
  };
  const columns = columnsFor(role, project);
  const mayChoose = mayDo(role, "DISTRIBUTE_ASSETS") || mayDo(role, "REVIEW_LABELS");
  const empty = filters
    ? html`<${Empty} title=${text("assets.noneFound")} action=${html`<button type="button" onClick=${() => setQuery(Object.fromEntries(activeFilters(query).map((name) => [name, null])))}>${text("assets.clearFilters")}</button>`} />`
    : html`<${Empty} title=${text("assets.none")}>${mayDo(role, "CHANGE_ASSETS") ? text("assets.noneText") : text("assets.noneYours")}<//>`;
  const shared = { count: total, load, version: key, onOpen: open, selection: mayChoose ? selection : null, empty, label: text("tab.assets") };
  return html`
    <${FilterBar} query=${query} project=${project} role=${role} members=${members.data ?? []} />
    <div class="assets-line">
      <p class="assets-count">${isKnown ? text("assets.count", { count: count.data }) : "\u00a0"}</p>
      <div class="switch" role="group" aria-label=${text("assets.view")}>
        ${["table", "grid"].map((one) => html`<button type="button" key=${one} class="small" aria-pressed=${String(view === one)} onClick=${() => prefer("assets.view", one)}>${text(`assets.view.${one}`)}</button>`)}
      </div>
    </div>
    ${selection.size > 0 && html`<${ActionBar} project=${project} role=${role} selection=${selection} where=${where} members=${members.data ?? []} onDone=${changed} />`}
    ${
      count.trouble
        ? html`<${TroubleBox} trouble=${count.trouble} again=${count.again} />`
        : view === "grid"
          ? html`<${AssetGrid} ...${shared} />`
          : html`<${Table} ...${shared} columns=${columns} height=${52} />`
    }
    ${query.get("import") && mayDo(role, "CHANGE_ASSETS") && html`<${ImportDialog} project=${project} onClose=${() => setQuery({ import: null })} onDone=${changed} />`}
  `;
}
