// One's own account: password, keys, looks and shortcuts.
import { html, useState } from "../parts/html.js";
import { addMessages, day, text } from "../messages/text.js";
import { account } from "../messages/en-account.js";
import { dialogs } from "../messages/en-label-dialogs.js";
import { Asked, useAsked } from "../parts/asked.js";
import { SelectField, TextField } from "../parts/field.js";
import { notify, notifyTrouble, troubleWords } from "../parts/notice.js";
import { style } from "../ahead.js";
import { prefer, preference } from "../preferences.js";
import { person } from "../session.js";
import { addKey, changePassword, listKeys } from "../api/account.js";
import { signIn } from "../api/user.js";
import { KEYS, keyOf, shown } from "../label/keys.js";

addMessages(account);
addMessages(dialogs);
await style(new URL("./account.css", import.meta.url));

const KEY_BYTES = 24;

export default function Account() {
  const who = person.value;
  return html`
    <header class="page-head">
      <div><h1>${who.name}</h1><p>${who.email}</p></div>
    </header>
    <div class="account">
      <${Looks} />
      <${Password} who=${who} />
      <${Keys} who=${who} />
      <${Shortcuts} />
    </div>
  `;
}

function Looks() {
  return html`<section class="card account-card">
    <h2>${text("account.looks")}</h2>
    <${SelectField} label=${text("account.theme")} value=${preference("theme", "system")} onChange=${(theme) => prefer("theme", theme)} options=${["system", "light", "dark"].map((theme) => [theme, text(`theme.${theme}`)])} />
    <${SelectField} label=${text("account.language")} value="en" onChange=${() => {}} options=${[["en", "English"]]} />
  </section>`;
}

function Password({ who }) {
  const empty = { old: "", next: "", again: "" };
  const [values, setValues] = useState(empty);
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);
  const set = (name) => (value) => setValues((before) => ({ ...before, [name]: value }));
  const isDifferent = values.again !== "" && values.next !== values.again;
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await changePassword(who.email, values.old, values.next, values.again);
      // The change has ended every session, this one too.
      await signIn(who.email, values.next);
      setValues(empty);
      notify(text("account.passwordChanged"));
    } catch (trouble) {
      setProblem(troubleWords(trouble));
    } finally {
      setBusy(false);
    }
  };
  return html`<section class="card account-card">
    <h2>${text("account.password")}</h2>
    <form class="form" onSubmit=${submit}>
      <input type="email" autocomplete="username" value=${who.email} readonly hidden />
      <${TextField} label=${text("account.oldPassword")} type="password" autocomplete="current-password" isRequired value=${values.old} onInput=${set("old")} problem=${problem} />
      <${TextField} label=${text("account.newPassword")} type="password" autocomplete="new-password" isRequired value=${values.next} onInput=${set("next")} />
      <${TextField} label=${text("account.newPasswordAgain")} type="password" autocomplete="new-password" isRequired value=${values.again} onInput=${set("again")} problem=${isDifferent ? text("account.passwordsDiffer") : ""} />
      <div class="actions"><button type="submit" class="primary" disabled=${isBusy || isDifferent || !values.old || !values.next || !values.again}>${text("account.changePassword")}</button></div>
      <p class="hint">${text("account.passwordHint")}</p>
    </form>
  </section>`;
}

function Keys({ who }) {
  const asked = useAsked((signal) => listKeys(who.id, signal), [who.id]);
  const [name, setName] = useState("");
  const [made, setMade] = useState(/** @type {string | null} */ (null));
  const add = async (event) => {
    event.preventDefault();
    const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    const key = `ly_${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")}`;
    try {
      await addKey(who.id, name.trim(), key);
      setMade(key);
      setName("");
      asked.again();
    } catch (trouble) {
      notifyTrouble(trouble);
    }
  };
  const state = (key) => (key.revoked ? text("account.keyRevoked") : text("account.keyUntil", { day: day(key.expiryDate) }));
  return html`<section class="card account-card">
    <h2>${text("account.keys")}</h2>
    <p class="hint">${text("account.keysText")}</p>
    <${Asked} asked=${asked}>
      ${(keys) => html`<ul class="account-keys">${keys.map((key) => html`<li key=${key.id}><span>${key.name || text("account.keyUnnamed")}</span><span class="hint">${text("account.keySince", { day: day(key.createdAt) })} · ${state(key)}</span></li>`)}</ul>`}
    <//>
    ${
      made &&
      html`<div class="account-key" role="status">
        <p>${text("account.keyOnce")}</p>
        <code>${made}</code>
        <button type="button" class="small" onClick=${() => navigator.clipboard?.writeText(made).then(() => notify(text("account.keyCopied")), notifyTrouble)}>${text("account.copyKey")}</button>
      </div>`
    }
    <form class="account-line" onSubmit=${add}>
      <${TextField} label=${text("account.keyName")} value=${name} maxlength="500" onInput=${setName} />
      <button type="submit" disabled=${!name.trim()}>${text("account.addKey")}</button>
    </form>
  </section>`;
}

/** What a key does; an action may have two. @param {string} action */
const words = (action) => text(`key.${action.replace(/\d$/, "")}`);

/** The keys of the label screen. A press of a key gives it to the action whose field has the focus. */
function Shortcuts() {
  const own = preference("keys", {});
  const set = (action, key) => {
    const next = { ...own };
    if (key === null || key === KEYS[action]) delete next[action];
    else next[action] = key;
    prefer("keys", next);
  };
  const onKeyDown = (action) => (event) => {
    if (event.key === "Tab" || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    event.preventDefault();
    const key = keyOf(event);
    const other = Object.keys(KEYS).find((one) => one !== action && (own[one] ?? KEYS[one]) === key);
    if (other) notify(text("account.keyTaken", { key: shown(key), action: words(other) }), "problem");
    else set(action, key);
  };
  return html`<section class="card account-card">
    <h2>${text("account.shortcuts")}</h2>
    <p class="hint">${text("account.shortcutsText")}</p>
    <dl class="account-shortcuts">
      ${Object.keys(KEYS).map(
        (action) => html`<div key=${action}>
          <dt>${words(action)}</dt>
          <dd>
            <button type="button" class="small" aria-label=${text("account.keyFor", { action: words(action), key: shown(own[action] ?? KEYS[action]) })} onKeyDown=${onKeyDown(action)}><kbd>${shown(own[action] ?? KEYS[action])}</kbd></button>
            ${own[action] && html`<button type="button" class="small quiet" onClick=${() => set(action, null)}>${text("account.keyReset")}</button>`}
          </dd>
        </div>`,
      )}
    </dl>
  </section>`;
}
