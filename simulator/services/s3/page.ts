import type { ListObjectsV2Output, ListObjectsV2Request } from '@aws-sdk/client-s3';
import type { StoredObject } from './bucket.ts';

/** One page of a listing: keys folded at the delimiter, continued after the token, which is the last name given. */
export function page(objects: readonly StoredObject[], input: ListObjectsV2Request): ListObjectsV2Output {
  const prefix = input.Prefix ?? '';
  const after = input.ContinuationToken === undefined ? input.StartAfter : decode(input.ContinuationToken);
  const limit = Math.min(input.MaxKeys ?? 1000, 1000);
  const contents: NonNullable<ListObjectsV2Output['Contents']> = [];
  const folders: string[] = [];
  let last: string | undefined;
  let truncated = false;
  for (const object of objects) {
    const name = fold(object.key, prefix, input.Delimiter);
    if ((after !== undefined && name <= after) || name === last) continue;
    if (contents.length + folders.length >= limit) {
      truncated = true;
      break;
    }
    last = name;
    if (name === object.key) contents.push(entry(object));
    else folders.push(name);
  }
  return {
    Name: input.Bucket,
    Prefix: prefix,
    KeyCount: contents.length + folders.length,
    MaxKeys: limit,
    IsTruncated: truncated,
    ...(input.Delimiter === undefined ? {} : { Delimiter: input.Delimiter }),
    ...(contents.length > 0 ? { Contents: contents } : {}),
    ...(folders.length > 0 ? { CommonPrefixes: folders.map((Prefix) => ({ Prefix })) } : {}),
    ...(truncated && last !== undefined ? { NextContinuationToken: encode(last) } : {}),
  };
}

const entry = (object: StoredObject) => ({
  Key: object.key,
  LastModified: new Date(object.lastModifiedMs),
  ETag: object.etag,
  Size: object.body.byteLength,
  StorageClass: 'STANDARD' as const,
});

/** The key, or its common prefix up to and with the first delimiter after `prefix`. */
function fold(key: string, prefix: string, delimiter: string | undefined): string {
  const end = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
  return end < 0 ? key : key.slice(0, end + (delimiter as string).length);
}

const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (token: string) => Buffer.from(token, 'base64').toString();
