// Ties the call to the page: what is said, shown and pressed.

import { Call } from './call.js';
import { Captions } from './captions.js';
import { Levels } from './levels.js';
import { explain } from './problems.js';
import { accessKey } from './tokens.js';
import { Visual } from './visual.js';

const ask = (id) => document.getElementById(id);
const own = crypto.getRandomValues(new Uint32Array(1))[0];
const RECORDED = { on: 'This call is recorded', failed: 'This call is not recorded: it could not be written' };
const tabs = new BroadcastChannel('local-agent-call');

const call = new Call();
const captions = new Captions(ask('captions'), () => show());
const levels = new Levels((seconds) => showWait(seconds));
const visual = new Visual(ask('visual'), levels);
let problem = null; // the name of the one that is shown
let typing = false; // whether this call has no microphone
let wait = '';
let phase = 'idle'; // before the current event
let state = null; // the agent's, before the current event
let speakingSince = 0; // ms, performance.now()
let silenced = false; // whether the person's voice ended what the agent said last

const isBusy = () => ['connecting', 'connected', 'reconnecting'].includes(call.phase);

function words() {
  const phases = { idle: 'Ready', connecting: 'Connecting', reconnecting: 'Reconnecting', disconnected: 'Disconnected' };
  if (call.phase === 'disconnected' && explain(problem)?.before) return 'Not connected';
  if (call.phase !== 'connected') return phases[call.phase];
  if (call.queue) return 'Waiting';
  return { listening: 'Listening', thinking: 'Thinking', speaking: 'Speaking' }[call.agentState] ?? 'Connected';
}

function hint() {
  if (call.phase === 'idle') return captions.empty ? ask('hint').dataset.welcome : 'Press Talk for another call.';
  if (call.phase === 'connecting') return 'Your browser may ask for the microphone.';
  if (call.phase === 'reconnecting') return 'The call goes on by itself.';
  if (call.phase === 'disconnected') return '';
  if (call.queue === 1) return 'All lines are busy. You are next.';
  if (call.queue) return `All lines are busy. You are number ${call.queue} in the queue.`;
  if (call.agentState === null) return 'Waiting for the agent to join.';
  if (call.muted) return 'Your microphone is muted.';
  if (call.agentState === 'thinking') return '';
  return wait || (call.agentState === 'listening' ? 'Just speak.' : '');
}

function show() {
  const busy = isBusy();
  const body = document.body;
  body.dataset.phase = call.phase;
  body.dataset.agent = call.agentState ?? '';
  body.classList.toggle('busy', busy);
  body.classList.toggle('talked', !captions.empty);
  put('state', words());
  put('hint', hint());
  put('talk-label', label());
  ask('devices').hidden = !busy || call.phase === 'connecting' || typing;
  ask('chat').hidden = call.phase !== 'connected';
  ask('recording').hidden = !call.recorded || !busy;
  put('recording', RECORDED[call.recorded] ?? '');
  ask('copy').hidden = captions.empty;
  ask('forget').hidden = captions.empty || call.phase !== 'connected' || call.agentState === null;
  ask('mute').setAttribute('aria-pressed', String(call.muted));
  ask('mute').setAttribute('aria-label', call.muted ? 'Unmute microphone' : 'Mute microphone');
}

/** What the big button does now. */
function label() {
  if (call.phase === 'connecting') return 'Cancel';
  if (isBusy()) return 'Hang up';
  return (call.phase === 'disconnected' && explain(problem)?.action) || 'Talk';
}

/** Only what changes is written, so that screen readers repeat nothing. */
function put(id, text) {
  if (ask(id).textContent !== text) ask(id).textContent = text;
}

function showProblem(found) {
  problem = found?.name ?? null;
  document.body.dataset.problem = problem ?? '';
  ask('problem').hidden = !found;
  if (found) {
    const { text, action, typed, form } = explain(found.name, found.detail);
    put('problem-text', text);
    put('problem-action', action ?? '');
    ask('problem-action').hidden = !action || call.phase === 'disconnected'; // the big button does it then
    ask('problem-type').hidden = !typed;
    ask('key-form').hidden = !form;
    if (form) ask('key').focus();
  }
  ask('talk').hidden = Boolean(found && explain(found.name).form); // the form has a button of its own
  show();
}

