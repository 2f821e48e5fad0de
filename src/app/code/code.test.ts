import { execFileSync, spawnSync } from 'node:child_process';
import { beforeEach, describe, expect, it } from 'vitest';
import { carryMasks } from '../lib/masks.ts';
import { initialState } from '../store/state.ts';
import { fakeModel } from '../testing/fake-model.ts';
import { toCommand } from './command.ts';
import { toJavaScript } from './javascript.ts';
import { toPython } from './python.ts';
import { inJavaScript, inPython, inShell } from './quote.ts';
import { type CodeRoute, screenOf } from './screen.ts';

/** What a user may write, and each language may take for its own. */
const awkward = [
  `l'infarctus "aigu"`,
  'deux\nlignes\r\net\ttab',
  'C:\\dossier\\ \\n \\',
  '🫀 cœur 👩‍⚕️ e\u0301',
  '$HOME `id` $(id) !! %s %d {x}',
  "''' \"\"\" '\\'' ; # rm",
  '\u2028ligne\u2029',
  '--model -x',
  'AFFINAGE\nAFFINAGE',
  '*/ // <!-- </script>',
];
const all = awkward.join(' ');
const python = spawnSync('python3', ['--version']).status === 0;

describe('quoting', () => {
  it.each(awkward)('%j stays what it is in JavaScript', text => {
    expect(new Function(`return ${inJavaScript(text)}`)()).toBe(text);
  });

  it.each(awkward)('%j stays what it is in a shell', text => {
    expect(execFileSync('sh', ['-c', `printf %s ${inShell(text)}`], { encoding: 'utf8' })).toBe(text);
  });

  it.runIf(python)('every text stays what it is in Python', () => {
    const script = `import sys\nsys.stdout.reconfigure(encoding="utf-8", newline="")\nsys.stdout.write("\\0".join([${awkward.map(inPython).join(', ')}]))`;
    const said = execFileSync('python3', ['-c', script], { encoding: 'utf8' });
    expect(said.split('\0')).toEqual(awkward);
  });

  it('a shell gets a sign in the place of NUL, which no word can hold', () => {
    expect(inShell('a\0b')).toBe("'a\ufffdb'");
  });
});

let state = initialState();
const model = fakeModel();
beforeEach(async () => {
  state = initialState();
  state.model = { ...state.model, choice: { kind: 'mini' }, report: await model.report() };
  const text = `Une [MASK] : ${all}`;
  state.fill = { ...state.fill, text, masks: carryMasks('', [], text, '[MASK]'), ownWords: `toux, l'"arrêt" \\n` };
  state.read = { ...state.read, text: all, mode: 'exact', around: 64 };
  state.embed = { ...state.embed, lines: awkward.map((each, id) => ({ id, text: each })), query: all };
});

/** Runs the code with a loadModel that gives `opened`; what it says goes nowhere. */
async function run(code: string, loadModel: (...given: unknown[]) => unknown): Promise<void> {
  const body = code
    .replace("import { loadModel } from 'affinage';", '')
    .replace("import { readFile } from 'node:fs/promises';", "const readFile = async () => 'un\\ndeux\\n\\ntrois\\n';");
  const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => (...given: unknown[]) => Promise<void>;
  await new AsyncFunction('loadModel', 'console', body)(loadModel, { log: () => {}, table: () => {} });
}

