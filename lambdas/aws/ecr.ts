/**
 * Amazon ECR: whether images are there, and what a tag stands for now. Asking never fails: that a registry cannot be read
 * is an answer.
 *
 * Calls: ecr:DescribeImages
 */
import { DescribeImagesCommand, ECRClient, type ImageIdentifier } from '@aws-sdk/client-ecr';
import {
  asksForKept,
  type Found,
  type ImageFacts,
  type ImagePlace,
  placeOf,
  recordedImages,
} from '../../lib/domain/images.ts';
import type { ContainerImage } from '../../lib/domain/model.ts';
import { quickOptions } from './client.ts';

type Place = NonNullable<ImagePlace['ecr']>;

/** By region: another one's registry answers only there. */
const clients = new Map<string, ECRClient>();

/**
 * @param own the account whose registry can say for sure that a repository is not there; another one's may not let us know
 */
export async function readImages(
  inDefinition: readonly ContainerImage[],
  ofRelease: readonly ContainerImage[],
  own: string,
): Promise<ImageFacts[]> {
  return Promise.all(
    recordedImages(inDefinition, ofRelease).map(async (image): Promise<ImageFacts> => {
      const { ecr, tag, digest } = placeOf(image.image);
      if (!ecr) return image;
      const facts = { ...image, now: await find(ecr, digest ? { imageDigest: digest } : { imageTag: tag }, own) };
      if (!asksForKept(facts)) return facts;
      return { ...facts, kept: await find(ecr, { imageDigest: image.recorded }, own) };
    }),
  );
}

async function find({ account, region, repository }: Place, id: ImageIdentifier, own: string): Promise<Found> {
  try {
    const command = new DescribeImagesCommand({ registryId: account, repositoryName: repository, imageIds: [id] });
    const { imageDetails = [] } = await clientOf(region).send(command);
    const [found] = imageDetails;
    if (!found?.imageDigest) return { kind: 'unknown', why: 'the answer names no image.' };
    return { kind: 'image', digest: found.imageDigest, status: found.imageStatus ?? 'ACTIVE' };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error';
    const why = error instanceof Error ? sentence(error.message) : sentence(String(error));
    if (name === 'ImageNotFoundException') return { kind: 'gone', why };
    if (name === 'RepositoryNotFoundException' && account === own) return { kind: 'gone', why };
    return { kind: 'unknown', why: `${name}: ${why}` };
  }
}

function clientOf(region: string): ECRClient {
  const client = clients.get(region) ?? new ECRClient({ ...quickOptions, region });
  clients.set(region, client);
  return client;
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
