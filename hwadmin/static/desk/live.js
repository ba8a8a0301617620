// @ts-check
/* Follows what others do: asks every few seconds whether an order was changed, says so in a line, and keeps the
   badges of the menu right. Nothing is asked while no tab is seen, and several tabs ask once: the one that holds
   the lock asks and tells the others.

   body[data-live="/orders/changes"][data-live-every="4000"]     where to ask, and how often, in milliseconds
   [data-live-order="HW-000043"] or [data-live-list]             what the page shows, and where the line is put
   event "hw:show-changes"                                       somebody pressed Show; cancelled: not reloaded */
import { all, one } from "../dom.js";
import { newChanges, sentence, wait } from "./changes.js";

/** @typedef {import("./changes.js").Change} Change */
/** @typedef {{ badges: Record<string, number>, changes: Change[] }} News what the address answers; badges by address */

const address = document.body.dataset.live ?? "";
const every = Number(document.body.dataset.liveEvery) || 4000;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("hwadmin changes") : null;
let tag = "";
/** @type {Set<number> | null} ids of the changes that were there before; null before the first answer */
let known = null;
let failures = 0;
let timer = 0;
/** @type {(() => void) | null} */
let stopAsking = null;
// Whoever is signed out is not asked for any more.
let ended = false;
/** @type {Change[]} */
let unseen = [];

async function ask() {
  try {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) };
    const response = await fetch(address, { headers, redirect: "manual", cache: "no-store" });
    if (response.type === "opaqueredirect" || response.status === 401 || response.status === 403) {
      ended = true;
      return;
    }
    // Where something else happened, an unchanged answer has a new tag, by which the next question costs less.
    tag = response.headers.get("ETag") || tag;
    if (response.status === 200) {
      const news = await response.json();
      channel?.postMessage(news);
      take(news);
    } else if (response.status !== 304) throw new Error(String(response.status));
    failures = 0;
  } catch {
    failures += 1;
  }
}

/** Ask until somebody calls `stopAsking`. @returns {Promise<void>} */
function keepAsking() {
  return new Promise((resolve) => {
    let going = true;
    stopAsking = () => {
      going = false;
      clearTimeout(timer);
      resolve();
    };
    const later = () => {
      timer = setTimeout(next, wait(every, failures));
    };
    const next = async () => {
      await ask();
      if (ended) resolve();
      else if (going) later();
    };
    later();
  });
}

/** @type {AbortController | null} of the wait for the lock */
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

/** @param {News} news */
function take(news) {
  showBadges(news.badges);
  const place = all("[data-live-order], [data-live-list]")[0];
  const order = place?.dataset.liveOrder || null;
  if (known && place) {
    const fresh = newChanges(known, news.changes, order);
    if (fresh.length) {
      unseen = [...fresh, ...unseen];
      showLine(place, sentence(unseen, order));
    }
  }
  known = new Set([...(known || []), ...news.changes.map((change) => change.id)]);
}

/** @param {string} address */
const menuLink = (address) =>
  all(".side nav a", document, HTMLAnchorElement).find((link) => link.getAttribute("href") === address);

/** @param {Record<string, number>} badges */
function showBadges(badges) {
  for (const [url, count] of Object.entries(badges)) {
    const link = menuLink(url);
    const badge = link?.matches(".count-badge") ? link : (link && all(".count-badge", link)[0]) || addBadge(url, count);
    if (!badge) continue;
    badge.hidden = !count;
    const figure = badge.firstChild;
    if (figure && figure.nodeValue !== String(count)) figure.nodeValue = String(count);
  }
}

/**
 * A badge is not there while there is nothing to count: the first is in its line, the second behind it.
 *
 * @param {string} url
 * @param {number} count
 */
function addBadge(url, count) {
  const line = menuLink(url.split("?")[0]);
  if (!line || !count) return null;
  const second = url.includes("?");
  const words = document.createElement("span");
  const badge = second ? Object.assign(document.createElement("a"), { href: url }) : document.createElement("span");
  badge.className = second ? "count-badge count-badge-second" : "count-badge";
  words.className = "sr-only";
  words.textContent = second ? " approved orders to be placed" : " waiting";
  badge.append(String(count), words);
  if (second) line.after(badge);
  else line.append(" ", badge);
  return badge;
}

/**
 * @param {HTMLElement} place
 * @param {string} text
 */
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
  one("span", line).textContent = text;
}

/** What is shown is fresh: there is nothing to say any more. */
export function changesShown() {
  unseen = [];
  document.querySelector(".live-line")?.remove();
}

channel?.addEventListener("message", (event) => take(event.data));
const seen = () => document.visibilityState === "visible";
async function follow() {
  if (!seen()) {
    end();
    return;
  }
  // Once by itself, to know what there is already; then in turn with the other tabs.
  await ask();
  if (seen()) begin();
}
document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", end);
addEventListener("pageshow", (event) => {
  if (event.persisted) follow();
});
follow();