describe('the JavaScript', () => {
  const opened: unknown[][] = [];
  const load = async (...given: unknown[]) => {
    opened.push(given);
    return model;
  };
  beforeEach(() => {
    opened.length = 0;
    model.calls.length = 0;
  });

  it('asks what the fill-mask view asks, with its words', async () => {
    await run(toJavaScript(screenOf(state, 'fill')), load);
    expect(opened).toEqual([['mini', { dtype: 'q8' }]]);
    expect(model.calls).toMatchObject([
      { kind: 'predict', input: [state.fill.text], options: { topK: 5 } },
      { kind: 'predict', input: state.fill.text, options: { targets: ['toux', `l'"arrêt" \\n`] } },
    ]);
  });

  it('reads, embeds and searches', async () => {
    await run(toJavaScript(screenOf(state, 'read')), load);
    expect(model.calls.at(-1)).toMatchObject({ kind: 'surprisal', input: all, options: { mode: 'exact', around: 64 } });
    await run(toJavaScript(screenOf(state, 'embed')), load);
    expect(model.calls.at(-1)).toMatchObject({ kind: 'embed', options: { maxTokens: 64 } });
    expect(model.calls.at(-1)?.input).toEqual([...awkward.map(text => text.trim()), all.trim()]);
    model.calls.length = 0;
    await run(toJavaScript(screenOf(state, 'search')), load);
    expect(model.calls.map(call => call.input)).toEqual([['un', 'deux', 'trois'], ['infarctus du myocarde']]);
  });

  it('names the model that runs: a revision of the hub, an address, or a folder to put in', () => {
    const opening = () => toJavaScript(screenOf(state, 'fill')).match(/loadModel\((.*)\);/)?.[1];
    state.model.choice = { kind: 'hub', id: 'almanach/some', revision: 'v2' };
    expect(opening()).toBe(`"almanach/some@v2", { dtype: 'q8' }`);
    expect(toPython(screenOf(state, 'fill'))).toContain('from_pretrained(name, revision="v2")');
    state.model.choice = { kind: 'url', address: 'https://example.org/m/' };
    expect(opening()).toBe(`"https://example.org/m/", { dtype: 'q8' }`);
    state.model.choice = { kind: 'kept', key: 'k', name: 'mon modèle' };
    expect(opening()).toBe(`"path/to/model", { dtype: 'q8' }`);
  });
});

describe('the command line', () => {
  /** The words that a shell makes of the code, as arguments of a command that prints them. */
  const wordsOf = (code: string, line = 0): string[] => {
    const commands = code.split(/^npx affinage /m).slice(1);
    return execFileSync('sh', ['-c', `printf '%s\\0' ${commands[line]}`], { encoding: 'utf8' })
      .split('\0')
      .slice(0, -1);
  };

  it('gives the text as one word, however it is written, and the words as JSON', () => {
    const code = toCommand(screenOf(state, 'fill'));
    expect(wordsOf(code)).toEqual(['fill-mask', '--dtype', 'q8', '--top-k', '5', '--', state.fill.text]);
    expect(wordsOf(code, 1)).toEqual([
      'fill-mask',
      '--dtype',
      'q8',
      '--targets',
      JSON.stringify(['toux', `l'"arrêt" \\n`]),
      '--',
      state.fill.text,
    ]);
    const texts = [...awkward, all].map(text => text.trim());
    expect(wordsOf(toCommand(screenOf(state, 'embed')))).toEqual([
      'embed',
      '--dtype',
      'q8',
      '--json',
      '--max-tokens',
      '64',
      '--',
      ...texts,
    ]);
  });

  it('gives Node the module as it stands', () => {
    const code = toCommand(screenOf(state, 'read')).replace('node --input-type=module', 'cat');
    expect(execFileSync('sh', ['-c', code], { encoding: 'utf8' })).toBe(toJavaScript(screenOf(state, 'read')));
  });
});

describe('the Python', () => {
  it.runIf(python).each(['fill', 'read', 'embed', 'search'] as CodeRoute[])('of %s is Python', route => {
    for (const mode of ['fast', 'exact'] as const) {
      state.read.mode = mode;
      const check = spawnSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.buffer.read())'], {
        input: toPython(screenOf(state, route)),
        encoding: 'utf8',
      });
      expect(check.stderr).toBe('');
      expect(check.status).toBe(0);
    }
  });

  it('takes the embedded model from its folder, and a model made for vectors by sentence-transformers', () => {
    expect(toPython(screenOf(state, 'fill'))).toContain('name = "public/models/mini"');
    const { report } = state.model;
    if (report) state.model.report = { ...report, embedding: { ...report.embedding, from: 'modules.json' } };
    expect(toPython(screenOf(state, 'embed'))).toContain('SentenceTransformer(name)');
  });
});

it('an empty view gives an example, and a text without a mask is noticed', () => {
  const empty = initialState();
  expect(screenOf(empty, 'fill')).toMatchObject({ isExample: true, lacksMask: false });
  expect(screenOf(empty, 'read').isExample).toBe(true);
  expect(screenOf({ ...empty, fill: { ...empty.fill, text: 'La patiente tousse.' } }, 'fill')).toMatchObject({
    isExample: false,
    lacksMask: true,
  });
});
