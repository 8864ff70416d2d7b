import { describe, expect, test } from 'vitest';
import {
  asksForKept,
  type Found,
  type ImageFacts,
  judgeImage,
  pinned,
  placeOf,
  recordedImages,
} from '../../lib/domain/images.ts';

const a = `sha256:${'a'.repeat(64)}`;
const b = `sha256:${'b'.repeat(64)}`;
const repository = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/checkout';
const image = `${repository}:v1`;
const found = (digest: string, status = 'ACTIVE'): Found => ({ kind: 'image', digest, status });
const gone: Found = { kind: 'gone', why: 'It does not exist.' };
const unknown: Found = { kind: 'unknown', why: 'AccessDeniedException: no.' };

describe('where an image lies', () => {
  const ecr = { account: '111122223333', region: 'eu-west-1', repository: 'shop/checkout' };
  test.each([
    [image, { name: repository, tag: 'v1', ecr }],
    [repository, { name: repository, tag: 'latest', ecr }],
    [`${repository}@${a}`, { name: repository, digest: a, ecr }],
    [`${image}@${a}`, { name: repository, tag: 'v1', digest: a, ecr }],
    [
      '111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/x:1',
      { ecr: { account: '111122223333', region: 'us-gov-west-1', repository: 'x' } },
    ],
    [
      '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/x:1',
      { ecr: { account: '111122223333', region: 'cn-north-1', repository: 'x' } },
    ],
    [
      '111122223333.dkr-ecr.eu-west-1.on.aws/x:1',
      { ecr: { account: '111122223333', region: 'eu-west-1', repository: 'x' } },
    ],
    ['redis:7', { name: 'redis', tag: '7', registry: 'docker.io' }],
    ['shop/checkout', { name: 'shop/checkout', tag: 'latest', registry: 'docker.io' }],
    ['ghcr.io/shop/checkout:v1', { name: 'ghcr.io/shop/checkout', tag: 'v1', registry: 'ghcr.io' }],
    ['localhost:5000/checkout', { name: 'localhost:5000/checkout', tag: 'latest', registry: 'localhost:5000' }],
    ['public.ecr.aws/nginx/nginx:1', { tag: '1', registry: 'public.ecr.aws' }],
  ])('%s', (name, expected) => {
    expect(placeOf(name)).toMatchObject(expected);
    expect(placeOf(name).ecr !== undefined).toBe('ecr' in expected);
  });

  test('a host that only looks like ECR is none', () => {
    expect(placeOf('111122223333.dkr.ecr.eu-west-1.amazonaws.com.example.org/x').ecr).toBeUndefined();
    expect(placeOf('11.dkr.ecr.eu-west-1.amazonaws.com/x').ecr).toBeUndefined();
  });

  test('pinned loses its tag', () => expect(pinned(image, a)).toBe(`${repository}@${a}`));
});

describe('what an image means', () => {
  const of = (more: Partial<ImageFacts>): ImageFacts => ({ container: 'app', image, ...more });
  test.each<[string, ImageFacts, string, string | undefined, RegExp]>([
    ['the tag is what ran', of({ recorded: a, now: found(a) }), 'there', undefined, /v1, sha256:a{12}\.$/],
    [
      'the tag moved',
      of({ recorded: a, now: found(b), kept: found(a) }),
      'moved',
      `${repository}@${a}`,
      /tag v1 is sha256:b{12} now, and the release ran sha256:a{12}\.$/,
    ],
    [
      'the tag is gone and its image is not',
      of({ recorded: a, now: gone, kept: found(a) }),
      'moved',
      `${repository}@${a}`,
      /tag v1 is gone, and the release ran sha256:a{12}\.$/,
    ],
    [
      'the tag moved and what ran is gone',
      of({ recorded: a, now: found(b), kept: gone }),
      'gone',
      undefined,
      /which is gone: It does not exist\.$/,
    ],
    [
      'the tag moved and what ran is archived',
      of({ recorded: a, now: found(b), kept: found(a, 'ARCHIVED') }),
      'gone',
      undefined,
      /ARCHIVED.*restore it in ECR first/,
    ],
    [
      'the tag moved and nobody may ask for what ran',
      of({ recorded: a, now: found(b), kept: unknown }),
      'not checked',
      `${repository}@${a}`,
      /AccessDenied/,
    ],
    ['what ran is archived', of({ recorded: a, now: found(a, 'ARCHIVED') }), 'gone', undefined, /ARCHIVED/],
    [
      'what ran is being restored',
      of({ recorded: a, now: found(a, 'ACTIVATING') }),
      'gone',
      undefined,
      /no task can pull it yet/,
    ],
    ['nothing is recorded', of({ now: found(b) }), 'not recorded', undefined, /no digest is recorded/],
    ['nothing is recorded and the tag is gone', of({ now: gone }), 'gone', undefined, /is gone/],
    ['nobody may ask', of({ recorded: a, now: unknown }), 'not checked', undefined, /AccessDenied/],
    [
      'another registry',
      { container: 'app', image: 'redis:7', recorded: a },
      'not checked',
      undefined,
      /only Amazon ECR is asked, not docker.io/,
    ],
    [
      'a digest that is there',
      of({ image: `${repository}@${a}`, recorded: a, now: found(a) }),
      'there',
      undefined,
      /sha256:a{12}\.$/,
    ],
    [
      'a digest that is gone',
      of({ image: `${repository}@${a}`, recorded: a, now: gone }),
      'gone',
      undefined,
      /is gone/,
    ],
  ])('%s', (_name, facts, kind, pin, evidence) => {
    const verdict = judgeImage(facts);
    expect(verdict.kind).toBe(kind);
    expect(verdict.pin).toBe(pin);
    expect(verdict.evidence).toMatch(evidence);
  });

  test('the recorded image is asked for only where the tag does not stand for it', () => {
    expect(asksForKept(of({ recorded: a, now: found(a) }))).toBe(false);
    expect(asksForKept(of({ now: found(a) }))).toBe(false);
    expect(asksForKept(of({ recorded: a, now: unknown }))).toBe(false);
    expect(asksForKept(of({ image: `${repository}@${a}`, recorded: a, now: gone }))).toBe(false);
    expect(asksForKept(of({ recorded: a, now: found(b) }))).toBe(true);
    expect(asksForKept(of({ recorded: a, now: gone }))).toBe(true);
  });

  test('a digest in the definition counts before what the ledger has', () => {
    const inDefinition = [
      { container: 'app', image: `${repository}@${a}`, digest: a },
      { container: 'side', image: 'x:1' },
    ];
    const ran = [
      { container: 'app', image, digest: b },
      { container: 'gone', image: 'y', digest: b },
    ];
    expect(recordedImages(inDefinition, ran)).toEqual([
      { container: 'app', image: `${repository}@${a}`, recorded: a },
      { container: 'side', image: 'x:1' },
    ]);
  });
});
