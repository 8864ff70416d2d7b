/** Reads scenario files: text to a scenario, or an error that lists everything wrong with it. */
import { readFileSync } from 'node:fs';
import { milliseconds } from './duration.ts';
import { dotted, type Issue, issuesOf, ScenarioError } from './issues.ts';
import { type Scenario, scenarioSchema } from './schema.ts';

export function loadScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ScenarioError(file, [{ path: '', found: `no readable file (${code})`, allowed: 'a scenario as JSON' }]);
  }
  try {
    return parseScenario(JSON.parse(text), file);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ScenarioError(file, [{ path: '', found: `text that is not JSON: ${error.message}`, allowed: 'JSON' }]);
  }
}

/** @param source what messages call it, usually the file's path */
export function parseScenario(input: unknown, source: string): Scenario {
  if (isDeep(input)) {
    const allowed = `at most ${deepest} levels of nesting`;
    throw new ScenarioError(source, [{ path: '', found: 'more levels of nesting', allowed }]);
  }
  const result = scenarioSchema.safeParse(input, { reportInput: true });
  if (!result.success) throw new ScenarioError(source, issuesOf(scenarioSchema, input, result.error.issues));
  const late = eventsAfterTheEnd(result.data);
  if (late.length > 0) throw new ScenarioError(source, late);
  return result.data;
}

/** As deep as a configuration may be. What walks a document calls itself once a level. */
const deepest = 200;

function isDeep(input: unknown): boolean {
  let level: unknown[] = [input];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
  }
  return false;
}

/** An event that never happens has no effect, so it is a mistake. */
function eventsAfterTheEnd(scenario: Scenario): Issue[] {
  return scenario.events.flatMap((event, index) =>
    milliseconds(event.at) < milliseconds(scenario.until)
      ? []
      : [
          {
            path: dotted(['events', index, 'at']),
            found: `"${event.at}"`,
            allowed: `less than until, ${scenario.until}`,
          },
        ],
  );
}
