import type { Created, Creation } from '../creation.ts';

export function bucket(creation: Creation): Created {
  creation.expect(
    ['BucketName', 'VersioningConfiguration'],
    [
      'BucketEncryption',
      'PublicAccessBlockConfiguration',
      'OwnershipControls',
      'LifecycleConfiguration',
      'LoggingConfiguration',
    ],
  );
  const { account } = creation;
  const name = creation.name(creation.properties.BucketName, 63).toLowerCase();
  account.s3.createBucket({ name, versioned: creation.object('VersioningConfiguration').Status === 'Enabled' });
  const arn = `arn:aws:s3:::${name}`;
  return {
    physicalId: name,
    arn,
    attributes: {
      Arn: arn,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${account.region}.amazonaws.com`,
    },
  };
}
