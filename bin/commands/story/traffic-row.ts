import type { TrafficMinute } from './facts.ts';
import type { Style } from './style.ts';
import { clockTime, count } from './text.ts';

const barWidth = 10;
/** Share of failed requests that fills the bar. */
const fullAt = 0.5;

/** One minute of traffic in 80 columns. */
export function trafficRow({ minuteMs, requests, errors, p95Ms }: TrafficMinute, style: Style): string {
  const minute = `        ${clockTime(minuteMs).slice(0, 5)}-${clockTime(minuteMs + 60_000).slice(0, 5)}`;
  if (requests === null || errors === null) return `${minute}  ${style.dim('no requests')}`;
  const rate = requests > 0 ? errors / requests : 0;
  const filled = Math.min(barWidth, Math.max(0, Math.ceil((rate / fullAt) * barWidth - 0.1)));
  const bar = style.full.repeat(filled) + style.empty.repeat(barWidth - filled);
  const paint = rate >= 0.05 ? style.red : rate >= 0.01 ? style.yellow : style.green;
  const p95 = p95Ms === null ? '' : `  p95 ${count(p95Ms).padStart(5)} ms`;
  const percent = (rate * 100).toFixed(1).padStart(5);
  return `${minute} ${count(requests).padStart(8)} requests  ${paint(`${percent} % failed  ${bar}`)}${p95}`;
}
