import type {
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImagesRequest,
  DescribeImagesResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  ImageDetail,
  ImageFailureCode,
  ImageIdentifier,
} from '@aws-sdk/client-ecr';
import type { SimulatedAccount } from '../../account.ts';
import { AwsError, type Operation } from '../../service.ts';
import type { Ecr } from '../ecr.ts';
import { pageOf } from '../paging.ts';
import type { ImageRecord, Repository } from './model.ts';

const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
const token = (next: string | undefined) => (next === undefined ? {} : { nextToken: next });

export function ecrOperations(ecr: Ecr, account: SimulatedAccount): Record<string, Operation> {
  const arn = (name = '') => account.arn('ecr', `repository/${name}`);

  const describeRepositories: Operation<DescribeRepositoriesRequest, DescribeRepositoriesResponse> = {
    resources: ({ repositoryNames }) => (repositoryNames?.length ? repositoryNames.map(arn) : ['*']),
    run({ repositoryNames, registryId, nextToken, maxResults }) {
      const names = repositoryNames?.length ? repositoryNames : [...ecr.repositories.keys()].sort();
      const { page, next } = pageOf(names, nextToken, maxResults ?? 100);
      const repositories = page.map((name) => {
        const { createdMs } = ecr.repository(name, registryId);
        return {
          repositoryArn: arn(name),
          registryId: account.id,
          repositoryName: name,
          repositoryUri: `${account.id}.dkr.ecr.${account.region}.amazonaws.com/${name}`,
          createdAt: new Date(createdMs),
          imageTagMutability: 'MUTABLE' as const,
        };
      });
      return { repositories, ...token(next) };
    },
  };

  const describeImages: Operation<DescribeImagesRequest, DescribeImagesResponse> = {
    resources: ({ repositoryName }) => [arn(repositoryName)],
    run({ repositoryName, registryId, imageIds, filter, nextToken, maxResults }) {
      const repository = ecr.repository(repositoryName, registryId);
      const images = imageIds?.length
        ? imageIds.map((id) => requireImage(account, repository, id))
        : repository.images
            .filter(({ tags }) => filter?.tagStatus !== 'TAGGED' || tags.size > 0)
            .filter(({ tags }) => filter?.tagStatus !== 'UNTAGGED' || tags.size === 0)
            .filter(({ status }) => wants(filter?.imageStatus, status));
      const { page, next } = pageOf([...new Set(images)], nextToken, maxResults ?? 100);
      return { imageDetails: page.map((image) => showImage(account, repository, image)), ...token(next) };
    },
  };

  const batchGetImage: Operation<BatchGetImageRequest, BatchGetImageResponse> = {
    resources: ({ repositoryName }) => [arn(repositoryName)],
    run({ repositoryName, registryId, imageIds = [] }) {
      const repository = ecr.repository(repositoryName, registryId);
      if (imageIds.length === 0) throw new AwsError('InvalidParameterException', "Invalid parameter at 'imageIds'");
      const answers = imageIds.map((id) => ({
        id,
        image: findImage(repository, id),
        failure: failureOf(repository, id),
      }));
      return {
        images: answers.flatMap(({ id, image, failure }) =>
          image && !failure
            ? [
                {
                  registryId: account.id,
                  repositoryName,
                  imageId: { imageDigest: image.digest, ...(id.imageTag ? { imageTag: id.imageTag } : {}) },
                  imageManifest: manifestOf(image),
                  imageManifestMediaType: mediaType,
                },
              ]
            : [],
        ),
        failures: answers.flatMap(({ id, failure }) =>
          failure ? [{ imageId: id, failureCode: failure.code, failureReason: failure.reason }] : [],
        ),
      };
    },
  };

  return {
    DescribeRepositories: describeRepositories,
    DescribeImages: describeImages,
    BatchGetImage: batchGetImage,
  };
}

const findImage = ({ images }: Repository, { imageDigest, imageTag }: ImageIdentifier): ImageRecord | undefined =>
  images.find(
    ({ digest, tags }) =>
      (imageDigest === undefined || digest === imageDigest) && (imageTag === undefined || tags.has(imageTag)),
  );

function requireImage(account: SimulatedAccount, repository: Repository, id: ImageIdentifier): ImageRecord {
  if (id.imageDigest === undefined && id.imageTag === undefined) {
    throw new AwsError('InvalidParameterException', 'Either imageDigest or imageTag must be given');
  }
  const found = findImage(repository, id);
  if (found) return found;
  const name = `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`;
  throw new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${name} does not exist within the repository with name '${repository.name}' in the registry with id '${account.id}'`,
  );
}

function failureOf(
  repository: Repository,
  id: ImageIdentifier,
): { code: ImageFailureCode; reason: string } | undefined {
  if (id.imageDigest === undefined && id.imageTag === undefined) {
    return { code: 'MissingDigestAndTag', reason: 'Invalid request parameters: both tag and digest cannot be null' };
  }
  const image = findImage(repository, id);
  if (image?.status === 'ACTIVE') return undefined;
  if (image) return { code: 'ImageInaccessible', reason: `The image is ${image.status}` };
  const alone = id.imageDigest !== undefined && id.imageTag !== undefined;
  if (alone && findImage(repository, { imageDigest: id.imageDigest })) {
    return { code: 'ImageTagDoesNotMatchDigest', reason: 'The image tag does not match the image digest' };
  }
  return { code: 'ImageNotFound', reason: 'Requested image not found' };
}

/** Archived images are listed only where they are asked for. */
const wants = (filter: string | undefined, status: ImageRecord['status']): boolean =>
  filter === 'ANY' || status === (filter ?? 'ACTIVE');

const showImage = (account: SimulatedAccount, { name }: Repository, image: ImageRecord): ImageDetail => ({
  registryId: account.id,
  repositoryName: name,
  imageDigest: image.digest,
  ...(image.tags.size > 0 ? { imageTags: [...image.tags] } : {}),
  imageSizeInBytes: 62_914_560,
  imagePushedAt: new Date(image.pushedMs),
  imageManifestMediaType: mediaType,
  artifactMediaType: 'application/vnd.docker.container.image.v1+json',
  imageStatus: image.status,
  ...(image.archivedMs === undefined ? {} : { lastArchivedAt: new Date(image.archivedMs) }),
});

/** Layers are not kept: the manifest names the digest alone, as its configuration. */
const manifestOf = ({ digest }: ImageRecord): string =>
  JSON.stringify({ schemaVersion: 2, mediaType, config: { mediaType, digest, size: 0 }, layers: [] });
