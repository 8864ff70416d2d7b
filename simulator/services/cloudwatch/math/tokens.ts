import { AwsError } from '../../../service.ts';

export interface Token {
  readonly kind: 'number' | 'name' | 'string' | 'symbol';
  readonly text: string;
  readonly position: number;
}

const pattern =
  /\s*(?:(?<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<string>"[^"]*"|'[^']*')|(?<symbol>==|!=|<=|>=|&&|\|\||[-+*/^<>(),[\]]))/y;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  let position = 0;
  while (text.slice(position).trim() !== '') {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (!match?.groups) {
      throw new AwsError(
        'ValidationError',
        `Error in expression '${text}': '${text.slice(position).trim()[0]}' is not part of metric math`,
      );
    }
    const entry = Object.entries(match.groups).find(([, value]) => value !== undefined);
    const [kind, value] = entry as [Token['kind'], string];
    tokens.push({ kind, text: value, position: pattern.lastIndex - value.length });
    position = pattern.lastIndex;
  }
  return tokens;
}
