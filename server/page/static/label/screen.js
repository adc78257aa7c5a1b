// The label screen.
import { html } from "../parts/html.js";
import { Missing } from "../parts/asked.js";

export default function Screen() {
  return html`<${Missing} />`;
}
