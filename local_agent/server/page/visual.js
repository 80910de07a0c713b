// Both voices as one shape: the agent fills it, the person moves its outline.

import { BANDS } from './levels.js';

const GROUPS = 6; // neighbouring bands moved together
const PETALS = 10; // the spectrum runs round this many times, forth and back, so that no side is heavier
const POINTS = GROUPS * PETALS;
const BREATH = 3600; // ms
const ROUND = 48_000; // ms for one slow turn
const CALM = matchMedia('(prefers-reduced-motion: reduce)');
const DARK = matchMedia('(prefers-color-scheme: dark)');

export class Visual {
  #canvas;
  #pen;
  #levels;
  #frame = 0;
  #live = false;
  #agent = { raw: new Float32Array(BANDS), shown: new Float32Array(BANDS) };
  #you = { raw: new Float32Array(BANDS), shown: new Float32Array(BANDS) };
  #colours = {};

  constructor(canvas, levels) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d');
    this.#levels = levels;
    this.#readColours();
    DARK.addEventListener('change', () => this.#readColours());
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  start() {
    this.#live = true;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  stop() {
    this.#live = false;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #readColours() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    this.#colours = { accent: read('--accent'), light: read('--accent-light'), soft: read('--accent-soft') };
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #fit() {
    const size = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (size && this.#canvas.width !== size) this.#canvas.width = this.#canvas.height = size;
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const { agent, you } = this.#levels;
    const moving = this.#ease(agent, this.#agent) + this.#ease(you, this.#you);
    const size = this.#canvas.width;
    const [pen, middle] = [this.#pen, size / 2];
    const circle = (period) => (this.#live && !CALM.matches ? (performance.now() / period) * 2 * Math.PI : 0);
    const breath = 0.012 * Math.sin(circle(BREATH));
    const radius = size * (0.3 + breath);
    pen.clearRect(0, 0, size, size);
    this.#blob(middle, radius * 1.26, radius * 0.42, this.#you.shown, -circle(ROUND));
    pen.globalAlpha = this.#live ? 1 : 0.85;
    pen.fillStyle = this.#colours.soft;
    pen.fill();
    this.#blob(middle, radius * 0.86, radius * 0.62, this.#agent.shown, circle(ROUND));
    pen.fillStyle = this.#glow(middle, radius);
    pen.fill();
    pen.globalAlpha = 1;
    this.#canvas.dataset.agentPeak = agent.peak.toFixed(4);
    this.#canvas.dataset.youPeak = you.peak.toFixed(4);
    if (this.#live || moving > 0.01) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #glow(middle, radius) {
    const from = middle - radius * 0.45;
    const glow = this.#pen.createRadialGradient(from, from, radius * 0.1, middle, middle, radius * 1.3);
    glow.addColorStop(0, this.#colours.light);
    glow.addColorStop(1, this.#colours.accent);
    return glow;
  }

  /** Rise fast, fall slowly; all bands move as one where motion is not wanted. @returns {number} how much is still shown */
  #ease(meter, side) {
    meter.bands(side.raw);
    if (CALM.matches) side.raw.fill(side.raw.reduce((sum, one) => sum + one, 0) / BANDS);
    const [rise, fall] = CALM.matches ? [0.04, 0.03] : [0.45, 0.12];
    let total = 0;
    for (let band = 0; band < BANDS; band += 1) {
      const step = side.raw[band] > side.shown[band] ? rise : fall;
      side.shown[band] += (side.raw[band] - side.shown[band]) * step;
      total += side.shown[band];
    }
    return total;
  }

  /** A closed, smooth outline; turned by `turn` radians. */
  #blob(middle, radius, swing, bands, turn) {
    const points = [];
    const width = BANDS / GROUPS;
    for (let n = 0; n < POINTS; n += 1) {
      const step = n % (2 * GROUPS);
      const group = step < GROUPS ? step : 2 * GROUPS - 1 - step;
      let loud = 0;
      for (let band = group * width; band < (group + 1) * width; band += 1) loud += bands[band] / width;
      const angle = turn + (n / POINTS) * 2 * Math.PI;
      const reach = radius + swing * loud ** 1.3;
      points.push([middle + Math.cos(angle) * reach, middle + Math.sin(angle) * reach]);
    }
    const half = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    this.#pen.beginPath();
    this.#pen.moveTo(...half(points[POINTS - 1], points[0]));
    points.forEach((point, n) => this.#pen.quadraticCurveTo(...point, ...half(point, points[(n + 1) % POINTS])));
    this.#pen.closePath();
  }
}
