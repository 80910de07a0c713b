// One call after another: microphone, token, room, and coming back when the server went away. Holds no element of the page.

import { Problem, microphoneProblem } from './problems.js';
import { t } from './texts.js';
import { fetchToken, leave } from './tokens.js';

const AGENT_PATIENCE = 8000; // ms until a person is told that no agent has joined
const RESUME = 25_000; // ms in which livekit-client itself tries to get back into the same room
const RESUME_PAUSE = 600; // ms
const REJOIN = 120_000; // ms in which we try to get into the room again, which is made anew
const REJOIN_PAUSES = [500, 1000, 1500, 2000]; // ms, the last one repeats
const STATE = 'lk.agent.state';
const TRANSCRIPTION = 'lk.transcription';
const CHAT = 'lk.chat';
const QUEUE = 'local_agent.queue_position'; // in our own attributes while all lines are busy: 1 is next
const RECORDING = 'local_agent.recording'; // among the agent's attributes: '', 'on', or 'failed' where it can't be written
const FORGET = 'local_agent.forget'; // a method of the agent
const FORGOTTEN = 'local_agent.forgotten'; // the topic on which it tells what it forgot
const WAITED = 'local_agent.waited'; // the topic on which it tells how long an answer took it
const CHOOSE = 'local_agent.choose'; // a method of the agent
const LONGEST = 160; // bytes of such a message

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Events, all CustomEvents: `phase` (idle, connecting, connected, reconnecting, disconnected), `agent` (state or null),
 * `problem` ({name, detail} or null), `track` ({side: 'you' | 'agent' | 'other', track or null, element to hear
 * it}), `text` ({reader, who: 'you' | 'agent' | 'other'}: a stream of words), `muted`, `typing`, `queue`, `forgotten` (number of
 * exchanges, null for all), `waited` ({wait, heard, thought, voiced} in s, each null where it is unknown), `recorded` (as below).
 */
export class Call extends EventTarget {
  phase = 'idle';
  muted = false;
  agentState = null;
  queue = 0; // our place while all lines are busy: 1 is next
  recorded = ''; // 'on' while the agent records this call, 'failed' where that can't be written
  typing = false; // this call has no microphone
  choices = {}; // what the person wants of the agent, as `choose` takes it
  #room = null;
  #token = null;
  #name = ''; // of the room, to come back to: others may be in it, and an agent that was torn out of it says so
  #entering = null; // the token of a room that is being joined
  #attempt = 0; // grows with every start and stop, so that what an older one still does is ignored
  #agentTimer = 0;
  #wake = null;
  #place = 0; // in the queue, as the token told; until the server tells it
  #microphone = null; // id of the device, null for the usual one
  #speaker = '';

