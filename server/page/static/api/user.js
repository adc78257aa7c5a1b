// Signing in, and who one is.
import { ask } from "./ask.js";
import { authorization, credential, forget, isAsking, keep, person, setCredential, setPerson, settle } from "../session.js";

const SIGN_IN = `mutation SignIn($email: String!, $password: String!) {
  signIn(email: $email, password: $password) { token user { id email name organizationRole } }
}`;

const SIGN_OUT = `mutation SignOut { signOut }`;

const VIEWER = `query Viewer {
  viewer { id email name organizationRole }
}`;

const CREATE = `mutation CreateUser($data: CreateUserData!) {
  createUser(data: $data) { id }
}`;

/** Make an account in the organization. @param {{ email: string, password: string, firstname: string, lastname: string }} account */
export function createAccount({ email, password, firstname, lastname }) {
  const name = [firstname, lastname].filter(Boolean).join(" ") || email;
  const data = { email, password, name, organizationRole: "USER" };
  return ask(CREATE, { data: firstname || lastname ? { ...data, firstname, lastname } : data });
}

/** @param {any} user @returns {import("../session.js").Person} */
function personOf(user) {
  return { id: user.id, email: user.email, name: user.name || user.email, organizationRole: user.organizationRole ?? null };
}

/**
 * @param {string} email
 * @param {string} password
 */
export async function signIn(email, password) {
  const { signIn: session } = await ask(SIGN_IN, { email, password }, { authorization: null });
  welcome({ kind: "token", secret: session.token }, personOf(session.user));
}

/** @param {string} key an API key */
export async function signInWithKey(key) {
  const { viewer } = await ask(VIEWER, {}, { authorization: `X-API-Key: ${key}` });
  welcome({ kind: "key", secret: key }, personOf(viewer));
}

/** Who the kept token belongs to. */
export async function readPerson() {
  const { viewer } = await ask(VIEWER);
  setPerson(personOf(viewer));
}

function welcome(next, who) {
  const isSomebodyElse = person.peek() !== null && person.peek()?.id !== who.id;
  if (isSomebodyElse && isAsking.peek()) {
    // What is open belongs to somebody else.
    keep(next, who);
    location.reload();
    return;
  }
  setCredential(next, who);
  settle();
}

/** End the session, on the server too when it is one of a log-in. */
export async function signOut() {
  const header = authorization();
  const isSession = credential.peek()?.kind === "token";
  forget();
  if (isSession) await ask(SIGN_OUT, {}, { authorization: header, keepalive: true }).catch(() => {});
}
