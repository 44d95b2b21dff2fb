// Checks in the visitor's browser what the live video needs, and reports the outcome.
//
// data: {attempt, constraints, servers, loadFirst}; attempt is null while the camera is off,
//   loadFirst lists modules of streamlit-webrtc, see pages/compat/webrtc_modules.py.
// camera: {attempt, outcome}: "ready", "insecure", or the name of the browser's error.
// relay: {attempt, outcome}: "ready", "refused" or "dead"; only if servers are configured.

const GATHER_MS = 6000;
const ANOTHER_RELAY_MS = 1500; // after one was refused, another may still be ready
const LOAD_MS = 4000; // shorter than the page's timeout
const LOOK_MS = 50;
const started = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const attempt = data.attempt;
  if (attempt === null || started.get(parentElement) === attempt) return;
  started.set(parentElement, attempt);
  const current = () => started.get(parentElement) === attempt;
  const say = (name, outcome) => current() && setStateValue(name, { attempt, outcome });
  const loaded = Promise.race([loadModules(data.loadFirst, current), wait(LOAD_MS)]);
  tryCamera(data.constraints).then(async (outcome) => {
    if (outcome === "ready") await loaded;
    say("camera", outcome);
  });
  if (data.servers.length > 0) {
    tryRelay(data.servers).then((outcome) => say("relay", outcome));
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function loadModules(paths, isWanted) {
  const until = performance.now() + LOAD_MS;
  let page;
  while (!page?.querySelector("#root")?.childElementCount) {
    if (!isWanted() || performance.now() > until) return;
    await wait(LOOK_MS);
    page = document.querySelector('iframe[title*="webrtc_streamer"]')?.contentDocument;
  }
  await Promise.all(paths.map((path) => loadModule(page, path)));
}

function loadModule(page, path) {
  return new Promise((resolve) => {
    const script = page.createElement("script");
    script.type = "module";
    script.src = new URL(path, page.baseURI).href;
    script.onload = script.onerror = resolve;
    page.head.append(script);
  });
}

async function tryCamera(constraints) {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return "insecure";
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    stream.getTracks().forEach((track) => track.stop());
    return "ready";
  } catch (error) {
    return error.name;
  }
}

async function tryRelay(iceServers) {
  let peer;
  try {
    peer = new RTCPeerConnection({ iceServers, iceTransportPolicy: "relay" });
  } catch {
    return "refused";
  }
  try {
    peer.createDataChannel("check");
    const gathered = new Promise((resolve) => {
      let refused = false;
      const finish = () => resolve(refused ? "refused" : "dead");
      peer.onicecandidate = ({ candidate }) => candidate?.candidate && resolve("ready");
      peer.onicecandidateerror = ({ errorCode }) => {
        if (![401, 403, 441].includes(errorCode)) return;
        refused = true;
        setTimeout(finish, ANOTHER_RELAY_MS);
      };
      peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && finish();
      setTimeout(finish, GATHER_MS);
    });
    await peer.setLocalDescription();
    return await gathered;
  } finally {
    peer.close();
  }
}