  /** Begin a call. `typing` joins without a microphone. */
  async start({ typing = false } = {}) {
    const attempt = await this.#reset();
    this.#setTyping(typing);
    this.#tell('problem', null);
    this.#setPhase('connecting');
    const microphone = typing ? null : this.#openMicrophone();
    microphone?.catch(() => {}); // awaited below; a token that fails first must not leave it unhandled
    try {
      const pass = await fetchToken('', this.choices);
      await this.#enter(pass, microphone && (await microphone), attempt);
    } catch (error) {
      microphone?.then((track) => track.stop(), () => {});
      if (attempt !== this.#attempt) return;
      if (error instanceof Problem && error.problem === 'gone') this.#comeBack(attempt);
      else this.#fail(error instanceof Problem ? error : new Problem('broken'));
    }
  }

  /** Hang up. The room ends at once where nobody else is in it. */
  async stop(problem = null) {
    await this.#reset();
    this.#setPhase(problem ? 'disconnected' : 'idle');
    this.#tell('problem', problem ? { name: problem, detail: '' } : null);
  }

  /** The page is being closed: nothing can be awaited any more. livekit-client says goodbye on its own. */
  abandon() {
    for (const token of [this.#token, this.#entering]) if (token) leave(token);
    this.#token = this.#entering = null;
  }

  /** Try at once instead of waiting for the next turn. */
  hurry() {
    this.#wake?.();
  }

  async setMuted(muted) {
    if (this.#microphoneTrack()) await this.#room.localParticipant.setMicrophoneEnabled(!muted); // which else opens one
    this.muted = muted;
    this.#tell('muted', muted);
  }

  /** Switch to another microphone, now and in later calls. */
  async useMicrophone(deviceId) {
    this.#microphone = deviceId;
    if (!this.#microphoneTrack()) return;
    await this.#room.switchActiveDevice('audioinput', deviceId || 'default').catch((error) => {
      throw microphoneProblem(error);
    });
    this.#tell('track', { side: 'you', track: this.#microphoneTrack().mediaStreamTrack });
  }

  /** Speak from now on in a call that has no microphone. Throws Problem. */
  async addMicrophone() {
    const attempt = this.#attempt;
    const track = await this.#openMicrophone();
    if (attempt !== this.#attempt || !this.#room) return track.stop();
    await this.#publish(this.#room, track);
    this.#setTyping(false);
    if (this.muted) await this.setMuted(true);
    this.#tell('track', { side: 'you', track: track.mediaStreamTrack });
  }

  /** Hear the agent there, now and in later calls. '' is the usual one. */
  async useSpeaker(deviceId) {
    this.#speaker = deviceId;
    await this.#room?.switchActiveDevice('audiooutput', deviceId || 'default').catch(() => {}); // unplugged: it stays where it was
  }

  async say(text) {
    if (!this.#room) throw new Problem('unsent');
    await this.#room.localParticipant.sendText(text, { topic: CHAT }).catch(() => {
      throw new Problem('unsent');
    });
  }

  /** Have the agent forget the `last` exchange or `everything`; what it forgot comes back as `forgotten`. */
  async forget(scope) {
    await this.#ask(FORGET, scope, 'unsent');
  }

  /** Tell the agent what the person wants of it: {voice, speed, language, instructions}, each where it is another now. */
  async choose(choices) {
    await this.#ask(CHOOSE, JSON.stringify(choices), 'unchosen');
  }

  async startSound() {
    await this.#room?.startAudio();
  }

  async #ask(method, payload, problem) {
    const agent = this.#agent();
    if (!agent) throw new Problem(problem);
    await this.#room.localParticipant.performRpc({ destinationIdentity: agent.identity, method, payload }).catch(() => {
      throw new Problem(problem);
    });
  }

  async #reset() {
    const attempt = ++this.#attempt;
    this.#stopWaiting();
    this.hurry();
    const [room, token] = [this.#room, this.#token];
    this.#room = this.#token = null;
    this.#name = '';
    this.#place = 0;
    this.#setAgent(null);
    this.#setQueue(0);
    this.#tell('track', { side: 'you', track: null });
    this.#tell('track', { side: 'agent', track: null });
    await room?.disconnect();
    if (token) leave(token);
    return attempt;
  }

