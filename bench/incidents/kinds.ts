/** Incidents with a known cause, by kind: what happens, and what would be right. */
import type { Random } from '../../simulator/random.ts';
import type { Published, ServiceMinute, SideMinute } from './metrics.ts';

/** What a start comes to at most, over the whole incident. */
export type Answer = 'rolled back' | 'asked a person' | 'nothing';

export interface Incident {
  readonly sides: 1 | 2;
  /** Minutes from the beginning at which a release began, on the last side; undefined where there was none lately. */
  readonly releasedAt?: number;
  /** When the trouble begins, for the time to the decision. */
  readonly troubleAt: number;
  readonly published?: Published;
  readonly minute: (at: number) => ServiceMinute;
  /** Other services of the environment that the trouble hits as well. */
  readonly others?: Others;
}

export interface Others {
  readonly alarming: number;
  /** How many of them have released. */
  readonly released: number;
  /**
   * CloudWatch looks at each alarm at a second of its own. So much of a minute lies between the first of these alarms and
   * this service's first one; the others are spread over that minute.
   */
  readonly ahead: number;
  /** Share of their requests that fails, from and to; 0.06 to 0.8 where absent. */
  readonly errorRate?: readonly [from: number, to: number];
  /** Minutes that it takes until the trouble reaches them, from and to; up to one where absent. */
  readonly delay?: readonly [from: number, to: number];
  /** Chance that one has a trouble of its own in these very minutes; where absent, few have one, at any time. */
  readonly troubledThemselves?: number;
}

export interface Kind {
  readonly name: string;
  /** True where a release is the cause: then nothing at all is a miss. False: then a rollback is a false one. */
  readonly release: boolean;
  readonly draw: (random: Random) => Incident;
}

/** Minutes of an incident; the release, where there is one, begins at this minute or near it. */
export const length = 75;
const releaseMinute = 25;
/** Services of the environment. */
export const environmentSize = 6;

