/** HTTP probes of the protected service, as its users would call it. No AWS API is involved. */
import type { Probe } from '../../lib/domain/model.ts';
import type { ProbeAnswer } from '../../lib/domain/verification/measure.ts';
import { nowMs } from './clock.ts';

/** One GET without following redirects. A probe that gets no answer is an answer too: it never throws. */
export async function askProbe({ url, expectStatus, timeoutMs }: Probe): Promise<ProbeAnswer> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  const startMs = nowMs();
  try {
    const response = await fetch(url, { redirect: 'manual', signal: controller.signal });
    const milliseconds = nowMs() - startMs;
    // The body is of no interest, but an unread one keeps its connection.
    await response.body?.cancel();
    return { url, expectStatus, status: response.status, milliseconds };
  } catch (error) {
    const problem = controller.signal.aborted ? `none within ${timeoutMs} ms` : reason(error);
    return { url, expectStatus, status: null, milliseconds: nowMs() - startMs, problem };
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch failed` says nothing; its cause does. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
