import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from './template.ts';

/** One file or directory that the CLI would upload before it deploys. */
export interface FileAsset {
  /** Absolute path on this machine. */
  readonly path: string;
  /** A directory is uploaded as a zip archive. */
  readonly packaging: 'file' | 'zip';
  /** May hold `${AWS::AccountId}` and the like. */
  readonly bucketName: string;
  readonly objectKey: string;
}

export interface SynthesizedStack {
  readonly id: string;
  readonly stackName: string;
  /** `aws://111122223333/eu-west-1` */
  readonly environment: string;
  readonly template: Template;
}

export interface Assembly {
  readonly stacks: readonly SynthesizedStack[];
  readonly assets: readonly FileAsset[];
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string; readonly packaging?: 'file' | 'zip' };
        readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
      }
    >
  >;
}

/** Reads what `cdk synth` wrote. */
export function readAssembly(directory: string): Assembly {
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(directory, file), 'utf8')) as T;
  const { artifacts = {} } = read<Manifest>('manifest.json');
  const stacks = Object.entries(artifacts).flatMap(([id, { type, environment = '', properties }]) =>
    type === 'aws:cloudformation:stack' && properties?.templateFile
      ? [
          {
            id,
            environment,
            stackName: properties.stackName ?? id,
            template: read<Template>(properties.templateFile),
          },
        ]
      : [],
  );
  const assets = readdirSync(directory)
    .filter((name) => name.endsWith('.assets.json'))
    .flatMap((name) => fileAssets(directory, read<AssetManifest>(name)));
  return { stacks, assets };
}

function fileAssets(directory: string, { files = {} }: AssetManifest): FileAsset[] {
  return Object.entries(files).flatMap(([id, { source, destinations }]) => {
    if (!source.path) throw new Error(`The asset ${id} is made by a command, which is not implemented.`);
    const path = join(directory, source.path);
    const packaging = source.packaging ?? 'file';
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({ path, packaging, bucketName, objectKey }));
  });
}