export const kinds: readonly Kind[] = [
  {
    name: 'bad release: errors, 6 to 60 %',
    release: true,
    draw: (random) => released(random, 1, { errorRate: between(random, 0.06, 0.6) }),
  },
  {
    name: 'bad release: p95 4 to 8 times as long',
    release: true,
    draw: (random) => released(random, 1, { slower: between(random, 4, 8) }),
  },
  {
    // The runbook's own trigger asks for three times as long: this is what its author gave away.
    name: 'bad release: p95 1.5 to 3 times as long',
    release: true,
    draw: (random) => released(random, 1, { slower: between(random, 1.5, 3) }),
  },
  {
    name: 'bad release: crashes, nothing serves',
    release: true,
    draw: (random) => released(random, 1, { healthyHosts: 0 }),
  },
  {
    name: 'bad release on one of two serving sides',
    release: true,
    draw: (random) => released(random, 2, { errorRate: between(random, 0.06, 0.6) }, between(random, 0.1, 0.9)),
  },
  {
    name: 'bad release during an outage of everybody',
    release: true,
    // The release is bad on its own account, and somebody else's outage hides it: on two sides the difference shows.
    draw: (random) => ({
      ...released(random, 2, { errorRate: between(random, 0.5, 0.9) }, between(random, 0.3, 0.7), 0.12),
      others: { alarming: environmentSize - 1, released: 0, ahead: random.next() },
    }),
  },
  {
    // They fail with it, and have released nothing: what tells it from an outage is when it began.
    name: 'bad release of what all others call',
    release: true,
    draw: (random) => ({
      ...released(random, 1, { errorRate: between(random, 0.2, 0.9) }),
      others: {
        alarming: environmentSize - 1,
        released: random.integer(2),
        ahead: random.next(),
        errorRate: [0.1, 0.6],
        delay: [0.5, 4],
      },
    }),
  },
  {
    name: 'bad release, others in troubles of theirs',
    release: true,
    draw: (random) => ({
      ...released(random, 1, { errorRate: between(random, 0.06, 0.6) }),
      others: { alarming: 0, released: 0, ahead: 0, troubledThemselves: 0.4 },
    }),
  },
  {
    name: 'no release: traffic 3 to 8 times as much',
    release: false,
    draw: (random) => spike(random, undefined),
  },
  {
    name: 'good release, then traffic 3 to 8 times',
    release: false,
    draw: (random) => spike(random, releaseMinute - between(random, 5, 20)),
  },
  {
    name: 'dependency of all fails, no release',
    release: false,
    draw: (random) => ({
      ...failing(random, 1, between(random, 0.1, 0.8), undefined),
      others: { alarming: environmentSize - 1, released: random.integer(2), ahead: random.next() },
    }),
  },
  {
    name: 'dependency of all fails after a good release',
    release: false,
    draw: (random) => ({
      ...failing(random, 1, between(random, 0.1, 0.8), before(random)),
      others: { alarming: environmentSize - 1, released: random.integer(2), ahead: random.next() },
    }),
  },
  {
    // Fewer than nearly all: whether it is the release then stays open, and nothing more is known.
    name: 'dependency of some fails after a good release',
    release: false,
    draw: (random) => ({
      ...failing(random, 1, between(random, 0.1, 0.8), before(random)),
      others: { alarming: 1 + random.integer(environmentSize - 2), released: random.integer(2), ahead: random.next() },
    }),
  },
  {
    name: 'own dependency fails, no release',
    release: false,
    draw: (random) => failing(random, 1, between(random, 0.1, 0.8), undefined),
  },
  {
    name: 'own dependency fails after a good release',
    release: false,
    draw: (random) => failing(random, 1, between(random, 0.1, 0.8), before(random)),
  },
  {
    name: 'the same, while both sides serve',
    release: false,
    draw: (random) => failing(random, 2, between(random, 0.1, 0.8), before(random), between(random, 0.1, 0.9)),
  },
  {
    name: 'trouble first, then a good release',
    release: false,
    draw: (random) => ({
      ...failing(random, 1, between(random, 0.1, 0.5), undefined),
      releasedAt: releaseMinute + between(random, 4, 15),
    }),
  },
  {
    name: 'good release among blips of one minute',
    release: false,
    draw: (random) => blips(random, 1),
  },
  {
    // As long as the runbook's availability trigger takes for an outage.
    name: 'good release among blips of two minutes',
    release: false,
    draw: (random) => blips(random, 2),
  },
  {
    name: 'good release, low traffic, some fail',
    release: false,
    draw: (random) => {
      const calm = usual(random);
      const errorRate = between(random, 0, 0.4);
      const requestsPerMinute = between(random, 0.5, 15);
      return {
        ...calm,
        releasedAt: releaseMinute,
        troubleAt: releaseMinute,
        minute: (at) => ({ requestsPerMinute, sides: [{ ...calm.side, ...(at > releaseMinute && { errorRate }) }] }),
      };
    },
  },
  {
    name: 'good release, and all is well',
    release: false,
    draw: (random) => released(random, 1, {}),
  },
];

// ---------------------------------------------------------------- pieces

const between = (random: Random, from: number, to: number): number => from + random.next() * (to - from);
const chance = (random: Random, share: number): boolean => random.next() < share;
/** A release that cannot have done it, for all that it was there shortly before. */
const before = (random: Random): number => releaseMinute - between(random, 3, 24);

/** A service as it is on a good day: 60 to 6,000 requests a minute, few errors; a baseline where one was learnt. */
function usual(random: Random) {
  const requestsPerMinute = 10 ** between(random, 1.8, 3.8);
  const errorRate = between(random, 0, 0.006);
  const p95Ms = between(random, 80, 350);
  const side: SideMinute = { share: 1, errorRate, p95Ms, healthyHosts: 3 };
  const published = { errorRatePercent: Math.max(0.0001, 100 * errorRate), p95ResponseTimeMs: p95Ms };
  return { requestsPerMinute, side, sides: 1 as const, ...(chance(random, 0.7) && { published }) };
}

