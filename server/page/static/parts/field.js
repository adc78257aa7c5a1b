// Controls with a label, a hint and a problem, tied together for those who do not see them.
import { html, useId } from "./html.js";

/**
 * A label over a control. `children` is a function that is given the attributes of the control.
 */
export function Field({ label, hint = "", problem = "", children, isRequired = false }) {
  const id = useId();
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(" ");
  return html`
    <div class=${problem ? "field has-problem" : "field"}>
      <label for=${id}>${label}${isRequired && html`<span class="required" aria-hidden="true"> *</span>`}</label>
      ${children({ id, "aria-describedby": described || undefined, "aria-invalid": problem ? "true" : undefined, ...(isRequired ? { required: true } : {}) })}
      ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
      ${problem && html`<p class="problem" id=${`${id}-problem`}>${problem}</p>`}
    </div>
  `;
}

/** A line of text with its label. `onInput` is given the text. */
export function TextField({ label, value, onInput, hint, problem, isRequired, type = "text", ...rest }) {
  return html`<${Field} label=${label} hint=${hint} problem=${problem} isRequired=${isRequired}>
    ${(control) => html`<input type=${type} value=${value} onInput=${(event) => onInput(event.target.value)} ...${control} ...${rest} />`}
  <//>`;
}

/** Several lines of text with their label. */
export function TextArea({ label, value, onInput, hint, problem, isRequired, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} problem=${problem} isRequired=${isRequired}>
    ${(control) => html`<textarea value=${value} onInput=${(event) => onInput(event.target.value)} ...${control} ...${rest}></textarea>`}
  <//>`;
}

/** A choice of one among few. `options` are `[value, words]`. */
export function SelectField({ label, value, onChange, options, hint, problem, isRequired, ...rest }) {
  return html`<${Field} label=${label} hint=${hint} problem=${problem} isRequired=${isRequired}>
    ${(control) => html`
      <select value=${value} onChange=${(event) => onChange(event.target.value)} ...${control} ...${rest}>
        ${options.map(([one, words]) => html`<option key=${one} value=${one} selected=${one === value}>${words}</option>`)}
      </select>
    `}
  <//>`;
}

/** A box to tick, its words beside it. */
export function CheckField({ label, isChecked, onChange, hint = "", ...rest }) {
  const id = useId();
  return html`
    <div class="check-field">
      <input type="checkbox" id=${id} checked=${isChecked} onChange=${(event) => onChange(event.target.checked)} ...${rest} />
      <label for=${id}>${label}</label>
      ${hint && html`<p class="hint">${hint}</p>`}
    </div>
  `;
}
