/** What the login page does with them: see `LoginPage` for what it needs of the page. */
export const PAGE_SCRIPT = `
class Refusal extends Error {}

const form = document.querySelector("form[data-mechanisms]");
const [username, password] = ["username", "password"].map((id) => form.querySelector("#" + id));
const button = form.querySelector("[type=submit]");
const title = document.title;
const action = form.getAttribute("action");

async function ask(path, body) {
  const json = { "Content-Type": "application/json" };
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: json };
  const headers = { Accept: "application/json", ...how.headers };
  const fixed = { headers, credentials: "same-origin", cache: "no-store", redirect: "error" };
  const answer = await fetch(path, { ...how, ...fixed }).catch(() => {
    throw new Refusal("This site can't be reached at the moment. Please try again.");
  });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(content.detail || "That did not work. Please try again.");
  return { content, headers: answer.headers };
}

function signIn(mechanism, response) {
  const returnTo = form.elements.namedItem("returnTo");
  return ask(action, { mechanism, response, returnTo: returnTo ? returnTo.value : undefined });
}

async function byCramMd5(name, secret) {
  const { content } = await ask(action + "/challenge");
  return signIn("CRAM-MD5", cramMd5Response(name, secret, content.challenge));
}

async function byScram(name, secret) {
  const mechanism = "SCRAM-SHA-256";
  const exchange = startScram(name, secret);
  const begun = await ask(action + "/challenge", { mechanism, response: base64(utf8(exchange.clientFirst)) });
  const serverFirst = new TextDecoder().decode(fromBase64(begun.content.challenge));
  const { clientFinal, serverFinal } = await exchange.finish(serverFirst);
  const answer = await signIn(mechanism, base64(utf8(clientFinal)));
  const info = answer.headers.get("Authentication-Info") || "";
  if (info !== 'data="' + base64(utf8(serverFinal)) + '"') {
    throw new Refusal("This site could not show that it knows your password. Please tell the people who run it.");
  }
  return answer;
}

function say(text) {
  let alert = document.getElementById("error");
  if (!alert) {
    alert = document.createElement("p");
    alert.id = "error";
    alert.className = "alert";
    alert.setAttribute("role", "alert");
    alert.tabIndex = -1;
    form.before(alert);
  }
  alert.textContent = text;
  for (const field of [username, password]) field.setAttribute("aria-describedby", "error");
  document.title = title.startsWith("Error") ? title : "Error · " + title;
  alert.focus();
}

function setBusy(isBusy) {
  button.disabled = isBusy;
  form.setAttribute("aria-busy", String(isBusy));
}

async function submit(event) {
  event.preventDefault();
  if (button.disabled) return;
  setBusy(true);
  try {
    const { headers } = await way(username.value, password.value);
    const next = new URL(headers.get("Return-To") || "/", location.href);
    location.assign(next.origin === location.origin ? next.href : "/");
  } catch (error) {
    setBusy(false);
    say(error instanceof Refusal ? error.message : "That did not work. Please try again.");
  } finally {
    password.value = "";
  }
}

const offered = form.dataset.mechanisms.split(" ");
const hasCrypto = typeof crypto === "object" && crypto.subtle !== undefined;
const way = offered.includes("scram-sha-256") && hasCrypto ? byScram : offered.includes("cram-md5") ? byCramMd5 : undefined;

if (way) {
  form.addEventListener("submit", submit);
  // Now nothing but this script can send it.
  password.removeAttribute("name");
  // Also when the browser shows the page again as it was left.
  addEventListener("pageshow", () => setBusy(false));
  setBusy(false);
  const note = document.getElementById("needs-script");
  if (note) note.remove();
} else if (!offered.includes("plain")) {
  say("Signing in here needs the https:// address of this site.");
}
`;
