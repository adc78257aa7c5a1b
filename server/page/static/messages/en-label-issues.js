// English words of issues and questions beside an asset.
/** @type {Record<string, string | { one: string, other: string }>} */
export const issues = {
  "issue.title": "Issues and questions",
  "issue.ISSUE": "Issue",
  "issue.QUESTION": "Question",
  "issue.SOLVED": "solved",
  "issue.CANCELLED": "cancelled",
  "issue.withClosed": "With closed ones",
  "issue.showObject": "Show object",
  "issue.reply": "Reply",
  "issue.send": "Send",
  "issue.solve": "Solved",
  "issue.reopen": "Open again",
  "issue.new.ISSUE": "New issue",
  "issue.new.QUESTION": "Ask a question",
  "issue.words.ISSUE": "What is to be changed",
  "issue.words.QUESTION": "Your question",
  "issue.made.ISSUE": "The issue is open",
  "issue.made.QUESTION": "The question is asked",
  "issue.aboutObject": "About the selected object: {name}",
  "issue.aboutAsset": "About the whole asset",
};
