// How loud both sides are, and how long the last answer took.

const SIZE = 1024; // samples; 21 ms at 48 kHz
const PERIOD = 25; // ms
const AUDIBLE = 0.012; // root mean square at which sound counts as the agent's voice
const FLOOR = 0.006; // quietest that may count as a person's voice
const OVER_NOISE = 3.5; // times the room's own noise
const PAUSE = 400; // ms of the agent's silence that make the next sound an answer
const LONGEST = 20_000; // ms; after that it is no answer to what was said
const HEARD = 300; // ms after a person's last sound in which they still speak
const [QUIETEST, RANGE] = [-50, 34]; // dBFS that show as nothing, and dB above it that show as all there is
export const BANDS = 24;

/** One side's microphone or voice. */
class Meter {
  level = 0;
  peak = 0;
  noise = 0.004;
  lastSound = -Infinity; // ms, performance.now()
  #source = null;
  #analyser = null;
  #wave = new Float32Array(SIZE);
  #spectrum = new Uint8Array(SIZE / 2);

  use(context, track) {
    this.#source?.disconnect();
    this.#source = this.#analyser = null;
    this.level = 0;
    if (!track) return;
    this.#analyser = new AnalyserNode(context, { fftSize: SIZE, smoothingTimeConstant: 0.75, minDecibels: -90, maxDecibels: -25 });
    this.#source = context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(this.#analyser);
  }

  measure() {
    if (!this.#analyser) return 0;
    this.#analyser.getFloatTimeDomainData(this.#wave);
    let sum = 0;
    for (const sample of this.#wave) sum += sample * sample;
    const rms = Math.sqrt(sum / SIZE);
    this.level = rms;
    this.peak = Math.max(this.peak, rms);
    if (rms > 0) this.noise = rms < this.noise ? rms * 0.1 + this.noise * 0.9 : Math.min(0.05, this.noise * 1.002);
    return rms;
  }

  /** @returns {number} 0..1, even to the ear */
  get loudness() {
    return this.level > 0 ? Math.min(1, Math.max(0, (20 * Math.log10(this.level) - QUIETEST) / RANGE)) : 0;
  }

  /** @returns {Float32Array} BANDS loudnesses, 0..1, from about 90 Hz to 8 kHz on a logarithmic scale */
  bands(into) {
    if (!this.#analyser) return into.fill(0);
    this.#analyser.getByteFrequencyData(this.#spectrum);
    let from = 2;
    for (let band = 0; band < BANDS; band += 1) {
      const to = Math.max(from + 1, Math.round(2 * 85 ** ((band + 1) / BANDS)));
      let sum = 0;
      for (let bin = from; bin < to; bin += 1) sum += this.#spectrum[bin];
      into[band] = sum / (to - from) / 255;
      from = to;
    }
    return into;
  }
}

export class Levels {
  you = new Meter();
  agent = new Meter();
  #context = null;
  #timer = 0;
  #asked = null; // ms: when the person's words ended
  #onWait;
  #onLevel;

  /**
   * `onWait(seconds)` is told from the end of what a person said or typed to the first sound of the answer, `onLevel(0..1)` the
   * loudness of their microphone all the time.
   */
  constructor(onWait, onLevel) {
    this.#onWait = onWait;
    this.#onLevel = onLevel;
  }

  /** Whether the person speaks now. */
  get hearing() {
    return performance.now() - this.you.lastSound < HEARD;
  }

  /** Called within a click, so that the browser lets the audio context run. */
  wake() {
    this.#context ??= new AudioContext();
    if (this.#context.state === 'suspended') this.#context.resume();
  }

  use(side, track) {
    if (track) this.wake();
    this[side].use(this.#context, track);
    if (track && !this.#timer) this.#timer = setInterval(() => this.#tick(), PERIOD);
  }

  rest() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#asked = null;
    this.you.use(null, null);
    this.agent.use(null, null);
    this.#onLevel(0);
  }

  /** A person's words stand: their end is the last moment that their microphone heard a voice. */
  spoke() {
    if (Number.isFinite(this.you.lastSound)) this.#asked = this.you.lastSound;
  }

  typed() {
    this.#asked = performance.now();
  }

  #tick() {
    const now = performance.now();
    if (this.you.measure() > Math.max(FLOOR, this.you.noise * OVER_NOISE)) this.you.lastSound = now;
    this.#onLevel(this.you.loudness);
    if (document.hidden) this.#asked = null; // timers run once a second then, too coarse to measure
    if (this.agent.measure() <= AUDIBLE) return;
    const answer = now - this.agent.lastSound > PAUSE;
    this.agent.lastSound = now;
    if (!answer || this.#asked === null) return;
    const wait = now - this.#asked;
    this.#asked = null;
    if (wait > 0 && wait < LONGEST) this.#onWait(wait / 1000);
  }
}
