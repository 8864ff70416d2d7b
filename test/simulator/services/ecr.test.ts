import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
} from '@aws-sdk/client-ecr';
import { describe, expect, it } from 'vitest';
import { clientConfig, drive } from '../../../simulator/sdk.ts';
import { addRole } from '../account.ts';
import { oneSide, openShop } from '../world/shop.ts';

const repositoryName = 'checkout';
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function registry() {
  const account = openShop({
    ...oneSide,
    repositories: [
      {
        name: repositoryName,
        images: [
          { tags: ['1.4.0', 'live'], digest: digest('a'), pushedAt: '-P9D' },
          { tags: ['live'], digest: digest('b'), pushedAt: '-P1D' },
          { tags: ['1.0.0'], digest: digest('c'), status: 'ARCHIVED' },
        ],
      },
    ],
  });
  const ecr = new ECRClient(clientConfig(account));
  const images = async (input: Partial<DescribeImagesCommand['input']> = {}) => {
    const describeImages = new DescribeImagesCommand({ repositoryName, ...input });
    return (await drive(account, ecr.send(describeImages))).imageDetails ?? [];
  };
  return { account, ecr, images };
}

describe('DescribeImages', () => {
  it('shows where a tag is now, and leaves archived images out unless asked', async () => {
    const { images } = registry();
    expect(await images()).toMatchObject([
      { imageDigest: digest('a'), imageTags: ['1.4.0'], imageStatus: 'ACTIVE' },
      { imageDigest: digest('b'), imageTags: ['live'], imagePushedAt: new Date('2026-11-19T03:00:00Z') },
    ]);
    expect(await images({ filter: { imageStatus: 'ANY' } })).toHaveLength(3);
    expect(await images({ imageIds: [{ imageDigest: digest('c') }] })).toMatchObject([{ imageStatus: 'ARCHIVED' }]);
    expect(await images({ imageIds: [{ imageTag: 'live' }] })).toMatchObject([{ imageDigest: digest('b') }]);
  });

  it('says which image or repository is not there', async () => {
    const { images } = registry();
    await expect(images({ imageIds: [{ imageTag: '9.9.9' }] })).rejects.toMatchObject({
      name: 'ImageNotFoundException',
      message:
        "The image with imageId {imageDigest:'null', imageTag:'9.9.9'} does not exist within the repository with name 'checkout' in the registry with id '111122223333'",
    });
    await expect(images({ repositoryName: 'nothing' })).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
      message: "The repository with name 'nothing' does not exist in the registry with id '111122223333'",
    });
  });

  it('comes in pages', async () => {
    const { account, ecr } = registry();
    const first = await drive(account, ecr.send(new DescribeImagesCommand({ repositoryName, maxResults: 1 })));
    const second = await drive(
      account,
      ecr.send(new DescribeImagesCommand({ repositoryName, maxResults: 1, nextToken: first.nextToken })),
    );
    expect(second.imageDetails).toMatchObject([{ imageDigest: digest('b') }]);
    expect(second.nextToken).toBeUndefined();
  });

  it('is held to IAM by the repository', async () => {
    const { account } = registry();
    const role = addRole(account, 'reader', [
      ['ecr:DescribeImages'],
      ['arn:aws:ecr:eu-west-1:111122223333:repository/other'],
    ]);
    const ecr = new ECRClient(clientConfig(account, role));
    const describeImages = new DescribeImagesCommand({ repositoryName });
    await expect(drive(account, ecr.send(describeImages))).rejects.toThrow('repository/checkout');
  });
});

it('BatchGetImage answers what it finds, and why not', async () => {
  const { account, ecr } = registry();
  const imageIds = [
    { imageTag: 'live' },
    { imageDigest: digest('d') },
    { imageDigest: digest('a'), imageTag: 'live' },
    { imageDigest: digest('c') },
  ];
  const answer = await drive(account, ecr.send(new BatchGetImageCommand({ repositoryName, imageIds })));
  expect(answer.images).toMatchObject([{ imageId: { imageDigest: digest('b'), imageTag: 'live' } }]);
  expect(answer.failures?.map(({ failureCode }) => failureCode)).toEqual([
    'ImageNotFound',
    'ImageTagDoesNotMatchDigest',
    'ImageInaccessible',
  ]);
});

it('DescribeRepositories lists them', async () => {
  const { account, ecr } = registry();
  const { repositories } = await drive(account, ecr.send(new DescribeRepositoriesCommand({})));
  expect(repositories).toMatchObject([
    { repositoryUri: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/checkout', registryId: '111122223333' },
  ]);
});
