"use strict";

// The key lives in this closure and nowhere else: not in storage, a cookie, the URL or the page's markup.
(() => {
  const endpoint = window.location.pathname;
  const isOpenWithoutKey = document.body.dataset.mode === "on";
  const form = document.getElementById("key-form");
  const input = document.getElementById("key");
  const forget = document.getElementById("forget");
  const state = document.getElementById("state");
  const editor = document.getElementById("editor");
  const firstQuery = `# Press Ctrl+Enter to run the query.
{
  viewer {
    id
    email
  }
  projects(where: {}, first: 10, skip: 0) {
    id
    title
  }
}
`;

  let key = "";
  let round = 0;
  let subscriptions = null;
  let root = null;

  // What GraphiQL wants to keep (tabs, variables, which may hold a password) ends with the tab.
  const kept = new Map();
  const storage = {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, String(value)),
    removeItem: (name) => kept.delete(name),
    clear: () => kept.clear(),
  };

  const authorization = () => (key ? { Authorization: `X-API-Key: ${key}` } : {});

  const send = (url, options) =>
    window.fetch(url, {
      ...options,
      headers: { ...options.headers, ...authorization() },
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
    });

  const say = (sentence, isRefused = false) => {
    state.textContent = sentence;
    state.classList.toggle("refused", isRefused);
  };

  const open = () => {
    subscriptions?.dispose();
    const address = new URL(endpoint, window.location.href);
    address.protocol = address.protocol.replace("http", "ws");
    subscriptions = window.graphqlWs.createClient({
      url: address.href,
      lazy: true,
      retryAttempts: 0,
      connectionParams: authorization,
    });
    const fetcher = window.GraphiQL.createFetcher({ url: endpoint, fetch: send, wsClient: subscriptions });
    round += 1; // a new key sees a new schema: the editor starts over, its tabs come from `storage`
    root ??= window.ReactDOM.createRoot(editor);
    root.render(
      window.React.createElement(window.GraphiQL, {
        key: round,
        fetcher,
        storage,
        defaultQuery: firstQuery,
        isHeadersEditorEnabled: false,
        shouldPersistHeaders: false,
        inputValueDeprecation: true,
        schemaDescription: true,
      }),
    );
  };

  const close = () => {
    subscriptions?.dispose();
    subscriptions = null;
    root?.unmount();
    root = null;
  };

  // The e-mail of the key's owner; throws with a sentence for the person at the page when the key is refused.
  const ask = async () => {
    const response = await send(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ query: "{ viewer { id email } }" }),
    });
    if (response.status === 401) {
      throw new Error("The server does not accept this key: it is mistyped, expired or revoked.");
    }
    const answer = await response.json();
    const refusal = answer.errors?.[0] ?? answer.error;
    if (refusal || !answer.data?.viewer) {
      throw new Error(refusal?.message ?? "The key belongs to nobody.");
    }
    return answer.data.viewer.email;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const before = key;
    key = input.value.trim();
    say("Asking the server…");
    try {
      const email = await ask();
      input.value = "";
      forget.hidden = false;
      say(`Signed in as ${email}.`);
      open();
    } catch (error) {
      key = before;
      say(error.message, true);
    }
  });

  forget.addEventListener("click", () => {
    key = "";
    kept.clear();
    forget.hidden = true;
    say("");
    close();
    if (isOpenWithoutKey) {
      open();
    }
  });

  if (isOpenWithoutKey) {
    open();
  }
})();