/** A release in which the new tasks do this; on two sides the new one gets its share of the requests at once. */
function released(
  random: Random,
  sides: 1 | 2,
  does: { readonly errorRate?: number; readonly slower?: number; readonly healthyHosts?: number },
  newShare = 1,
  outside = 0,
): Incident {
  const { requestsPerMinute, side, published } = usual(random);
  const bad: SideMinute = {
    ...side,
    errorRate: does.errorRate ?? side.errorRate,
    p95Ms: side.p95Ms * (does.slower ?? 1),
    healthyHosts: does.healthyHosts ?? side.healthyHosts,
  };
  const rolloutMinutes = between(random, 1, 4);
  return {
    sides,
    ...(published && { published }),
    releasedAt: releaseMinute,
    troubleAt: releaseMinute,
    minute: (at) => {
      const done = Math.min(1, Math.max(0, (at - releaseMinute) / rolloutMinutes));
      const outer = at >= releaseMinute ? outside : 0;
      if (sides === 2) {
        const share = at < releaseMinute ? 0 : newShare;
        const old = { ...side, share: 1 - share, errorRate: Math.min(1, side.errorRate + outer) };
        return { requestsPerMinute, sides: [old, { ...bad, share, errorRate: Math.min(1, bad.errorRate + outer) }] };
      }
      const mixed = (from: number, to: number): number => from + (to - from) * done;
      const hosts = bad.healthyHosts === 0 && done < 1 ? 1 : bad.healthyHosts;
      return {
        requestsPerMinute,
        sides: [
          {
            ...side,
            errorRate: mixed(side.errorRate, bad.errorRate),
            p95Ms: mixed(side.p95Ms, bad.p95Ms),
            healthyHosts: hosts,
          },
        ],
      };
    },
  };
}

/** Something behind the service fails at the release's minute, whatever is released. */
function failing(
  random: Random,
  sides: 1 | 2,
  errorRate: number,
  releasedAt: number | undefined,
  newShare = 0.5,
): Incident {
  const { requestsPerMinute, side, published } = usual(random);
  const slower = between(random, 1, 4);
  return {
    sides,
    ...(published && { published }),
    ...(releasedAt !== undefined && { releasedAt }),
    troubleAt: releaseMinute,
    minute: (at) => {
      const sick = at >= releaseMinute;
      const state = { ...side, ...(sick && { errorRate, p95Ms: side.p95Ms * slower }) };
      if (sides === 1) return { requestsPerMinute, sides: [state] };
      const share = releasedAt !== undefined && at >= releasedAt ? newShare : 0;
      return {
        requestsPerMinute,
        sides: [
          { ...state, share: 1 - share },
          { ...state, share },
        ],
      };
    },
  };
}

/** More requests than the service was made for: some fail and all are slower, until it has scaled out. */
function spike(random: Random, releasedAt: number | undefined): Incident {
  const { requestsPerMinute, side, published } = usual(random);
  const [more, lasts] = [between(random, 3, 8), between(random, 4, 20)];
  const overload = { errorRate: side.errorRate + between(random, 0, 0.12), p95Ms: side.p95Ms * between(random, 1, 4) };
  return {
    sides: 1,
    ...(published && { published }),
    ...(releasedAt !== undefined && { releasedAt }),
    troubleAt: releaseMinute,
    minute: (at) => {
      const high = at >= releaseMinute && at < releaseMinute + lasts;
      return { requestsPerMinute: requestsPerMinute * (high ? more : 1), sides: [{ ...side, ...(high && overload) }] };
    },
  };
}

/** So many minutes of errors every ten minutes or so, before the release as after it. */
function blips(random: Random, minutes: number): Incident {
  const { requestsPerMinute, side, published } = usual(random);
  const bad = new Map<number, number>();
  for (let first = random.integer(12); first < length; first += 7 + random.integer(7)) {
    const errorRate = between(random, 0.05, 0.4);
    for (let minute = 0; minute < minutes; minute += 1) bad.set(first + minute, errorRate);
  }
  return {
    sides: 1,
    ...(published && { published }),
    releasedAt: releaseMinute,
    troubleAt: releaseMinute,
    minute: (at) => ({ requestsPerMinute, sides: [{ ...side, errorRate: bad.get(at) ?? side.errorRate }] }),
  };
}
