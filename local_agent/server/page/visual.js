// Both sides as one round shape: the agent is the body, the person is the ring around it. Each state moves in its own way.

import { BANDS } from './levels.js';

const POINTS = 72; // of an outline; more look no rounder on 240 px
const WAVES = 4; // that the agent's voice puts on its outline, from 2 crests round it to 5
const SETTLE = 160; // ms: time constant in which one state becomes another
const RISE = 45; // ms: of loudness
const FALL = 220; // ms
const SHARPEST = 2; // canvas pixels a CSS pixel: more cost a phone its frames and show nothing
const TURN = 2 * Math.PI;
const CALM = matchMedia('(prefers-reduced-motion: reduce)');
const DARK = matchMedia('(prefers-color-scheme: dark)');
const COLOURS = ['accent', 'accent-light', 'you', 'still', 'still-light', 'paper'];

// Radii and widths in halves of the canvas, speeds in turns a second, the rest 0..1. size: of the body. breath: how much it
// swells. lobes: three soft crests that wander round it. voice: how much the agent's loudness moves it. ring: the person's.
// arc: how much of the ring is drawn; spin: its turning. dots: that wander round. grey: without colour. hollow: only an outline.
// glyph: what is drawn upon the body.
const REST = { size: 0.5, breath: 0, lobes: 0, voice: 0, ring: 0, arc: 1, spin: 0, dots: 0, grey: 0, hollow: 0 };
const STATES = {
  idle: { ...REST, size: 0.54 },
  connecting: { ...REST, size: 0.4, ring: 1, arc: 0.28, spin: 0.8 },
  waiting: { ...REST, size: 0.38, breath: 0.03, dots: 1 },
  listening: { ...REST, size: 0.5, breath: 0.018, ring: 1 },
  hearing: { ...REST, size: 0.44, ring: 1 },
  thinking: { ...REST, size: 0.46, lobes: 0.085 },
  speaking: { ...REST, size: 0.52, voice: 1, ring: 0.85 },
  typing: { ...REST, size: 0.48, breath: 0.012, glyph: 'typing' },
  muted: { ...REST, size: 0.46, grey: 1, glyph: 'muted' },
  gone: { ...REST, size: 0.44, breath: 0.03, grey: 1, hollow: 1, spin: 0.06 },
  over: { ...REST, size: 0.4, grey: 1, hollow: 1 },
};
const MOVING = ['connecting', 'waiting', 'listening', 'hearing', 'thinking', 'speaking', 'typing', 'gone'];

export class Visual {
  #canvas;
  #pen;
  #levels;
  #frame = 0;
  #state = 'idle';
  #shown = { ...STATES.idle };
  #last = 0; // ms, of the frame before
  #turned = 0; // turns, of what spins
  #agent = { raw: new Float32Array(BANDS), loud: 0, waves: new Float32Array(WAVES) };
  #you = 0;
  #colours = {};

