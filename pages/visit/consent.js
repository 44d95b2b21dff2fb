// Keeps the visitor's consent with the browser's tab, so that it survives a reload.
//
// data: {keep}: "given" or "withdrawn" to keep that, null to ask for what is kept.
// answer: "given" or "none"; only where it was asked for.
//
// The storage of a session belongs to one tab, and ends with it.

const KEY = "fer-consent";

export default function ({ data, setStateValue }) {
  let answer = "none";
  try {
    if (data.keep === "withdrawn") sessionStorage.removeItem(KEY);
    else if (data.keep === "given") sessionStorage.setItem(KEY, "given");
    else answer = sessionStorage.getItem(KEY) ?? "none";
  } catch {
    // A browser may refuse any storage; then the question comes again after a reload.
  }
  if (data.keep === null) setStateValue("answer", answer);
}
