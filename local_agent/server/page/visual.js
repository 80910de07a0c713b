// Both voices as one shape: the agent fills it, the person moves its outline.

import { BANDS } from './levels.js';

const POINTS = BANDS * 2; // the spectrum runs down one side and back up the other
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
    this.#colours = { accent: read('--accent'), soft: read('--accent-soft'), line: read('--line'), ink: read('--muted') };
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
    let moving = this.#ease(agent, this.#agent) + this.#ease(you, this.#you);
    const size = this.#canvas.width;
    const [pen, middle, radius] = [this.#pen, size / 2, size * 0.3];
    pen.clearRect(0, 0, size, size);
    this.#circle(middle, radius * 1.3, this.#colours.soft, 0.55);
    this.#blob(middle, radius * 0.92, radius * 0.5, this.#agent.shown);
    pen.fillStyle = this.#colours.accent;
    pen.fill();
    this.#blob(middle, radius * 1.3, radius * 0.32, this.#you.shown);
    pen.strokeStyle = this.#live ? this.#colours.accent : this.#colours.line;
    pen.lineWidth = Math.max(1.5, size / 160);
    pen.stroke();
    this.#canvas.dataset.agentPeak = agent.peak.toFixed(4);
    this.#canvas.dataset.youPeak = you.peak.toFixed(4);
    if (this.#live || moving > 0.01) this.#frame = requestAnimationFrame(() => this.#draw());
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

  #circle(middle, radius, colour, opacity) {
    this.#pen.globalAlpha = opacity;
    this.#pen.beginPath();
    this.#pen.arc(middle, middle, radius, 0, 2 * Math.PI);
    this.#pen.fillStyle = colour;
    this.#pen.fill();
    this.#pen.globalAlpha = 1;
  }

  #blob(middle, radius, swing, bands) {
    const points = [];
    for (let n = 0; n < POINTS; n += 1) {
      const band = n < BANDS ? n : POINTS - 1 - n;
      const near = (bands[Math.max(0, band - 1)] + bands[band] * 2 + bands[Math.min(BANDS - 1, band + 1)]) / 4;
      const angle = Math.PI / 2 + ((n + 0.5) / POINTS) * 2 * Math.PI;
      const reach = radius + swing * near ** 1.4;
      points.push([middle + Math.cos(angle) * reach, middle + Math.sin(angle) * reach]);
    }
    const half = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    this.#pen.beginPath();
    this.#pen.moveTo(...half(points[POINTS - 1], points[0]));
    points.forEach((point, n) => this.#pen.quadraticCurveTo(...point, ...half(point, points[(n + 1) % POINTS])));
    this.#pen.closePath();
  }
}
