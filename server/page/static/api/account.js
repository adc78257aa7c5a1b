// One's own account: password and keys.
import { ask } from "./ask.js";

const PASSWORD = `mutation UpdatePassword($data: UpdatePasswordData!, $where: UserWhere!) {
  updatePassword(data: $data, where: $where) { id }
}`;

const KEYS = `query ApiKeys($where: ApiKeyWhere!, $first: PageSize!, $skip: Int!) {
  apiKeys(where: $where, first: $first, skip: $skip) { id name createdAt expiryDate revoked }
}`;

const APPEND_KEY = `mutation AppendToApiKeys($data: AppendToApiKeysData!, $where: UserWhere!) {
  appendToApiKeys(data: $data, where: $where) { id }
}`;

/** Change the password; every session ends. @param {string} email @param {string} old @param {string} next @param {string} again */
export const changePassword = (email, old, next, again) =>
  ask(PASSWORD, { data: { oldPassword: old, newPassword1: next, newPassword2: again }, where: { email } });

/** @param {string} user @param {AbortSignal} [signal] @returns {Promise<any[]>} */
export async function listKeys(user, signal) {
  return (await ask(KEYS, { where: { user: { id: user } }, first: 100, skip: 0 }, { signal })).apiKeys;
}

/** @param {string} user @param {string} name @param {string} key */
export const addKey = (user, name, key) => ask(APPEND_KEY, { data: { name, key }, where: { id: user } });
