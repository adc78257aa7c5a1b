// The members of a project: their roles and what they have done, and inviting more.
import { html, useState } from "../parts/html.js";
import { addMessages, mark, moment, number, text } from "../messages/text.js";
import { members as words } from "../messages/en-members.js";
import { Asked, Empty, useAsked } from "../parts/asked.js";
import { Dialog, confirm } from "../parts/dialog.js";
import { SelectField, TextField } from "../parts/field.js";
import { notify, notifyTrouble, troubleWords } from "../parts/notice.js";
import { style } from "../ahead.js";
import { person } from "../session.js";
import { createAccount } from "../api/user.js";
import { changeRole, invite, listMembers, memberName, removeMember } from "../api/member.js";
import { ProjectPage } from "./project.js";
import { ROLES_MANAGED } from "./rights.js";

addMessages(words);
await style(new URL("./members.css", import.meta.url));

const ROLES = ["ADMIN", "TEAM_MANAGER", "REVIEWER", "LABELER"];

export default function Members({ params }) {
  return html`<${ProjectPage} id=${params.project} action="MANAGE_MEMBERS">${(context) => html`<${List} ...${context} />`}<//>`;
}

function List({ project, role }) {
  const [isInviting, setInviting] = useState(false);
  const asked = useAsked((signal) => listMembers(project.id, { signal }), [project.id]);
  const managed = ROLES_MANAGED[role] ?? [];
  const close = () => {
    setInviting(false);
    asked.again();
  };
  return html`
    <div class="members-head">
      <p>${asked.data ? text("members.count", { count: asked.data.count }) : "\u00a0"}</p>
      ${!project.archived && html`<button type="button" class="primary" onClick=${() => setInviting(true)}>${text("members.invite")}</button>`}
    </div>
    <${Asked} asked=${asked}>
      ${({ members }) => (members.length ? html`<${Cards} members=${members} project=${project} managed=${managed} again=${asked.again} />` : html`<div class="card"><${Empty} title=${text("members.none")} /></div>`)}
    <//>
    ${isInviting && html`<${InviteDialog} project=${project} managed=${managed} onClose=${close} />`}
  `;
}

function Cards({ members, project, managed, again }) {
  return html`<div class="card members-scroll">
    <table class="members">
      <thead>
        <tr>
          ${["name", "role", "labels", "assets", "time", "consensus", "honeypot", "last"].map((column) => html`<th key=${column} scope="col" class=${NUMBERS.has(column) ? "number" : ""}>${text(`members.column.${column}`)}</th>`)}
          <th scope="col"><span class="unseen">${text("members.column.actions")}</span></th>
        </tr>
      </thead>
      <tbody>${members.map((member) => html`<${Member} key=${member.id} member=${member} project=${project} managed=${managed} again=${again} />`)}</tbody>
    </table>
  </div>`;
}

const NUMBERS = new Set(["labels", "assets", "time", "consensus", "honeypot"]);

function Member({ member, project, managed, again }) {
  const name = memberName(member);
  const mayManage = managed.includes(member.role) && !project.archived;
  const [role, setRole] = useState(member.role);
  const change = async (next) => {
    setRole(next);
    try {
      await changeRole(member.id, next);
      notify(text("members.changed", { name, role: text(`role.${next}`) }));
      again();
    } catch (trouble) {
      setRole(member.role);
      notifyTrouble(trouble);
    }
  };
  const remove = async () => {
    const question = { title: text("members.remove.title", { name }), text: text("members.remove.text"), action: text("members.remove"), isDangerous: true };
    if (!(await confirm(question))) return;
    try {
      await removeMember(member.id);
      notify(text("members.removed", { name }));
      again();
    } catch (trouble) {
      notifyTrouble(trouble);
    }
  };
  return html`<tr>
    <th scope="row">
      <span class="member-name">${name}${member.user?.id === person.value?.id ? html` <span class="tag">${text("members.you")}</span>` : null}</span>
      <span class="member-mail">${member.user?.email}</span>
      ${member.user?.activated === false && html`<span class="tag warning">${text("members.pending")}</span>`}
    </th>
    <td>
      ${
        mayManage
          ? html`<select aria-label=${text("members.roleOf", { name })} value=${role} onChange=${(event) => change(event.target.value)}>
              ${ROLES.filter((one) => managed.includes(one)).map((one) => html`<option key=${one} value=${one} selected=${one === role}>${text(`role.${one}`)}</option>`)}
            </select>`
          : text(`role.${member.role}`)
      }
    </td>
    <td class="number">${number(member.numberOfLabels ?? 0)}</td>
    <td class="number">${number(member.numberOfLabeledAssets ?? 0)}</td>
    <td class="number">${duration(member.totalDuration)}</td>
    <td class="number">${mark(member.consensusMark)}</td>
    <td class="number">${mark(member.honeypotMark)}</td>
    <td>${moment(member.lastLabelingAt)}</td>
    <td>${mayManage && html`<button type="button" class="small danger-text" aria-label=${text("members.removeOne", { name })} onClick=${remove}>${text("members.remove")}</button>`}</td>
  </tr>`;
}

/** Hours and minutes that somebody spent. @param {number | null} seconds */
function duration(seconds) {
  if (!seconds) return "–";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return text("members.minutes", { count: minutes });
  return text("members.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** Somebody of the organization, or somebody new, gets a role; an administrator of the organization may make their account at once. */
function InviteDialog({ project, managed, onClose }) {
  const mayCreate = person.value?.organizationRole === "ADMIN";
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("LABELER");
  const [name, setName] = useState({ firstname: "", lastname: "" });
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      if (mayCreate && password) await createAccount({ email: email.trim(), password, ...name });
      await invite(project.id, email.trim(), role);
      notify(text("members.invited", { email: email.trim(), role: text(`role.${role}`) }));
      onClose();
    } catch (trouble) {
      setProblem(troubleWords(trouble));
      setBusy(false);
    }
  };
  const actions = html`
    <button type="button" onClick=${onClose}>${text("cancel")}</button>
    <button type="submit" form="invite" class="primary" disabled=${isBusy || !email.trim()}>${text("members.invite")}</button>
  `;
  return html`<${Dialog} title=${text("members.invite")} onClose=${onClose} actions=${actions}>
    <form id="invite" class="form" onSubmit=${submit}>
      <${TextField} label=${text("signIn.email")} type="email" isRequired autofocus autocomplete="off" value=${email} onInput=${setEmail} problem=${problem} />
      <${SelectField} label=${text("members.column.role")} value=${role} onChange=${setRole} options=${ROLES.filter((one) => managed.includes(one)).map((one) => [one, text(`role.${one}`)])} />
      ${
        mayCreate &&
        html`<fieldset class="invite-account">
          <legend>${text("members.newAccount")}</legend>
          <p class="hint">${text("members.newAccountHint")}</p>
          <div class="two">
            <${TextField} label=${text("members.firstname")} autocomplete="off" value=${name.firstname} onInput=${(firstname) => setName({ ...name, firstname })} />
            <${TextField} label=${text("members.lastname")} autocomplete="off" value=${name.lastname} onInput=${(lastname) => setName({ ...name, lastname })} />
          </div>
          <${TextField} label=${text("members.password")} type="password" autocomplete="new-password" value=${password} onInput=${setPassword} />
        </fieldset>`
      }
    </form>
  <//>`;
}
