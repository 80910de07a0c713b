// Ties the call to the page: what is said, shown and pressed.

import { Call } from './call.js';
import { Captions } from './captions.js';
import { hold, listen } from './keys.js';
import { Levels } from './levels.js';
import { apply, preferences } from './preferences.js';
import { explain } from './problems.js';
import { Panel } from './settings.js';
import { number, t } from './texts.js';
import { accessKey } from './tokens.js';
import { asMarkdown, asText, save } from './transcript.js';
import { action, headline, hint, motion } from './view.js';
import { Visual } from './visual.js';

const ask = (id) => document.getElementById(id);
const own = crypto.getRandomValues(new Uint32Array(1))[0];
const tabs = new BroadcastChannel('local-agent-call');
const UNDO = 6000; // ms in which "forget everything" can be taken back
const AGAIN = 3000; // ms until a call that was not let in is tried again
const TIRED = 40; // such tries
const TITLE = document.title;

apply();
const call = new Call();
const captions = new Captions(ask('captions'), () => show());
const levels = new Levels((seconds) => measured(seconds), (loudness) => level(loudness));
const visual = new Visual(ask('visual'), levels);
const panel = new Panel(levels);
let problem = null; // the name of the one that is shown
let held = false; // whoever pushes to talk does
let wait = '';
let unsent = []; // messages that wait for the agent
let pending = 0; // timer of "forget everything"
let tries = 0; // of a call that is not let in
let phase = 'idle'; // before the current event
let state = null; // the agent's, before the current event
let speakingSince = 0; // ms, performance.now()
let silenced = false; // whether the person's voice ended what the agent said last

const isBusy = () => ['connecting', 'connected', 'reconnecting'].includes(call.phase);
const isThere = () => call.phase === 'connected' && call.agentState !== null;

function show() {
  const { phase, agentState, queue, muted, typing } = call;
  const { push } = preferences;
  const facts = { phase, agentState, queue, muted, typing, problem, push, held, wait, unsent: unsent.length, fresh: captions.empty };
  const [busy, body, empty] = [isBusy(), document.body, captions.empty];
  Object.assign(body.dataset, { phase, agent: agentState ?? '' });
  body.classList.toggle('busy', busy);
  body.classList.toggle('talked', busy || !empty);
  put('state', headline(facts));
  put('hint', [hint(facts), phase === 'idle' && empty ? privacy() : ''].filter(Boolean).join(' '));
  put('talk-label', action(facts));
  visual.show(motion(facts));
  ask('devices').hidden = !busy;
  ask('devices').inert = phase === 'connecting';
  ask('mute').hidden = push && !typing;
  ask('push').hidden = !push || typing;
  ask('push').setAttribute('aria-pressed', String(held));
  ask('recording').hidden = !call.recorded || !busy;
  put('recording', call.recorded ? t(`recorded.${call.recorded}`) : '');
  ask('copy').hidden = empty;
  ask('pending').hidden = !pending;
  ask('forget').hidden = empty && !busy;
  ask('clear').hidden = busy;
  for (const id of ['forget-last', 'forget-everything']) {
    ask(id).hidden = !busy;
    ask(id).disabled = empty || Boolean(pending) || !isThere();
  }
  const off = muted || typing;
  ask('mute').setAttribute('aria-pressed', String(off));
  ask('mute').setAttribute('aria-label', t(typing ? 'action.useMicrophone' : muted ? 'action.unmute' : 'action.mute'));
  document.title = busy ? `${ask('state').textContent} · ${TITLE}` : TITLE;
}

function privacy() {
  const host = document.body.dataset.privacyHost;
  return host ? t('privacy.there', { host }) : t('privacy.here');
}

/** Only what changes is written, so that screen readers repeat nothing. */
function put(id, text) {
  if (ask(id).textContent !== text) ask(id).textContent = text;
}

function level(loudness) {
  const heard = call.muted ? 0 : loudness;
  ask('level').style.setProperty('--level', heard.toFixed(2));
  if (panel.isOpen) panel.level(heard);
}

