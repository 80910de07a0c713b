// What can go wrong, in a sentence a person can act on: `problem.NAME` of the texts. `action` is the key of the button's label,
// `typed` offers to go on without a microphone, `before` says that no call had begun, `form` asks for the access key.

import { t } from './texts.js';

const TABLE = {
  insecure: { before: true, typed: true },
  denied: { before: true, action: 'tryAgain', typed: true },
  absent: { before: true, action: 'tryAgain', typed: true },
  taken: { before: true, action: 'tryAgain', typed: true },
  unplugged: { action: 'useMicrophone' },
  silent: { action: 'sound' },
  noagent: { action: 'callAgain' },
  agentleft: { action: 'callAgain' },
  gone: { action: 'tryNow' },
  lost: { action: 'reconnect' },
  down: { action: 'reconnect' },
  closed: { before: true, action: 'tryAgain' },
  refused: { before: true, action: 'tryAgain' },
  key: { before: true, form: true },
  wrongkey: { before: true, form: true },
  limited: { before: true, action: 'tryAgain' },
  media: { action: 'tryAgain' },
  elsewhere: { action: 'here' },
  ended: { action: 'reconnect' },
  asleep: { action: 'reconnect' },
  broken: { before: true, action: 'load' },
  unsent: { action: 'dismiss' },
  unchosen: { action: 'dismiss' },
};

/** A failure with a name in the table above. `detail` is a second sentence from whoever refused. */
export class Problem extends Error {
  constructor(name, detail = '') {
    super(name);
    this.problem = name;
    this.detail = detail;
  }
}

/** @returns {{text: string, action?: string, typed?: boolean, before?: boolean, form?: boolean} | null} */
export function explain(name, detail = '') {
  const found = TABLE[name];
  if (!found) return null;
  const text = t(`problem.${name}`);
  return { ...found, action: found.action && t(`action.${found.action}`), text: detail ? `${text} ${detail}` : text };
}

/** The problem behind a failed getUserMedia (its DOMException names, Media Capture and Streams, section 10.2). */
export function microphoneProblem(error) {
  const names = {
    NotAllowedError: 'denied',
    SecurityError: 'denied',
    NotFoundError: 'absent',
    OverconstrainedError: 'absent',
    NotReadableError: 'taken',
    AbortError: 'taken',
  };
  return new Problem(names[error?.name] ?? 'absent');
}
