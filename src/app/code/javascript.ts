/** The screen as a module of JavaScript, for Node or a browser. */
import { listOf, inJavaScript as quoted } from './quote.ts';
import type { CodeModel, Request, Screen } from './screen.ts';

export function toJavaScript({ model, request }: Screen): string {
  const [imports, body] = bodyOf(request);
  return [`import { loadModel } from 'affinage';`, ...imports, '', opening(model), ...body, 'await model.dispose();', ''].join('\n');
}

function opening({ name, dtype }: CodeModel): string {
  const options = dtype ? `, { dtype: '${dtype}' }` : '';
  return `const model = await loadModel(${name === null ? "'mini'" : quoted(name)}${options});`;
}

/** Lines to import, and lines between loading and closing the model. */
function bodyOf(request: Request): [string[], string[]] {
  switch (request.kind) {
    case 'fill': {
      const { texts, topK, targets, whole, cutTo } = request;
      const cut = cutTo === null ? '' : ', truncate: true';
      const lines = [
        `const texts = ${listOf(texts.map(quoted))};`,
        `const answers = await model.predict(texts, { topK: ${topK}${cut} });`,
        'for (const { masks } of answers)',
        '  for (const { predictions, entropy } of masks) {',
        '    for (const { token_str, score } of predictions) console.log(score.toFixed(4), token_str);',
        "    console.log('entropy in bits:', entropy.toFixed(2));",
        '  }',
      ];
      if (targets.length === 0) return [[], lines];
      return [
        [],
        [
          ...lines,
          `const { masks } = await model.predict(${whole === texts[0] ? 'texts[0]' : quoted(whole)}, { targets: ${listOf(targets.map(quoted))}${cut} });`,
          'for (const mask of masks)',
          '  for (const { target, status, score, rank } of mask.targets) console.log(target, status, score, rank);',
        ],
      ];
    }
    case 'read': {
      const { text, mode, around } = request;
      const options = `{ mode: '${mode}'${around === null ? '' : `, around: ${around}`} }`;
      return [
        [],
        [
          `const text = ${quoted(text)};`,
          `const { bits, offsets } = await model.surprisal(text, ${options});`,
          'bits.forEach((b, i) => console.log(b.toFixed(2), text.slice(offsets[2 * i], offsets[2 * i + 1])));',
        ],
      ];
    }
    case 'embed': {
      const { texts, query, maxTokens } = request;
      return [
        [],
        [
          `const texts = ${listOf([...texts, ...(query ? [query] : [])].map(quoted))};${query ? ' // the last is the query' : ''}`,
          `const { data, rows, dim } = await model.embed(texts${maxTokens === null ? '' : `, { maxTokens: ${maxTokens} }`});`,
          'const vectors = Array.from({ length: rows }, (_, i) => data.subarray(i * dim, (i + 1) * dim));',
          'const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);',
          'const cosine = (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));',
          'console.table(vectors.map(a => vectors.map(b => cosine(a, b).toFixed(3))));',
        ],
      ];
    }
    case 'search': {
      const { query, maxTokens } = request;
      const options = `{ normalize: true${maxTokens === null ? '' : `, maxTokens: ${maxTokens}`} }`;
      return [
        [`import { readFile } from 'node:fs/promises';`],
        [
          "const passages = (await readFile('passages.txt', 'utf8')).split('\\n').filter(line => line.trim() !== '');",
          `const { data, dim } = await model.embed(passages, ${options});`,
          'const index = await model.index({ dim });',
          'await index.add(data);',
          `const query = await model.embed([${quoted(query)}], ${options});`,
          'const found = await index.search(query.data, Math.min(10, passages.length));',
          'found.rows.forEach((row, i) => console.log(found.scores[i].toFixed(3), passages[row]));',
          'await index.dispose();',
        ],
      ];
    }
  }
}
