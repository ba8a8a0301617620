/* Follows what others do: asks every few seconds whether an order was changed, says so in a line, and keeps the
   badges of the menu right. Nothing is asked while no tab is seen, and several tabs ask once: the one that holds
   the lock asks and tells the others.

   body[data-live="/orders/changes"][data-live-every="4000"]     where to ask, and how often, in milliseconds
   [data-live-order="HW-000043"] or [data-live-list]             what the page shows, and where the line is put
   event "hw:show-changes"                                       somebody pressed Show; cancelled: not reloaded */
import { newChanges, sentence, wait } from "./changes.js";

const address = document.body.dataset.live;
const every = Number(document.body.dataset.liveEvery) || 4000;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("hwadmin changes") : null;
let tag = "", known = null, failures = 0, timer = 0, stopAsking = null, ended = false;
let unseen = [];

async function ask() {
  try {
    const headers = { Accept: "application/json", ...(tag && { "If-None-Match": tag }) };
    const response = await fetch(address, { headers, redirect: "manual", cache: "no-store" });
    if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) { ended = true; return; }
    if (response.status === 200) {
      tag = response.headers.get("ETag") || "";
      const news = await response.json();
      channel?.postMessage(news);
      take(news);
    } else if (response.status !== 304) throw new Error(String(response.status));
    failures = 0;
  } catch {
    failures += 1;
  }
}

/* Asks until it is told to stop. */
function keepAsking() {
  return new Promise((resolve) => {
    let going = true;
    stopAsking = () => { going = false; clearTimeout(timer); resolve(); };
    const later = () => { timer = setTimeout(next, wait(every, failures)); };
    const next = async () => {
      await ask();
      if (ended) resolve();
      else if (going) later();
    };
    later();
  });
}

let waiting = null;
function begin() {
  if (ended || waiting) return;
  waiting = new AbortController();
  const { signal } = waiting;
  if (navigator.locks) navigator.locks.request("hwadmin changes", { signal }, () => signal.aborted ? null : keepAsking()).catch(() => {});
  else keepAsking();
}
function end() {
  waiting?.abort();
  waiting = null;
  stopAsking?.();
}

function take(news) {
  showBadges(news.badges);
  const place = document.querySelector("[data-live-order], [data-live-list]");
  const order = place?.dataset.liveOrder || null;
  if (known && place) {
    const fresh = newChanges(known, news.changes, order);
    if (fresh.length) { unseen = [...fresh, ...unseen]; showLine(place, sentence(unseen, order)); }
  }
  known = new Set([...(known || []), ...news.changes.map((change) => change.id)]);
}

function showBadges(badges) {
  for (const [url, count] of Object.entries(badges)) {
    const link = [...document.querySelectorAll(".side nav a")].find((one) => one.getAttribute("href") === url);
    const badge = link?.matches(".count-badge") ? link : link?.querySelector(".count-badge") || addBadge(url, count);
    if (!badge) continue;
    badge.hidden = !count;
    const figure = badge.firstChild;
    if (figure.nodeValue !== String(count)) figure.nodeValue = String(count);
  }
}

/* A badge is not there while there is nothing to count: the first is in its line, the second behind it. */
function addBadge(url, count) {
  const line = [...document.querySelectorAll(".side nav a")].find((one) => one.getAttribute("href") === url.split("?")[0]);
  if (!line || !count) return null;
  const second = url.includes("?");
  const badge = document.createElement(second ? "a" : "span"), words = document.createElement("span");
  badge.className = second ? "count-badge count-badge-second" : "count-badge";
  if (second) badge.href = url;
  words.className = "sr-only";
  words.textContent = second ? " approved orders to be placed" : " waiting";
  badge.append(String(count), words);
  if (second) line.after(badge);
  else line.append(" ", badge);
  return badge;
}

function showLine(place, text) {
  let line = document.querySelector(".live-line");
  if (!line) {
    line = document.createElement("div");
    line.className = "notice notice-info live-line";
    line.setAttribute("role", "status");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.textContent = "Show";
    button.addEventListener("click", () => {
      if (document.dispatchEvent(new CustomEvent("hw:show-changes", { cancelable: true }))) location.reload();
    });
    line.append(document.createElement("span"), " ", button);
    place.prepend(line);
  }
  line.firstChild.textContent = text;
}

/* What is shown is fresh: there is nothing to say any more. */
export function changesShown() {
  unseen = [];
  document.querySelector(".live-line")?.remove();
}

channel?.addEventListener("message", (event) => take(event.data));
const seen = () => document.visibilityState === "visible";
async function follow() {
  if (!seen()) { end(); return; }
  // Once by itself, to know what there is already; then in turn with the other tabs.
  await ask();
  if (seen()) begin();
}
document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", end);
addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
follow();
