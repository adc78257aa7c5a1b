// The shell: who works here, the bar at the top, and the page of the address.
import { html, render, useEffect, useState } from "./parts/html.js";
import { text } from "./messages/text.js";
import { Notices, notify, notifyTrouble } from "./parts/notice.js";
import { Late, Loading, Missing, TroubleBox } from "./parts/asked.js";
import { Link, mayBeLeft, route } from "./router.js";
import { isAsking, isSignedIn, person } from "./session.js";
import { prefer, preference, showTheme } from "./preferences.js";

/** Pages that take the whole window; they bring a bar of their own. */
const WHOLE = new Set(["asset", "label", "review"]);
const SIGN_IN = () => import("./sign-in.js");
const THEMES = ["system", "light", "dark"];

function App() {
  const [trouble, setTrouble] = useState(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    // Who comes back in this tab is known; the server says what has changed since.
    if (!isSignedIn.value) return;
    setTrouble(null);
    import("./api/user.js").then(({ readPerson }) => readPerson()).catch((reason) => person.peek() || setTrouble(reason));
  }, [isSignedIn.value, round]);

  const who = person.value?.id;
  useEffect(() => {
    // Answers that were left on their way are sent from whichever page is opened first.
    import("./label/outbox.js").then((outbox) => (who ? outbox.resume(who) : outbox.pause()));
  }, [who]);

  if (!isSignedIn.value && !isAsking.value) return html`<${Late} load=${SIGN_IN} part="SignInPage" /><${Notices} />`;
  const isWhole = WHOLE.has(route.value.name);
  let content = null;
  if (person.value) content = html`<${Page} />`;
  else if (trouble) content = html`<${TroubleBox} trouble=${trouble} again=${() => setRound(round + 1)} />`;
  else content = html`<${Loading} />`;
  return html`
    <a class="skip-link" href="#main" onClick=${toContent}>${text("skipToContent")}</a>
    ${!isWhole && html`<${Bar} />`}
    <main id="main" tabindex="-1" class=${isWhole ? "whole" : "page"}>${content}</main>
    ${isAsking.value && html`<${Late} load=${SIGN_IN} part="SignInDialog" />`}
    <${Notices} />
  `;
}

function toContent(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function Bar() {
  const theme = preference("theme", "system");
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  return html`
    <header class="bar">
      <${Link} to="/" class="bar-brand"><span class="mark"></span><span>${text("brand")}</span><//>
      <nav aria-label=${text("brand")}>
        <${Link} to="/" aria-current=${route.value.name === "projects" ? "page" : undefined}>${text("projects")}<//>
      </nav>
      <div class="bar-end">
        <button type="button" class="quiet icon" title=${text(`theme.${theme}`)} aria-label=${text(`theme.${theme}`)} onClick=${() => prefer("theme", nextTheme)}>
          <${ThemeIcon} theme=${theme} />
        </button>
        ${person.value && html`<${Link} to="/account" class="bar-person" title=${person.value.email}>${person.value.name}<//>`}
        <button type="button" class="quiet" onClick=${leave}>${text("signOut")}</button>
      </div>
    </header>
  `;
}

/** Sign out; answers that wait are sent first, unless the person does not want to wait for them. */
async function leave() {
  const { waiting, tryNow } = await import("./label/outbox.js");
  if (waiting.peek().length) {
    tryNow();
    const { confirm } = await import("./parts/dialog.js");
    const words = text("signOut.waiting", { count: waiting.peek().length });
    if (!(await confirm({ title: text("signOut.title"), text: words, action: text("signOut"), cancel: text("signOut.stay") }))) return;
  }
  const { signOut } = await import("./api/user.js");
  if (await mayBeLeft()) await signOut();
}

function ThemeIcon({ theme }) {
  const path = {
    system: "M4 5h16v11H4zM9 20h6M12 16v4",
    light: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500L19 19M5 19l1.500-1.500M17.500 6.500L19 5",
    dark: "M20 14.500A8 8 0 019.500 4a8 8 0 1010.500 10.500z",
  }[theme];
  return html`<svg class="line-icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d=${path} /></svg>`;
}

/** The module of the address, loaded when it is first asked for. */
function Page() {
  const { name, path, params, query, load } = route.value;
  const [shown, setShown] = useState(/** @type {any} */ (null));
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!load) return setShown({ name, Component: Missing });
    let isLate = false;
    load().then(
      (module) => isLate || setShown({ name, Component: module.default }),
      (trouble) => isLate || setShown({ name, trouble }),
    );
    return () => (isLate = true);
  }, [name, round]);
  if (!shown || shown.name !== name) return html`<${Loading} />`;
  if (shown.trouble) return html`<${TroubleBox} trouble=${shown.trouble} again=${() => setRound(round + 1)} />`;
  return html`<${shown.Component} key=${name} name=${name} path=${path} params=${params} query=${query} />`;
}

// A mistake of the page is told: nobody goes on with a screen that only looks alive.
addEventListener("error", (event) => notify(text("trouble.page", { message: event.message }), "problem"));
addEventListener("unhandledrejection", (event) => notifyTrouble(event.reason));

showTheme();
const place = /** @type {HTMLElement} */ (document.getElementById("page"));
render(html`<${App} />`, place);