function showProblem(found) {
  problem = found?.name ?? null;
  document.body.dataset.problem = problem ?? '';
  ask('problem').hidden = !found;
  if (found) {
    const { text, action: label, typed, form } = explain(found.name, found.detail);
    put('problem-text', text);
    put('problem-action', label ?? '');
    ask('problem-action').hidden = !label || call.phase === 'disconnected'; // the big button does it then
    ask('problem-type').hidden = !typed || call.phase === 'idle'; // as here
    ask('key-form').hidden = !form;
    if (form) ask('key').focus();
  }
  ask('talk').hidden = Boolean(found && explain(found.name).form); // the form has a button of its own
  show();
}

/** The page's own measure: from the end of what was said to the first sound. */
function measured(seconds) {
  document.body.dataset.wait = seconds.toFixed(3);
  wait = t('hint.wait', { seconds: number(seconds, 1) });
  show();
}

/** The agent's: the same numbers as `console` tells and /metrics counts. */
function waited({ wait: seconds, ...stages }) {
  const parts = Object.entries(stages).filter(([, one]) => one !== null).map(([name, one]) => t(`stage.${name}`, { seconds: number(one, 1) }));
  wait = [t('hint.wait', { seconds: number(seconds, 1) }), parts.length ? `(${parts.join(', ')})` : ''].filter(Boolean).join(' ');
  show();
}

function start(options = {}) {
  if (!globalThis.LivekitClient) return showProblem({ name: 'broken', detail: '' });
  wait = '';
  tabs.postMessage(own);
  levels.wake();
  panel.calling(true);
  call.choices = panel.choices;
  if (preferences.push) call.setMuted(true);
  return call.start(options);
}

async function act() {
  if (problem === 'silent') return call.startSound();
  if (problem === 'gone') return call.hurry();
  if (problem === 'unplugged') return addMicrophone();
  if (['unsent', 'unchosen'].includes(problem)) return showProblem(null);
  return start({ typing: call.typing });
}

async function addMicrophone() {
  try {
    await call.addMicrophone();
    showProblem(null);
    panel.listDevices();
  } catch (error) {
    showProblem({ name: error.problem ?? 'absent', detail: '' });
  }
}

async function send(text) {
  try {
    await call.say(text);
    captions.typed(text);
    levels.typed();
  } catch {
    if (!ask('message').value) ask('message').value = text;
    showProblem({ name: 'unsent', detail: '' });
  }
  show();
}

function forget(scope) {
  call.forget(scope).catch(() => showProblem({ name: 'unsent', detail: '' }));
}

/** "Forget everything" waits for a moment in which it can be taken back; a hang-up is none. */
function endPending(doIt) {
  if (!pending) return;
  clearTimeout(pending);
  pending = 0;
  ask('captions').classList.remove('fading');
  if (doIt && isThere()) forget('everything');
  else if (doIt) captions.clear();
  show();
}

async function copy() {
  const text = asText(captions.lines());
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
  put('copied', t('action.copied'));
  setTimeout(() => put('copied', ''), 1600);
}

async function hangUp() {
  if (pending) captions.clear();
  endPending(false);
  await call.stop();
}

function talk() {
  if (isBusy()) return hangUp();
  if (problem === 'broken') return location.reload();
  tries = 0;
  return start({ typing: problem === 'insecure' });
}

function mute() {
  if (call.typing) return addMicrophone();
  return call.setMuted(!call.muted);
}

