// English words of texts with entities.
/** @type {Record<string, string | { one: string, other: string }>} */
export const texts = {
  "label.allOccurrences": { one: "Mark {count} more occurrence", other: "Mark {count} more occurrences" },
  "label.entityAdded": "Marked: {content}",
  "label.pending": "“{content}”: choose a class, or press Escape",
  "label.textHelp": "Choose a class, then select words. Or select words, then choose.",
  "label.textStage": "Text",
};
