/** The screen as lines for a POSIX shell. */
import { toJavaScript } from './javascript.ts';
import { inShell, shellName } from './quote.ts';
import type { CodeModel, Screen } from './screen.ts';

export function toCommand(screen: Screen): string {
  const { model, request } = screen;
  switch (request.kind) {
    case 'fill': {
      const { texts, topK, targets, whole, cutTo } = request;
      const cutting = cutTo === null ? [] : ['--truncate'];
      const lines = [line('fill-mask', model, ['--top-k', `${topK}`, ...cutting, '--', ...texts.map(inShell)])];
      // A list in JSON, as a comma within a word would part it.
      if (targets.length > 0)
        lines.push(line('fill-mask', model, ['--targets', inShell(JSON.stringify(targets)), ...cutting, '--', inShell(whole)]));
      return lines.join('');
    }
    case 'read':
      // No command reads for surprise: the module is given to Node. No line of it can be the last word, as texts stand in quotes.
      return `node --input-type=module <<'AFFINAGE'\n${toJavaScript(screen)}AFFINAGE\n`;
    case 'embed': {
      const { texts, query, maxTokens } = request;
      return line('embed', model, ['--json', ...cut(maxTokens), '--', ...[...texts, ...(query ? [query] : [])].map(inShell)]);
    }
    case 'search': {
      const { query, maxTokens } = request;
      const options = ['--normalize', ...cut(maxTokens)];
      return [
        line('embed', model, [...options, '--input', 'passages.txt', '--output', 'passages.npy']),
        line('embed', model, [...options, '--json', '--', inShell(query)]),
      ].join('');
    }
  }
}

const cut = (maxTokens: number | null): string[] => (maxTokens === null ? [] : ['--max-tokens', `${maxTokens}`]);

function line(command: string, { name, dtype }: CodeModel, rest: readonly string[]): string {
  const options = [...(name === null ? [] : ['--model', shellName(name)]), ...(dtype ? ['--dtype', dtype] : [])];
  return `${['npx affinage', command, ...options, ...rest].join(' ')}\n`;
}
