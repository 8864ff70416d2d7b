/** The commands with which a person registers a copy of a task definition, as RevertService would. */
import type { CopyOrder } from './model.ts';
import { comment, quote } from './shell.ts';
import { copyOfTag, onlyDescribed } from './task-definition-copy.ts';

/** Turns what `describe-task-definition` shows into what `register-task-definition` takes, given `$images` and `$of`. */
export const copyProgram = `.tags as $tags
| .taskDefinition
| del(${onlyDescribed.map((field) => `.${field}`).join(', ')})
| .containerDefinitions |= map(if $images[.name] then .image = $images[.name] else . end)
| .tags = [{key: "${copyOfTag}", value: $of}]
    + [$tags // [] | .[] | select(.key | test("^(aws|backstep):"; "i") | not)][:49]`;

/** Leaves the copy's ARN in `$copy`. */
export function copyCommands({ of, images, why, key }: CopyOrder): string[] {
  return [
    comment(`A copy is registered: ${why} Needs jq. Run it once: each run registers another revision.`),
    comment(`Where ECS knows the original no longer, its copy lies ready in Backstep's bucket: ${key}`),
    'definition=$(mktemp -d)',
    `aws ecs describe-task-definition --task-definition ${quote(of)} --include TAGS --output json > "$definition/before.json"`,
    `jq --argjson images ${quote(JSON.stringify(images))} --arg of ${quote(of)} ${quote(copyProgram)} "$definition/before.json" > "$definition/copy.json"`,
    'copy=$(aws ecs register-task-definition --cli-input-json "file://$definition/copy.json" --query taskDefinition.taskDefinitionArn --output text)',
  ];
}
