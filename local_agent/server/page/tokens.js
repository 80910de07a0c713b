// Asks our own server for a token, and tells it when the call is over.

import { Problem } from './problems.js';
import { t } from './texts.js';

const TOKEN = '/api/livekit/token';
const LEAVE = '/api/livekit/leave';
const KEPT = 'access-key';
const PATIENCE = 8000; // ms

/** The access key lives as long as the tab. */
export const accessKey = {
  get: () => sessionStorage.getItem(KEPT),
  set: (key) => sessionStorage.setItem(KEPT, key),
  forget: () => sessionStorage.removeItem(KEPT),
};

/** Takes the key that came with the address, behind a QR code, and takes it out of the bar and the history. */
function takeKey() {
  const found = /^#key=([!-~]+)$/.exec(location.hash);
  if (!found) return;
  try {
    accessKey.set(decodeURIComponent(found[1]));
  } catch {
    return; // cut off in the middle: the page asks for a key
  }
  history.replaceState(null, '', location.pathname + location.search);
}
takeKey();
addEventListener('hashchange', takeKey);

/** @returns {Record<string, string>} headers that show the access key, where there is one */
export function keyed() {
  const key = accessKey.get();
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/**
 * @param {string} room '' for a new one @param {object} choices what the person wants of the agent
 * @returns {Promise<{token: string, place: number}>} place: in the queue, 0 where a line is free. Throws Problem.
 */
export async function fetchToken(room, choices) {
  const key = accessKey.get();
  const headers = { 'Content-Type': 'application/json', ...keyed() };
  const chosen = Object.keys(choices).length ? { participant_metadata: JSON.stringify(choices) } : {};
  const body = JSON.stringify({ ...(room ? { room_name: room } : {}), ...chosen });
  let answer;
  try {
    answer = await fetch(TOKEN, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Problem('down');
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok && content.participant_token) return { token: content.participant_token, place: content.queue_position ?? 0 };
  if (answer.status === 401) {
    accessKey.forget();
    throw new Problem(key ? 'wrongkey' : 'key');
  }
  if (answer.status === 429) throw new Problem('limited', t('problem.retry', { seconds: answer.headers.get('Retry-After') ?? '…' }));
  if (answer.status === 503 && content.error) throw new Problem('closed', t('problem.says', { reason: content.error }));
  if (answer.status >= 500) throw new Problem('down');
  throw new Problem('refused', content.error ? t('problem.says', { reason: content.error }) : '');
}

/** Ends the room where nobody else is in it. Works while the page is closing; nobody waits for the answer. */
export function leave(token) {
  navigator.sendBeacon(LEAVE, new Blob([JSON.stringify({ token })], { type: 'application/json' }));
}
