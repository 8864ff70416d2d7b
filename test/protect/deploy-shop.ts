/**
 * Reads a synthesized app whose shop and Backstep are one stack as if the shop had been deployed: its resources are gone
 * from the template, and what refers to them has the names that the simulated account's world gives them.
 */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../lib/domain/model.ts';

/** `AWS::ECS::Service.Name` -> `checkout`, or `Blue.Name` by the beginning of a logical id; `.Ref` for what `Ref` gives. */
export type DeployedNames = Readonly<Record<string, string>>;

const arn = (resource: string): string => `arn:aws:elasticloadbalancing:eu-west-1:111122223333:${resource}`;

/** The names of examples/01-checkout, whose load balancer has one rule beside the default action. */
export const shopNames: DeployedNames = {
  'AWS::ECS::Cluster.Ref': 'shop',
  'AWS::ECS::Service.Name': 'checkout',
  'AWS::ElasticLoadBalancingV2::TargetGroup.Ref': arn('targetgroup/checkout/943f017f100becff'),
  'AWS::ElasticLoadBalancingV2::Listener.Ref': arn('listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2'),
  'AWS::ElasticLoadBalancingV2::ListenerRule.Ref': arn(
    'listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee',
  ),
  'AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName': 'shop.example.com',
  'AWS::RDS::DBInstance.Ref': 'shop-db',
};

interface Template {
  readonly Resources: Record<string, { readonly Type: string; DependsOn?: string | string[] }>;
}

/** @returns the directory of a copy of the assembly */
export function deployShop(assemblyDir: string, stackName: string, names: DeployedNames): string {
  const directory = mkdtempSync(join(tmpdir(), 'backstep-shop-'));
  cpSync(assemblyDir, directory, { recursive: true });
  const path = join(directory, `${stackName}.template.json`);
  const template = JSON.parse(readFileSync(path, 'utf8')) as Template & { Outputs?: unknown };
  const isOurs = (id: string): boolean => /^Backstep/.test(id);
  const named = (id: string, attribute: string): string => {
    const own = Object.keys(names).find(
      (key) => key.endsWith(`.${attribute}`) && id.startsWith(key.split('.')[0] ?? ''),
    );
    const name = names[own ?? `${template.Resources[id]?.Type}.${attribute}`];
    if (name === undefined) throw new Error(`Backstep refers to ${attribute} of ${id}, which has no name here.`);
    return name;
  };
  const ours = Object.entries(template.Resources).filter(([id]) => isOurs(id));
  const Resources = Object.fromEntries(
    ours.map(([id, resource]) => {
      const DependsOn = [resource.DependsOn ?? []].flat().filter(isOurs);
      const { DependsOn: _, ...rest } = resource;
      return [id, fill({ ...rest, ...(DependsOn.length > 0 && { DependsOn }) } as unknown as Json)];
    }),
  );
  const { Outputs: _, ...rest } = template;
  writeFileSync(path, JSON.stringify({ ...rest, Resources }));
  return directory;

  function fill(value: Json): Json {
    if (Array.isArray(value)) return value.map(fill);
    if (value === null || typeof value !== 'object') return value;
    const { Ref: ref, 'Fn::GetAtt': attribute } = value;
    if (typeof ref === 'string' && Object.hasOwn(template.Resources, ref) && !isOurs(ref)) return named(ref, 'Ref');
    if (Array.isArray(attribute) && !isOurs(String(attribute[0])))
      return named(String(attribute[0]), String(attribute[1]));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  }
}
