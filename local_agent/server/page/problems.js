// What can go wrong, in a sentence a person can act on. `action` is the button's label, `typed` offers to go
// on without a microphone, `before` says that no call had begun, `form` asks for the access key.

const TABLE = {
  insecure: { before: true,
    text: 'Browsers give a page the microphone only over https, or at localhost on the machine that serves it. Open this page that way to talk.',
    typed: true,
  },
  denied: { before: true,
    text: 'The microphone is blocked for this page. Allow it beside the address bar, then try again.',
    action: 'Try again',
    typed: true,
  },
  absent: { before: true, text: 'No microphone was found. Connect one, then try again.', action: 'Try again', typed: true },
  taken: { before: true, text: 'Another program is using the microphone. Close it there, then try again.', action: 'Try again', typed: true },
  unplugged: { text: 'The microphone was disconnected. Connect one, or choose another below.', action: 'Try again' },
  silent: { text: 'Your browser is holding back the sound until you tap once.', action: 'Turn on sound' },
  noagent: {
    text: 'The agent has not joined yet. It may still be loading its models, or be busy with other calls. This page keeps waiting.',
    action: 'Call again',
  },
  agentleft: { text: 'The agent left the call. It may come back in a moment.', action: 'Call again' },
  gone: { text: 'The voice server went away. You will be connected again as soon as it is back.', action: 'Try now' },
  lost: { text: 'The voice server did not come back within two minutes. Start it again, then reconnect.', action: 'Reconnect' },
  down: { text: 'The server of this page does not answer. Check that local_agent is still running.', action: 'Reconnect' },
  closed: { before: true, text: 'No call can begin right now.', action: 'Try again' },
  refused: { before: true, text: 'The server did not let this page into a call.', action: 'Try again' },
  key: { before: true, text: 'This server asks for an access key. Whoever runs it can tell you.', form: true },
  wrongkey: { before: true, text: 'That access key was not accepted. Check it and enter it again.', form: true },
  limited: { before: true, text: 'Too many calls were started from here.', action: 'Try again' },
  media: {
    text: 'The server answers, but no sound gets through: something in between blocks its UDP and TCP media ports.',
    action: 'Try again',
  },
  elsewhere: { text: 'The call went on in another tab.', action: 'Talk here' },
  ended: { text: 'The call was ended by the server.', action: 'Reconnect' },
  asleep: { text: 'The browser put this page to sleep and the call ended.', action: 'Reconnect' },
  broken: { before: true, text: 'A part of this page did not load. Load it again.', action: 'Load again' },
  unsent: { text: 'Your message could not be sent.', action: 'Dismiss' },
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
  return { ...found, text: detail ? `${found.text} ${detail}` : found.text };
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