  constructor(canvas, levels) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d');
    this.#levels = levels;
    this.recolour();
    DARK.addEventListener('change', () => this.recolour());
    CALM.addEventListener('change', () => this.#wake());
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  /** @param {keyof STATES} state Where a person speaks, `listening` becomes `hearing` by itself. */
  show(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#wake();
  }

  /** The page's colours are others now. */
  recolour() {
    const { style } = this.#canvas;
    for (const name of COLOURS) {
      style.color = `var(--${name})`;
      this.#colours[name] = getComputedStyle(this.#canvas).color;
    }
    style.color = '';
    this.#wake();
  }

  /** Draw the frame of a moment in ms. @returns {boolean} whether the next one would be the same */
  render(now) {
    const passed = Math.min(100, Math.max(0, now - this.#last));
    this.#last = now;
    const hears = this.#state === 'listening' && this.#levels.hearing && !CALM.matches;
    const state = hears ? 'hearing' : this.#state;
    const still = this.#ease(STATES[state], CALM.matches ? Infinity : passed);
    this.#paint(CALM.matches ? 0 : now / 1000, STATES[state].glyph);
    this.#canvas.dataset.motion = state;
    this.#canvas.dataset.agentPeak = this.#levels.agent.peak.toFixed(4);
    this.#canvas.dataset.youPeak = this.#levels.you.peak.toFixed(4);
    return still && (CALM.matches || !MOVING.includes(state));
  }

  #wake() {
    this.#frame ||= requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    this.#frame = 0;
    if (!this.render(now)) this.#wake();
  }

  #fit() {
    const size = Math.round(this.#canvas.clientWidth * Math.min(SHARPEST, devicePixelRatio));
    if (size && this.#canvas.width !== size) this.#canvas.width = this.#canvas.height = size;
    this.#wake();
  }

  /** Go towards a state and the loudnesses of now. @returns {boolean} whether it is there */
  #ease(wanted, passed) {
    const share = (constant) => (passed === Infinity ? 1 : 1 - Math.exp(-passed / constant));
    let apart = 0;
    for (const name of Object.keys(REST)) {
      apart = Math.max(apart, Math.abs(wanted[name] - this.#shown[name]));
      this.#shown[name] += (wanted[name] - this.#shown[name]) * share(SETTLE);
    }
    this.#turned = (this.#turned + (passed === Infinity ? 0 : (this.#shown.spin * passed) / 1000)) % 1;
    const towards = (from, to) => from + (to - from) * share(to > from ? RISE : FALL);
    const [you, agent] = passed === Infinity ? [0, 0] : [this.#levels.you.loudness, this.#levels.agent.loudness];
    this.#you = towards(this.#you, you);
    this.#agent.loud = towards(this.#agent.loud, agent);
    this.#levels.agent.bands(this.#agent.raw);
    const width = BANDS / WAVES / 1.5; // the upper third of a voice's bands is nearly silent
    for (let wave = 0; wave < WAVES; wave += 1) {
      let sum = 0;
      for (let band = Math.floor(wave * width); band < (wave + 1) * width; band += 1) sum += this.#agent.raw[band] / width;
      this.#agent.waves[wave] = towards(this.#agent.waves[wave], agent ? sum : 0);
    }
    return apart < 0.002 && this.#you < 0.01 && this.#agent.loud < 0.01;
  }

  #paint(seconds, glyph) {
    const [pen, half, shown] = [this.#pen, this.#canvas.width / 2, this.#shown];
    pen.setTransform(half, 0, 0, half, half, half);
    pen.clearRect(-1, -1, 2, 2);
    pen.lineCap = 'round';
    const size = shown.size * (1 + shown.breath * Math.sin(seconds * 1.7) + 0.1 * shown.voice * this.#agent.loud);
    this.#ripples(seconds, size);
    this.#ring(seconds);
    this.#dots(seconds);
    this.#body(seconds, size);
    if (glyph === 'muted') this.#slashed(size);
    if (glyph === 'typing') this.#typing(seconds, size);
    pen.globalAlpha = 1;
  }

  /** Circles that go out from a voice. */
  #ripples(seconds, size) {
    const [pen, loud] = [this.#pen, this.#agent.loud * this.#shown.voice];
    if (loud < 0.02) return;
    pen.strokeStyle = this.#colours.accent;
    for (let n = 0; n < 3; n += 1) {
      const way = (seconds / 2.4 + n / 3) % 1;
      pen.globalAlpha = 0.5 * loud * (1 - way) * Math.min(1, way * 6);
      pen.lineWidth = 0.012;
      pen.beginPath();
      pen.arc(0, 0, size + (0.97 - size) * way, 0, TURN);
      pen.stroke();
    }
  }

  /** The person: thin while they are silent, wide and thick while they speak. */
  #ring(seconds) {
    const [pen, shown] = [this.#pen, this.#shown];
    if (shown.ring < 0.02) return;
    pen.globalAlpha = Math.min(1, shown.ring);
    pen.strokeStyle = this.#colours.you;
    pen.lineWidth = 0.026 + 0.075 * this.#you;
    const [radius, swing, from] = [0.66 + 0.2 * this.#you, 0.035 * this.#you, this.#turned * TURN - TURN / 4];
    const whole = shown.arc > 0.98;
    pen.beginPath();
    for (let n = 0; n <= POINTS; n += 1) {
      const angle = from + (n / POINTS) * TURN * (whole ? 1 : shown.arc);
      const reach = radius + swing * (Math.sin(3 * angle + seconds * 2.6) + Math.sin(5 * angle - seconds * 3.4)) * 0.5;
      pen.lineTo(Math.cos(angle) * reach, Math.sin(angle) * reach);
    }
    if (whole) pen.closePath();
    pen.stroke();
  }

  #dots(seconds) {
    const [pen, count] = [this.#pen, 12];
    if (this.#shown.dots < 0.02) return;
    pen.fillStyle = this.#colours.accent;
    for (let n = 0; n < count; n += 1) {
      const behind = (((seconds * 0.35 - n / count) % 1) + 1) % 1;
      pen.globalAlpha = this.#shown.dots * (0.25 + 0.75 * (1 - behind) ** 2);
      pen.beginPath();
      pen.arc(0.66 * Math.cos((n / count) * TURN), 0.66 * Math.sin((n / count) * TURN), 0.034, 0, TURN);
      pen.fill();
    }
  }

  #body(seconds, size) {
    const [pen, { grey, hollow, lobes, voice }] = [this.#pen, this.#shown];
    pen.beginPath();
    for (let n = 0; n < POINTS; n += 1) {
      const angle = (n / POINTS) * TURN;
      let swell = lobes * Math.cos(3 * angle - seconds * 2.2) + 0.3 * lobes * Math.cos(2 * angle + seconds * 1.5);
      for (let wave = 0; wave < WAVES; wave += 1) {
        const way = wave % 2 ? 1 : -1;
        swell += voice * (0.075 / (1 + 0.4 * wave)) * this.#agent.waves[wave] * Math.cos((wave + 2) * angle + way * seconds * (1.6 + 0.5 * wave));
      }
      pen.lineTo(Math.cos(angle) * size * (1 + swell), Math.sin(angle) * size * (1 + swell));
    }
    pen.closePath();
    const turn = seconds * 0.9 * Math.min(1, lobes * 12);
    pen.globalAlpha = 1 - hollow;
    this.#fill(size, turn, this.#colours['accent-light'], this.#colours.accent);
    pen.globalAlpha = (1 - hollow) * grey;
    if (grey > 0.01) this.#fill(size, turn, this.#colours['still-light'], this.#colours.still);
    if (hollow < 0.01) return;
    const beat = this.#shown.breath ? 0.75 + 0.25 * Math.sin(seconds * 1.7) : 1;
    pen.globalAlpha = hollow * beat;
    pen.strokeStyle = this.#colours.still;
    pen.lineWidth = 0.03;
    pen.setLineDash(this.#shown.spin > 0.001 ? [0.14, 0.12] : []);
    pen.lineDashOffset = -this.#turned * 0.26 * 12;
    pen.stroke();
    pen.setLineDash([]);
  }

  #fill(size, turn, light, dark) {
    const [x, y] = [-0.42 * size * Math.cos(turn), -0.42 * size * Math.cos(turn - 0.6)];
    const glow = this.#pen.createRadialGradient(x, y, size * 0.08, 0, 0, size * 1.25);
    glow.addColorStop(0, light);
    glow.addColorStop(1, dark);
    this.#pen.fillStyle = glow;
    this.#pen.fill();
  }

  /** A microphone, struck through. */
  #slashed(size) {
    const [pen, unit] = [this.#pen, size * 0.5];
    pen.globalAlpha = this.#shown.grey;
    pen.strokeStyle = this.#colours.paper;
    pen.lineWidth = unit * 0.17;
    pen.beginPath();
    pen.roundRect(-unit * 0.28, -unit * 0.85, unit * 0.56, unit, unit * 0.28);
    pen.moveTo(unit * 0.6, -unit * 0.15);
    pen.arc(0, -unit * 0.15, unit * 0.6, 0, Math.PI);
    pen.moveTo(0, unit * 0.45);
    pen.lineTo(0, unit * 0.8);
    pen.moveTo(-unit * 0.75, -unit * 0.85);
    pen.lineTo(unit * 0.75, unit * 0.75);
    pen.stroke();
  }

  #typing(seconds, size) {
    const pen = this.#pen;
    pen.fillStyle = this.#colours.paper;
    for (let n = 0; n < 3; n += 1) {
      pen.globalAlpha = seconds ? 0.65 + 0.35 * Math.sin(seconds * 2.4 - n * 0.9) : 1;
      pen.beginPath();
      pen.arc((n - 1) * size * 0.42, 0, size * 0.12, 0, TURN);
      pen.fill();
    }
  }
}
