// Style sheets of pages that are loaded when they are opened.
const loaded = new Map();

/**
 * Load a style sheet beside a module, once: `await style(new URL("./screen.css", import.meta.url))`.
 * @param {URL} url
 * @returns {Promise<void>}
 */
export function style(url) {
  let loading = loaded.get(url.href);
  if (!loading) {
    loading = new Promise((resolve) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = url.href;
      link.onload = link.onerror = () => resolve(undefined);
      document.head.append(link);
    });
    loaded.set(url.href, loading);
  }
  return loading;
}
