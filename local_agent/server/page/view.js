// What the page says and shows of a call, from the facts alone: nothing here contradicts anything else that is shown.

import { explain } from './problems.js';
import { t } from './texts.js';

/**
 * @typedef {object} Facts `phase`, `agentState`, `queue`, `muted` as Call has them; `problem`: the name of the one that is shown;
 * `typing`: the call has no microphone; `push`: whoever speaks holds a key, `held`: they do now; `wait`: the last answer's, in words;
 * `unsent`: a message waits for the agent; `fresh`: nothing was said yet.
 */

const CLOSED = ['idle', 'disconnected'];

/** @param {Facts} facts @returns {string} key of the headline */
function headlineKey(facts) {
  const { phase, problem, agentState } = facts;
  if (phase === 'idle') return problem === 'insecure' ? 'readyToType' : 'ready';
  if (phase === 'disconnected') return explain(problem)?.before ? 'notConnected' : 'disconnected';
  if (phase !== 'connected') return phase;
  if (facts.queue) return 'waiting';
  if (agentState === null) return 'connected';
  if (problem === 'silent') return 'noSound';
  if (agentState === 'initializing') return 'starting';
  if (agentState === 'thinking' || agentState === 'speaking') return agentState;
  if (facts.typing) return 'typing';
  if (problem === 'unplugged') return 'noMicrophone';
  if (facts.push) return facts.held ? 'listening' : 'push';
  return facts.muted ? 'muted' : 'listening';
}

export function headline(facts) {
  return t(`state.${headlineKey(facts)}`);
}

/** One sentence below the headline; '' where there is nothing to say. */
export function hint(facts) {
  const { phase, queue, agentState } = facts;
  if (phase === 'idle') return facts.fresh ? t('hint.welcome') : t('hint.again');
  if (phase === 'connecting') return facts.typing ? '' : t('hint.allow');
  if (phase === 'reconnecting') return t('hint.back');
  if (phase === 'disconnected') return '';
  if (queue) return queue === 1 ? t('hint.next') : t('hint.queue', { place: queue });
  if (agentState === null) return facts.unsent ? t('hint.unsent') : t('hint.waiting');
  const key = headlineKey(facts);
  const silenced = facts.muted && !facts.push && !facts.typing;
  if (key === 'muted') return t('hint.muted');
  if (key === 'push') return facts.wait || t('hint.push');
  if (key === 'typing') return facts.wait || t('hint.typing');
  if (key === 'listening') return facts.wait || t('hint.speak');
  if (key === 'speaking') return silenced ? t('hint.mutedToo') : facts.wait;
  return '';
}

/** What the big button does now. */
export function action(facts) {
  if (facts.phase === 'connecting') return t('action.cancel');
  if (!CLOSED.includes(facts.phase)) return t('action.hangup');
  if (facts.problem === 'insecure') return t('action.type');
  return (facts.phase === 'disconnected' && explain(facts.problem)?.action) || t('action.talk');
}

/** Which of the Visual's motions fits. @param {Facts} facts */
export function motion(facts) {
  const { phase } = facts;
  if (phase === 'disconnected') return 'over';
  if (phase === 'reconnecting') return 'gone';
  if (phase !== 'connected') return phase;
  const shown = {
    waiting: 'waiting', connected: 'waiting', starting: 'waiting', noSound: 'muted', noMicrophone: 'muted', push: 'muted',
  };
  const key = headlineKey(facts);
  return shown[key] ?? key;
}