function showWait(seconds) {
  wait = `Answered in ${seconds.toFixed(1)} s.`;
  document.body.dataset.wait = seconds.toFixed(3);
  show();
}

function start(options = {}) {
  if (!globalThis.LivekitClient) return showProblem({ name: 'broken', detail: '' });
  typing = options.typing ?? false;
  wait = '';
  tabs.postMessage(own);
  levels.wake();
  visual.start();
  return call.start(options);
}

async function act() {
  if (problem === 'silent') return call.startSound();
  if (problem === 'gone') return call.hurry();
  if (problem === 'unsent') return showProblem(null);
  return start({ typing });
}

async function listMicrophones() {
  const devices = await LivekitClient.Room.getLocalDevices('audioinput', false);
  const select = ask('microphone');
  const chosen = select.value;
  select.replaceChildren(...devices.map((device, n) => new Option(device.label || `Microphone ${n + 1}`, device.deviceId)));
  if (devices.some((device) => device.deviceId === chosen)) select.value = chosen;
}

async function copy() {
  const text = captions.transcript();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement('textarea'); // pages without https have no clipboard
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  const label = ask('copy').querySelector('span');
  label.textContent = 'Copied';
  setTimeout(() => { label.textContent = 'Copy transcript'; }, 1600);
}

call.addEventListener('phase', ({ detail }) => {
  if (detail === 'connected' && !typing) listMicrophones();
  if (detail === 'connected' && phase === 'reconnecting') captions.note('Connected again');
  if (detail === 'idle' || detail === 'disconnected') {
    levels.rest();
    visual.stop();
  }
  phase = detail;
  show();
});
call.addEventListener('agent', ({ detail }) => {
  if (detail === 'speaking') [speakingSince, silenced] = [performance.now(), false];
  if (state === 'speaking') silenced = detail !== null && levels.you.lastSound > speakingSince;
  if (silenced) captions.interrupted();
  state = detail;
  show();
});
call.addEventListener('forgotten', ({ detail }) => {
  captions.forget(detail);
  show();
});
call.addEventListener('problem', ({ detail }) => showProblem(detail));
call.addEventListener('muted', show);
call.addEventListener('recorded', show);
call.addEventListener('queue', show);
call.addEventListener('track', ({ detail: { side, track, element } }) => {
  if (element) ask('sound').append(element);
  if (side !== 'other') levels.use(side, track);
});
call.addEventListener('text', ({ detail: { reader, who } }) => {
  captions.follow(reader, who, () => {
    if (who === 'you') levels.spoke();
    else if (who === 'agent' && silenced) captions.interrupted();
  });
});

ask('talk').addEventListener('click', () => {
  if (isBusy()) call.stop();
  else if (problem === 'broken') location.reload();
  else start();
});
ask('mute').addEventListener('click', () => call.setMuted(!call.muted));
ask('microphone').addEventListener('change', ({ target }) => {
  call.useMicrophone(target.value).catch((error) => showProblem({ name: error.problem ?? 'absent', detail: '' }));
});
ask('problem-action').addEventListener('click', act);
ask('problem-type').addEventListener('click', () => start({ typing: true }));
ask('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  accessKey.set(ask('key').value.trim());
  ask('key').value = '';
  start({ typing });
});
ask('chat').addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = ask('message').value.trim();
  if (!text) return;
  ask('message').value = '';
  try {
    await call.say(text);
    captions.typed(text);
    levels.typed();
  } catch {
    ask('message').value = text;
    showProblem({ name: 'unsent', detail: '' });
  }
  show();
});
for (const scope of ['last', 'everything']) {
  ask(`forget-${scope}`).addEventListener('click', () => {
    call.forget(scope).catch(() => showProblem({ name: 'unsent', detail: '' }));
  });
}
ask('copy').addEventListener('click', copy);
tabs.addEventListener('message', ({ data }) => {
  if (data !== own && isBusy()) call.stop('elsewhere');
});
navigator.mediaDevices?.addEventListener('devicechange', () => call.phase === 'connected' && listMicrophones());
window.addEventListener('pagehide', () => call.abandon());

ask('hint').dataset.welcome = ask('hint').textContent;
if (!globalThis.LivekitClient) showProblem({ name: 'broken', detail: '' });
else if (!navigator.mediaDevices) showProblem({ name: 'insecure', detail: '' });
show();
