/**
 * How fast a fleet can be put back on another task definition at best, from how it is configured and how long its tasks
 * take: in waves, as minimumHealthyPercent and maximumPercent allow. Not a simulation of ECS but an upper bound on it; the
 * simulated scheduler is never asked.
 */
export interface Fleet {
  readonly tasks: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** From the decision to start a task until it runs. */
  readonly startSeconds: number;
  /** From running until its health check would pass. */
  readonly warmUpSeconds: number;
  readonly graceSeconds: number;
  readonly checkIntervalSeconds: number;
  /** How long a target that leaves may finish its requests. */
  readonly drainSeconds: number;
  /** From SIGTERM to stopped. */
  readonly stopSeconds: number;
}

/** ECS looks at a service about a second after something changed. */
const reactionSeconds = 1;

/** Seconds from the update until only new tasks are left, all of them healthy. */
export function boundSeconds(fleet: Fleet): number {
  const atLeast = Math.ceil((fleet.tasks * fleet.minimumHealthyPercent) / 100);
  const atMost = Math.floor((fleet.tasks * fleet.maximumPercent) / 100);
  let [elapsed, fresh, old, lastStop] = [0, 0, fleet.tasks, 0];
  while (fresh < fleet.tasks || old > 0) {
    elapsed += reactionSeconds;
    const stopped = Math.min(old, Math.max(0, old + fresh - atLeast));
    if (stopped > 0) lastStop = elapsed;
    old -= stopped;
    const started = Math.min(fleet.tasks - fresh, Math.max(0, atMost - old - fresh));
    if (stopped + started === 0) throw new Error('This fleet may neither start nor stop a task: it never gets there.');
    fresh += started;
    // Whoever becomes healthy makes room at once, so the waves follow each other task by task; only the last is waited for.
    if (started > 0) elapsed += fleet.startSeconds + healthSeconds(fleet, fresh < fleet.tasks ? 1 : started);
  }
  return Math.max(elapsed, lastStop + fleet.drainSeconds + fleet.stopSeconds);
}

/**
 * Until the last of so many new targets is healthy. The first passed check is enough for a new target, and each target is
 * checked at a moment of its own in the interval: of n of them the last is due after n / (n + 1) of it, on average.
 */
function healthSeconds({ warmUpSeconds, checkIntervalSeconds }: Fleet, targets: number): number {
  return warmUpSeconds + (checkIntervalSeconds * targets) / (targets + 1);
}