  async #openMicrophone() {
    if (!navigator.mediaDevices?.getUserMedia) throw new Problem('insecure');
    const wanted = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    try {
      return await LivekitClient.createLocalAudioTrack({ ...wanted, ...(this.#microphone ? { deviceId: this.#microphone } : {}) });
    } catch (error) {
      throw microphoneProblem(error);
    }
  }

  async #publish(room, microphone) {
    await room.localParticipant.publishTrack(microphone, { source: LivekitClient.Track.Source.Microphone });
  }

  /** @param {{token: string, place: number}} pass */
  async #enter({ token, place }, microphone, attempt) {
    const room = new LivekitClient.Room({
      ...(this.#speaker ? { audioOutput: { deviceId: this.#speaker } } : {}),
      reconnectPolicy: { nextRetryDelayInMs: ({ elapsedMs }) => (elapsedMs > RESUME ? null : RESUME_PAUSE) },
    });
    this.#listen(room, attempt);
    this.#entering = token;
    try {
      await room.connect(location.origin, token, { maxRetries: 0 });
      if (attempt === this.#attempt && microphone) await this.#publish(room, microphone);
    } catch (error) {
      await room.disconnect();
      throw connectProblem(error);
    } finally {
      if (this.#entering === token) this.#entering = null;
    }
    if (attempt !== this.#attempt) {
      await room.disconnect();
      leave(token);
      microphone?.stop();
      return;
    }
    this.#room = room;
    this.#token = token;
    this.#name = room.name;
    this.#place = place;
    if (this.muted && microphone) await room.localParticipant.setMicrophoneEnabled(false);
    if (microphone) this.#tell('track', { side: 'you', track: microphone.mediaStreamTrack });
    this.#joined();
  }

  #joined() {
    this.#setPhase('connected');
    this.#tellSound();
    this.#lookForAgent();
  }

  #listen(room, attempt) {
    const { RoomEvent, TrackEvent } = LivekitClient;
    const on = (event, handle) => room.on(event, (...given) => attempt === this.#attempt && handle(...given));
    on(RoomEvent.SignalReconnecting, () => this.#away());
    on(RoomEvent.Reconnecting, () => this.#away());
    on(RoomEvent.SignalReconnected, () => this.#room && this.#joined());
    on(RoomEvent.Reconnected, () => this.#room && this.#joined());
    on(RoomEvent.Disconnected, (reason) => this.#room === room && this.#lost(reason, attempt));
    on(RoomEvent.ParticipantConnected, () => this.#lookForAgent());
    on(RoomEvent.ParticipantAttributesChanged, () => this.#lookForAgent());
    on(RoomEvent.ParticipantDisconnected, () => this.#lookForAgent());
    on(RoomEvent.AudioPlaybackStatusChanged, () => this.#room && this.#tellSound());
    on(RoomEvent.TrackSubscribed, (track, _publication, from) => {
      if (track.kind !== 'audio') return;
      track.on(TrackEvent.ElementDetached, (element) => element.remove());
      const side = isAgent(from) ? 'agent' : 'other';
      this.#tell('track', { side, track: track.mediaStreamTrack, element: track.attach() });
    });
    on(RoomEvent.TrackUnsubscribed, (track) => track.detach());
    on(RoomEvent.DataReceived, (payload, from, _kind, topic) => {
      if (!from || from.identity !== this.#agent()?.identity || payload.length > LONGEST) return;
      if (topic === FORGOTTEN) this.#forgotten(payload);
      if (topic === WAITED) this.#waited(payload);
    });
    on(RoomEvent.LocalTrackUnpublished, () => {
      if (!this.typing && this.phase === 'connected') this.#tell('problem', { name: 'unplugged', detail: '' });
    });
    room.registerTextStreamHandler(TRANSCRIPTION, (reader, { identity }) => {
      const from = room.getParticipantByIdentity(identity);
      const who = from === room.localParticipant ? 'you' : from && !isAgent(from) ? 'other' : 'agent';
      if (attempt === this.#attempt) this.#tell('text', { reader, who });
    });
  }

  #away() {
    if (!this.#room || this.phase === 'reconnecting') return;
    this.#setAgent(null);
    this.#setPhase('reconnecting');
    this.#tell('problem', { name: 'gone', detail: '' });
  }

  /** livekit-client gave up, or was told to go. */
  #lost(reason, attempt) {
    const { DisconnectReason } = LivekitClient;
    const final = {
      [DisconnectReason.DUPLICATE_IDENTITY]: 'elsewhere',
      [DisconnectReason.PARTICIPANT_REMOVED]: 'ended',
      [DisconnectReason.ROOM_DELETED]: 'ended',
      [DisconnectReason.ROOM_CLOSED]: 'ended',
      [DisconnectReason.CLIENT_INITIATED]: 'asleep',
    }[reason];
    if (reason === DisconnectReason.DUPLICATE_IDENTITY) this.#token = null; // the room belongs to the other tab now
    if (final) this.stop(final);
    else this.#comeBack(attempt);
  }

  /** Into the room with a new token, again and again, until the server is back. */
  async #comeBack(attempt) {
    this.#room = this.#token = null;
    this.#setAgent(null);
    this.#setPhase('reconnecting');
    this.#tell('problem', { name: 'gone', detail: '' });
    const began = Date.now();
    for (let turn = 0; Date.now() - began < REJOIN; turn += 1) {
      const pause = REJOIN_PAUSES[Math.min(turn, REJOIN_PAUSES.length - 1)];
      await Promise.race([sleep(pause), new Promise((wake) => { this.#wake = wake; })]);
      if (attempt !== this.#attempt) return;
      let microphone = null;
      try {
        const pass = await fetchToken(this.#name, this.choices);
        microphone = this.typing ? null : await this.#openMicrophone();
        await this.#enter(pass, microphone, attempt);
        return;
      } catch (error) {
        microphone?.stop();
        if (attempt !== this.#attempt) return;
        const name = error instanceof Problem ? error.problem : 'broken';
        if (!['gone', 'down', 'closed', 'media', 'limited'].includes(name)) return this.#fail(error);
      }
    }
    this.#fail(new Problem('lost'));
  }

  #agent() {
    const people = [...(this.#room?.remoteParticipants.values() ?? [])];
    return people.find((one) => one.isAgent) ?? people.find((one) => STATE in one.attributes);
  }

  #forgotten(payload) {
    const { exchanges } = read(payload);
    if (exchanges === null || Number.isInteger(exchanges)) this.#tell('forgotten', exchanges);
  }

  #waited(payload) {
    const told = read(payload);
    const seconds = (name) => (Number.isFinite(told[name]) && told[name] >= 0 ? told[name] : null);
    const [wait, heard, thought, voiced] = ['wait', 'heard', 'thought', 'voiced'].map(seconds);
    if (wait !== null) this.#tell('waited', { wait, heard, thought, voiced });
  }

  #lookForAgent() {
    if (!this.#room) return;
    const agent = this.#agent();
    const recorded = agent?.attributes[RECORDING] ?? '';
    if (recorded !== this.recorded) this.#tell('recorded', (this.recorded = recorded));
    const place = Number(this.#room.localParticipant.attributes[QUEUE] || 0);
    if (agent || place) this.#place = 0;
    this.#setQueue(agent ? 0 : place || this.#place);
    if (agent) {
      this.#stopWaiting();
      if (this.agentState === null) this.#tellSound();
      this.#setAgent(agent.attributes[STATE] ?? 'initializing');
      return;
    }
    if (this.agentState !== null) {
      this.#setAgent(null);
      this.#tell('track', { side: 'agent', track: null });
      this.#tell('problem', { name: 'agentleft', detail: '' });
    } else if (!this.#agentTimer && !place) {
      this.#agentTimer = setTimeout(() => this.#missAgent(), AGENT_PATIENCE);
    }
  }

  /** What the token told of the queue is no longer true: the server would have told us our place by now. */
  #missAgent() {
    this.#place = 0;
    this.#setQueue(0);
    this.#tell('problem', { name: 'noagent', detail: '' });
  }

  /** No problem is left but sound that the browser holds back. */
  #tellSound() {
    this.#tell('problem', this.#room.canPlaybackAudio ? null : { name: 'silent', detail: '' });
  }

  #microphoneTrack() {
    return this.#room?.localParticipant.getTrackPublication(LivekitClient.Track.Source.Microphone)?.track ?? null;
  }

  #fail(problem) {
    this.#attempt += 1;
    this.#setPhase('disconnected');
    this.#tell('problem', { name: problem.problem, detail: problem.detail });
  }

  #setPhase(phase) {
    this.phase = phase;
    if (phase !== 'connected') this.#stopWaiting();
    this.#tell('phase', phase);
  }

  #stopWaiting() {
    clearTimeout(this.#agentTimer);
    this.#agentTimer = 0;
  }

  #setTyping(typing) {
    this.typing = typing;
    this.#tell('typing', typing);
  }

  #setQueue(place) {
    if (place === this.queue) return;
    this.queue = place;
    if (place) {
      if (!this.#place) this.#stopWaiting();
      this.#tellSound();
    }
    this.#tell('queue', place);
  }

  #setAgent(state) {
    if (state === this.agentState) return;
    this.agentState = state;
    this.#tell('agent', state);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function isAgent(participant) {
  return participant.isAgent || STATE in participant.attributes;
}

/** @returns {object} what a message of JSON holds; nothing where it is none */
function read(payload) {
  try {
    return JSON.parse(new TextDecoder().decode(payload)) ?? {};
  } catch {
    return {};
  }
}

/** LiveKit's ConnectionError by what a person can do about it. */
function connectProblem(error) {
  const { ConnectionErrorReason } = LivekitClient;
  if (error.reason === ConnectionErrorReason.NotAllowed) return new Problem('refused', t('problem.keys'));
  if (/pc connection|peer ?connection|ice/i.test(error.message ?? '')) return new Problem('media');
  return new Problem('gone');
}