call.addEventListener('phase', ({ detail }) => {
  if (detail === 'connected') {
    panel.listDevices();
    if (phase === 'reconnecting') captions.note(t('note.again'));
    if (preferences.push && phase === 'connecting') setTimeout(() => ask('push').focus()); // the space bar hangs up on the big button
  }
  if (detail === 'idle' || detail === 'disconnected') {
    levels.rest();
    panel.calling(false);
    endPending(true);
    if (unsent.length) ask('message').value = unsent.join(' ');
    unsent = [];
  }
  phase = detail;
  show();
});
call.addEventListener('agent', ({ detail }) => {
  if (detail === 'speaking') [speakingSince, silenced] = [performance.now(), false];
  if (state === 'speaking') silenced = detail !== null && levels.you.lastSound > speakingSince;
  if (silenced) captions.interrupted();
  if (detail === 'listening') for (const text of unsent.splice(0)) send(text);
  state = detail;
  show();
});
call.addEventListener('forgotten', ({ detail }) => {
  captions.forget(detail);
  show();
});
call.addEventListener('problem', ({ detail }) => {
  showProblem(detail);
  if (detail?.name === 'closed' && tries < TIRED) {
    tries += 1;
    setTimeout(() => problem === 'closed' && !isBusy() && start({ typing: call.typing }), AGAIN);
  }
});
call.addEventListener('waited', ({ detail }) => waited(detail));
for (const name of ['muted', 'recorded', 'queue', 'typing']) call.addEventListener(name, show);
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

ask('talk').addEventListener('click', talk);
ask('mute').addEventListener('click', mute);
ask('problem-action').addEventListener('click', act);
ask('problem-type').addEventListener('click', () => start({ typing: true }));
ask('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  accessKey.set(ask('key').value.trim());
  ask('key').value = '';
  panel.learn();
  start({ typing: call.typing });
});
ask('chat').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = ask('message').value.trim();
  if (!text) return;
  ask('message').value = '';
  if (isThere() && call.agentState !== 'initializing') return send(text);
  unsent.push(text);
  if (!isBusy()) start({ typing: true });
  show();
});
ask('forget-last').addEventListener('click', () => forget('last'));
ask('forget-everything').addEventListener('click', () => {
  pending = setTimeout(() => endPending(true), UNDO);
  ask('captions').classList.add('fading');
  show();
  ask('forget-undo').focus();
});
ask('forget-undo').addEventListener('click', () => endPending(false));
ask('forget-now').addEventListener('click', () => endPending(true));
ask('clear').addEventListener('click', () => captions.clear());
ask('copy').addEventListener('click', copy);
ask('save-text').addEventListener('click', () => save('transcript.txt', `${asText(captions.lines())}\n`, 'text/plain'));
ask('save-markdown').addEventListener('click', () => save('transcript.md', asMarkdown(captions.lines(), TITLE), 'text/markdown'));
tabs.addEventListener('message', ({ data }) => {
  if (data !== own && isBusy()) call.stop('elsewhere');
});
navigator.mediaDevices?.addEventListener('devicechange', () => panel.listDevices());
window.addEventListener('pagehide', () => call.abandon());

panel.addEventListener('microphone', ({ detail }) => {
  call.useMicrophone(detail).catch((error) => showProblem({ name: error.problem ?? 'absent', detail: '' }));
});
panel.addEventListener('speaker', ({ detail }) => call.useSpeaker(detail));
panel.addEventListener('untried', () => showProblem({ name: navigator.mediaDevices ? 'denied' : 'insecure', detail: '' }));
panel.addEventListener('push', ({ detail }) => call.setMuted(detail));
panel.addEventListener('look', () => visual.recolour());
panel.addEventListener('texts', show);
panel.addEventListener('choices', ({ detail }) => {
  if (isThere() && !('greeting' in detail)) call.choose(detail).catch(() => showProblem({ name: 'unchosen', detail: '' }));
});
listen((name) => {
  const deeds = {
    'key.talk': talk,
    'key.mute': () => isBusy() && !preferences.push && mute(),
    'key.message': () => ask('message').focus(),
    'key.copy': () => !captions.empty && copy(),
    'key.settings': () => panel.open(),
    'key.help': () => panel.open('keys'),
  };
  deeds[name]();
});
hold(ask('push'), () => preferences.push && isBusy() && !call.typing, (on) => {
  if (!preferences.push || on === held) return;
  held = on;
  call.setMuted(!on);
  show();
});

call.useMicrophone(preferences.microphone);
call.useSpeaker(preferences.speaker);
await panel.retell();
captions.restore();
panel.learn();
if (!globalThis.LivekitClient) showProblem({ name: 'broken', detail: '' });
else if (!navigator.mediaDevices) showProblem({ name: 'insecure', detail: '' });
show();
