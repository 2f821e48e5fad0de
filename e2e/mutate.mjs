/**
 * The mutation check: tests whether the kernels' cases notice small faults in the shaders.
 *   npm run test:mutations -- [--limit N] [--all] [kernel …]
 * Runs on lavapipe where it is installed, else on the machine's own adapter. A child process does the work; when a mutant hangs or
 * crashes the driver, that counts as killed and a new child goes on with the next. Survivors that cannot be killed are in equivalents.ts,
 * with their reasons.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Longest silence; a case that passes unchanged takes 2 s at most. */
const patienceMs = 40_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string', default: '24' }, all: { type: 'boolean' }, child: { type: 'string' } },
});

if (values.child) await work(JSON.parse(values.child));
else await lead({ kernels: positionals, limit: values.all ? Number.MAX_SAFE_INTEGER : Number(values.limit) });

/** The shaders and the kernels are TypeScript and Vite imports, so Vite loads them here too. */
async function load(module) {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  return { server, exports: await server.ssrLoadModule(module) };
}

async function work(options) {
  const { server, exports } = await load('/e2e/mutation-worker.ts');
  await exports.mutateAll(options, line => process.stdout.write(`${JSON.stringify(line)}\n`));
  await server.close();
  process.exit(0);
}

async function lead({ kernels, limit }) {
  const { server, exports } = await load('/e2e/adapters.ts');
  const icd = exports.lavapipeIcd();
  await server.close();
  const env = { ...process.env, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? '/tmp', ...(icd && { VK_ICD_FILENAMES: icd }) };
  /** By id: { kernel, mutant, outcome, by } */
  const results = new Map();
  process.on('SIGTERM', () => {
    print([...results.values()]);
    process.exit(1);
  });
  let finished = false;
  while (!finished) {
    const before = results.size;
    finished = await runChild({ kernels, limit, done: [...results.keys()] }, env, results);
    if (!finished && results.size === before)
      throw new Error('The mutation worker fails before its first mutant; run a kernel test to see why.');
  }
  print([...results.values()]);
}

/** True when the child did all that was left. */
function runChild(options, env, results) {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), '--child', JSON.stringify(options)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let current;
    let timer;
    const watch = () => {
      clearTimeout(timer);
      if (current) timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    };
    createInterface({ input: child.stdout }).on('line', text => {
      if (!text.startsWith('{')) return;
      const line = JSON.parse(text);
      if (line.type === 'start') current = line;
      if (line.type === 'end') {
        results.set(line.id, { ...current, outcome: line.outcome, by: line.by });
        process.stderr.write({ killed: '.', survived: 'S', equivalent: 'e' }[line.outcome] ?? '-');
        current = undefined;
      }
      if (line.type === 'skipped') console.log(`${line.kernel}: skipped, ${line.why}`);
      watch();
    });
    child.on('close', code => {
      clearTimeout(timer);
      if (current) results.set(current.id, { ...current, outcome: 'killed', by: 'the driver hung or crashed' });
      resolve(code === 0 && !current);
    });
  });
}

function print(results) {
  process.stderr.write('\n');
  const count = (list, outcome) => list.filter(r => r.outcome === outcome).length;
  const line = (name, list) => {
    const killed = count(list, 'killed');
    const survived = count(list, 'survived');
    const score = killed + survived > 0 ? `${Math.round((100 * killed) / (killed + survived))} %` : '–';
    return `| ${name} | ${killed} | ${survived} | ${count(list, 'equivalent')} | ${count(list, 'invalid') + count(list, 'unused')} | ${score} |`;
  };
  console.log('| kernel | killed | survived | equivalent | not valid WGSL | score |\n|---|---|---|---|---|---|');
  for (const kernel of new Set(results.map(r => r.kernel)))
    console.log(
      line(
        kernel,
        results.filter(r => r.kernel === kernel),
      ),
    );
  console.log(line('all', results));
  for (const { kernel, mutant } of results.filter(r => r.outcome === 'survived'))
    console.log(`\n${kernel}: ${mutant.operator}\n    ${mutant.above.trim()}\n  - ${mutant.before.trim()}\n  + ${mutant.after.trim()}`);
}
