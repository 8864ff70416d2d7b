/**
 * Whether a file of environment variables is there. HeadObject would take the permission to read it, so its name is
 * looked for instead: the role may list one name at a time, and only such as end like these files.
 *
 * Calls: s3:ListBucket
 */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { quickOptions } from './client.ts';
import { type Answer, gone, named, notChecked, unread } from './need-answers.ts';

const s3 = new S3Client(quickOptions);

/** @param arn `arn:aws:s3:::bucket/path/name.env` */
export async function readEnvironmentFile(arn: string): Promise<Answer> {
  const [, Bucket, Prefix] = /^arn:[\w-]+:s3:::([^/]+)\/(.+)$/.exec(arn) ?? [];
  if (Bucket === undefined || Prefix === undefined) return notChecked('It is not the ARN of an object in S3.');
  try {
    // Sorted by key, so the object that is called exactly so comes first.
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }));
    return Contents[0]?.Key === Prefix ? { found: 'there' } : gone('its bucket holds no such object.');
  } catch (error) {
    if (named(error, 'NoSuchBucket')) return gone('S3 knows no such bucket.');
    return unread('S3', error);
  }
}
