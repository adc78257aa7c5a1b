// One asset in one tab: another one that opens it is read-only until the first lets go.
import { signal } from "@preact/signals";

/**
 * Hold an asset in this tab.
 * @param {string} name of person and asset
 * @returns {{ isElsewhere: import("@preact/signals").Signal<boolean>, end: () => void }}
 */
export function holdInTab(name) {
  const isElsewhere = signal(false);
  if (typeof BroadcastChannel === "undefined") return { isElsewhere, end: () => {} };
  const channel = new BroadcastChannel(`labelyard/${name}`);
  let isHolder = true;
  channel.onmessage = ({ data }) => {
    if (data === "who" && isHolder) channel.postMessage("me");
    else if (data === "me") {
      isHolder = false;
      isElsewhere.value = true;
    } else if (data === "gone" && isElsewhere.peek()) {
      isElsewhere.value = false;
      isHolder = true;
    }
  };
  channel.postMessage("who");
  const leave = () => isHolder && channel.postMessage("gone");
  addEventListener("pagehide", leave);
  return {
    isElsewhere,
    end() {
      leave();
      removeEventListener("pagehide", leave);
      channel.close();
    },
  };
}
