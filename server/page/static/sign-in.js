// Signing in: a page at first, a dialog over the page when a session ends while somebody works.
import { html, useState } from "./parts/html.js";
import { text } from "./messages/text.js";
import { TextField } from "./parts/field.js";
import { Late } from "./parts/asked.js";
import { troubleWords } from "./parts/notice.js";
import { signIn, signInWithKey } from "./api/user.js";
import { forget, person } from "./session.js";
import { style } from "./ahead.js";

await style(new URL("./sign-in.css", import.meta.url));

const DIALOG = () => import("./parts/dialog.js");

function SignInForm({ email: givenEmail = "" }) {
  const [way, setWay] = useState("password");
  const [email, setEmail] = useState(givenEmail);
  const [secret, setSecret] = useState("");
  const [problem, setProblem] = useState("");
  const [isBusy, setBusy] = useState(false);

  const submit = async (event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setProblem("");
    try {
      if (way === "key") await signInWithKey(secret.trim());
      else await signIn(email.trim(), secret);
    } catch (trouble) {
      if (trouble.code === "UNAUTHENTICATED") setProblem(text(way === "key" ? "signIn.keyRefused" : "signIn.refused"));
      else setProblem(troubleWords(trouble));
      setBusy(false);
    }
  };
  const change = () => {
    setWay(way === "key" ? "password" : "key");
    setSecret("");
    setProblem("");
  };
  return html`
    <form class="sign-in-form" onSubmit=${submit}>
      ${
        way === "key"
          ? html`<${TextField}
              key="key"
              label=${text("signIn.key")}
              hint=${text("signIn.keyHint")}
              type="password"
              autocomplete="off"
              spellcheck=${false}
              value=${secret}
              onInput=${setSecret}
              required
              autofocus
            />`
          : html`
              <${TextField}
                key="email"
                label=${text("signIn.email")}
                type="email"
                autocomplete="username"
                value=${email}
                onInput=${setEmail}
                required
                autofocus=${!givenEmail}
              />
              <${TextField}
                key="password"
                label=${text("signIn.password")}
                type="password"
                autocomplete="current-password"
                value=${secret}
                onInput=${setSecret}
                required
                autofocus=${Boolean(givenEmail)}
              />
            `
      }
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      <button type="submit" class="primary" disabled=${isBusy}>${text(isBusy ? "signIn.doing" : "signIn.do")}</button>
      <button type="button" class="quiet" onClick=${change}>${text(way === "key" ? "signIn.withPassword" : "signIn.withKey")}</button>
    </form>
  `;
}

/** The page of those who have not signed in. */
export function SignInPage() {
  return html`
    <main class="sign-in">
      <div class="sign-in-card">
        <p class="sign-in-brand"><span class="mark"></span>${text("brand")}</p>
        <h1>${text("signIn.title")}</h1>
        <${SignInForm} />
        <p class="hint">${text("signIn.first")}</p>
      </div>
    </main>
  `;
}

/** The dialog over the page. */
export function SignInDialog() {
  return html`
    <${Late} load=${DIALOG} part="Dialog" title=${text("signIn.again")}>
      <p>${text("signIn.againText")}</p>
      <${SignInForm} email=${person.value?.email ?? ""} />
      <button type="button" class="quiet danger-text" onClick=${forget}>${text("signOut")}</button>
    <//>
  `;
}
