import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { LiveRun } from '../../simulator/scenario/run.ts';
import type { StoredObject } from '../../simulator/services/s3.ts';

/** What lies in the deployed stack's own bucket, under a prefix. */
export function documentsOf({ account, stack }: LiveRun, prefix = ''): readonly StoredObject[] {
  return Object.values(stack.resources)
    .filter(({ type }) => type === 'AWS::S3::Bucket')
    .flatMap(({ physicalId }) => account.s3.list(physicalId, prefix));
}

/** Writes them below `directory` under their keys without the prefix. Returns the paths. */
export function writeDocuments(run: LiveRun, directory: string, prefix = ''): string[] {
  return documentsOf(run, prefix).map(({ key, body }) => {
    const path = join(directory, normalize(`/${key.slice(prefix.length)}`));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, body);
    return path;
  });
}
