import type { TrafficMinute } from './facts.ts';
import type { Style } from './style.ts';
import { clockTime, count } from './text.ts';

const barWidth = 24;

export const trafficHeading = ({ dim }: Style): string =>
  dim('minute    requests   errors   error rate                                p95');

/** One minute of traffic in 80 columns; the bar is the share of requests that failed. */
export function trafficRow({ timeMs, requests, errors, p95Ms }: TrafficMinute, style: Style): string {
  const time = clockTime(timeMs).slice(0, 5);
  if (requests === null || errors === null) return `${time}     ${style.dim('no requests')}`;
  const rate = requests > 0 ? errors / requests : 0;
  const filled = rate > 0 ? Math.max(1, Math.round(rate * barWidth)) : 0;
  const bar = style.full.repeat(filled) + style.empty.repeat(barWidth - filled);
  const paint = rate >= 0.05 ? style.red : rate >= 0.01 ? style.yellow : style.green;
  const p95 = p95Ms === null ? '-' : `${count(p95Ms)} ms`;
  const percent = `${(rate * 100).toFixed(1)} %`;
  return `${time}  ${count(requests).padStart(10)} ${count(errors).padStart(8)}   ${percent.padStart(7)}  ${paint(bar)}  ${p95.padStart(9)}`;
}
