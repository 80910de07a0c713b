// What runs behind this page, as its own server tells it, and what of the agent a person may choose.

import { day, t } from './texts.js';
import { keyed } from './tokens.js';

const ABOUT = '/api/about';

/** @returns {Promise<object | null>} null where the server tells nothing, such as without the access key */
export async function fetchAbout() {
  const answer = await fetch(ABOUT, { headers: keyed() }).catch(() => null);
  const about = answer?.ok ? await answer.json().catch(() => null) : null;
  return about?.models ? about : null;
}

/** @returns {[string, string][]} what it is, and the fact */
export function facts(about) {
  const { models = {}, seal, proof } = about;
  const rows = ['stt', 'llm', 'tts'].filter((name) => models[name]).map((name) => [t(`about.${name}`), models[name]]);
  if (about.device) rows.push([t('about.device'), about.device]);
  if (about.version) rows.push([t('about.version'), about.version]);
  if (seal) rows.push([t('about.seal'), t(!seal.process ? 'about.unsealed' : seal.kernel ? 'about.sealedKernel' : 'about.sealed')]);
  rows.push([t('about.proof'), proof ? told(proof, about.version) : t('about.noProof')]);
  return rows;
}

/** The same in a line. */
export function short({ models, device, proof }) {
  const clean = proof?.verdict === 'proven' && proof.packets_out === 0;
  return [`${models.llm} · ${device}`, clean ? t('about.short', { date: day(proof.began) }) : ''].filter(Boolean).join(' · ');
}

function told(proof, version) {
  const words = { packets: proof.packets_out, date: day(proof.began) };
  const other = proof.version && proof.version !== version ? ` ${t('about.otherVersion', { version: proof.version })}` : '';
  return t(proof.verdict === 'proven' ? 'about.proven' : 'about.leaked', words) + other;
}
