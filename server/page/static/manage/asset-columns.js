// The columns of the dataset table.
import { html } from "../parts/html.js";
import { mark, moment, number, text } from "../messages/text.js";
import { Link } from "../router.js";
import { ownPath } from "../api/ask.js";
import { personName } from "../api/member.js";
import { stateOf } from "./asset-filters.js";
import { SEE_MARKS } from "./rights.js";

/** A small picture of an asset, or the first letter of its kind. */
export function Thumbnail({ asset, project }) {
  const path = asset.thumbnail ? ownPath(asset.thumbnail) : null;
  if (!path) return html`<span class="thumbnail" aria-hidden="true">${text(`inputType.${project.inputType}`).slice(0, 1)}</span>`;
  return html`<img class="thumbnail" src=${path} alt="" loading="lazy" decoding="async" />`;
}

/** Where an asset stands: its step, and what becomes of it there. */
export function State({ asset }) {
  const state = stateOf(asset);
  const step = asset.currentStep?.name;
  return html`<span class=${`state state-${state}`} title=${step ?? ""}>${text(`state.${state}`)}</span>`;
}

/** @param {string | null} metadata JSON text */
function metadataKeys(metadata) {
  try {
    return Object.entries(JSON.parse(metadata || "{}"))
      .map(([key, value]) => `${key}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
      .join(" · ");
  } catch {
    return "";
  }
}

/** The columns that a role sees. @param {string} role @param {any} project */
export function columnsFor(role, project) {
  return [
    { key: "thumbnail", title: html`<span class="unseen">${text("assets.column.picture")}</span>`, width: "52px", cell: (asset) => html`<${Thumbnail} asset=${asset} project=${project} />` },
    {
      key: "externalId",
      title: text("assets.column.name"),
      width: "minmax(160px, 2fr)",
      cell: (asset) => html`<${Link} to=${`/projects/${project.id}/assets/${asset.id}`} tabindex="-1" title=${asset.externalId}>${asset.externalId || asset.id}<//>`,
    },
    { key: "state", title: text("assets.column.state"), width: "minmax(110px, 0.9fr)", cell: (asset) => html`<${State} asset=${asset} />` },
    { key: "priority", title: text("assets.column.priority"), width: "78px", isNumber: true, cell: (asset) => (asset.priority ? number(asset.priority) : "") },
    {
      key: "assignees",
      title: text("assets.column.assignees"),
      width: "minmax(100px, 0.9fr)",
      cell: (asset) => (asset.toBeLabeledBy ?? []).map((member) => personName(member.user)).join(", "),
    },
    {
      key: "latest",
      title: text("assets.column.latest"),
      width: "minmax(240px, 1.8fr)",
      cell: (asset) => asset.latestLabel && html`${personName(asset.latestLabel.author)} <span class="faint">${moment(asset.latestLabel.createdAt)}</span>`,
    },
    {
      key: "annotations",
      title: text("assets.column.annotations"),
      width: "112px",
      isNumber: true,
      cell: (asset) => (asset.latestLabel ? number(asset.latestLabel.numberOfAnnotations ?? 0) : ""),
    },
    ...(SEE_MARKS.includes(role)
      ? [
          { key: "consensus", title: text("assets.column.consensus"), width: "104px", isNumber: true, cell: (asset) => mark(asset.consensusMark, "") },
          { key: "honeypot", title: text("assets.column.honeypot"), width: "98px", isNumber: true, cell: (asset) => mark(asset.honeypotMark, "") },
        ]
      : []),
    { key: "metadata", title: text("assets.column.metadata"), width: "minmax(120px, 1fr)", className: "faint", cell: (asset) => metadataKeys(asset.jsonMetadata) },
  ];
}
