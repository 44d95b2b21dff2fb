// Stores the visitor's consent in the browser tab, so that it survives a reload.
//
// data: {keep}: "given" or "withdrawn" to store that, null to read the stored value.
// reply: "given" or "none"; only after reading.
//
// The session storage belongs to one tab and is deleted with it.

const KEY = "fer-consent";

export default function ({ data, setStateValue }) {
  let reply = "none";
  try {
    if (data.keep === "withdrawn") sessionStorage.removeItem(KEY);
    else if (data.keep === "given") sessionStorage.setItem(KEY, "given");
    else reply = sessionStorage.getItem(KEY) ?? "none";
  } catch {
    // A browser may deny storage; then consent is asked for again after a reload.
  }
  if (data.keep === null) setStateValue("reply", reply);
}
