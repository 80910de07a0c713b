// Asks our own server for a token, and tells it when the call is over.

import { Problem } from './problems.js';

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

/** @returns {Promise<string>} a token, for a new room where none is named. Throws Problem. */
export async function fetchToken(room = '') {
  const key = accessKey.get();
  const headers = { 'Content-Type': 'application/json', ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const body = JSON.stringify(room ? { room_name: room } : {});
  let answer;
  try {
    answer = await fetch(TOKEN, { method: 'POST', headers, body, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Problem('down');
  }
  const content = await answer.json().catch(() => ({}));
  if (answer.ok && content.participant_token) return content.participant_token;
  if (answer.status === 401) {
    accessKey.forget();
    throw new Problem(key ? 'wrongkey' : 'key');
  }
  if (answer.status === 429) throw new Problem('limited', `Wait ${answer.headers.get('Retry-After') ?? 'a few'} seconds.`);
  if (answer.status === 503 && content.error) throw new Problem('closed', `It says: ${content.error}.`);
  if (answer.status >= 500) throw new Problem('down');
  throw new Problem('refused', content.error ? `It says: ${content.error}.` : '');
}

/** Ends the room where nobody else is in it. Works while the page is closing; nobody waits for the answer. */
export function leave(token) {
  navigator.sendBeacon(LEAVE, new Blob([JSON.stringify({ token })], { type: 'application/json' }));
}
