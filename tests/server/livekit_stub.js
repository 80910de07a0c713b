// A stand-in for livekit-client in tests of what the page looks like: no server, every state on demand through `stand`.
(() => {
  const emitter = () => {
    const handlers = {};
    return {
      on(event, handle) { (handlers[event] ??= []).push(handle); return this; },
      emit(event, ...given) { for (const handle of handlers[event] ?? []) handle(...given); },
    };
  };
  const names = (...all) => Object.fromEntries(all.map((name) => [name, name]));
  const stand = { rooms: [], connecting: Promise.resolve(), rpc: [], sent: [] };

  class Room {
    constructor(options) {
      Object.assign(this, emitter(), { options, name: 'user-stand', canPlaybackAudio: true, remoteParticipants: new Map(), streams: {} });
      const published = new Map();
      this.localParticipant = {
        identity: 'caller', attributes: {},
        publishTrack: async (track, { source }) => published.set(source, { track }),
        getTrackPublication: (source) => published.get(source),
        setMicrophoneEnabled: async () => {},
        sendText: async (text) => stand.sent.push(text),
        performRpc: async (call) => { stand.rpc.push([call.method, call.payload]); return ''; },
      };
      stand.room = this;
      stand.rooms.push(this);
    }
    async connect() { await stand.connecting; }
    async disconnect() { this.remoteParticipants.clear(); }
    async switchActiveDevice() {}
    async startAudio() { this.canPlaybackAudio = true; this.emit('AudioPlaybackStatusChanged'); }
    registerTextStreamHandler(topic, handle) { this.streams[topic] = handle; }
    getParticipantByIdentity(identity) { return identity === 'caller' ? this.localParticipant : this.remoteParticipants.get(identity); }
  }

  let segment = 0;
  Object.assign(stand, {
    agent(state) {
      if (state) stand.room.remoteParticipants.set('agent-stand', { identity: 'agent-stand', isAgent: true, attributes: { 'lk.agent.state': state, ...stand.attributes } });
      else stand.room.remoteParticipants.clear();
      stand.room.emit('ParticipantAttributesChanged');
    },
    queue(place) {
      stand.room.localParticipant.attributes = place ? { 'local_agent.queue_position': String(place) } : {};
      stand.room.emit('ParticipantAttributesChanged');
    },
    async say(who, text) {
      const attributes = { 'lk.segment_id': `SG_${segment += 1}`, 'lk.transcription_final': 'true' };
      const reader = { info: { attributes }, async* [Symbol.asyncIterator]() { yield text; } };
      stand.room.streams['lk.transcription'](reader, { identity: who === 'you' ? 'caller' : 'agent-stand' });
    },
    tell(topic, content) {
      const payload = new TextEncoder().encode(JSON.stringify(content));
      stand.room.emit('DataReceived', payload, { identity: 'agent-stand' }, 0, topic);
    },
  });
  globalThis.stand = stand;
  globalThis.LivekitClient = {
    Room,
    RoomEvent: names('SignalReconnecting', 'Reconnecting', 'SignalReconnected', 'Reconnected', 'Disconnected', 'ParticipantConnected',
      'ParticipantAttributesChanged', 'ParticipantDisconnected', 'AudioPlaybackStatusChanged', 'TrackSubscribed', 'TrackUnsubscribed',
      'DataReceived', 'LocalTrackUnpublished'),
    TrackEvent: names('ElementDetached'),
    Track: { Source: { Microphone: 'microphone' } },
    DisconnectReason: { DUPLICATE_IDENTITY: 2, PARTICIPANT_REMOVED: 4, ROOM_DELETED: 5, ROOM_CLOSED: 10, CLIENT_INITIATED: 1 },
    ConnectionErrorReason: { NotAllowed: 0 },
    createLocalAudioTrack: async (wanted) => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
      const [mediaStreamTrack] = stream.getAudioTracks();
      return { mediaStreamTrack, stop: () => mediaStreamTrack.stop() };
    },
  };
})();
