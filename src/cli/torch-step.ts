/** The peer of `affinage bench --train`: the same step in PyTorch and transformers, on the processor, in a Python that the user names. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ConfigError } from '../errors.ts';
import { type BenchShape, benchShapes } from '../model/shapes.ts';

export interface TorchStep {
  torch: string;
  transformers: string;
  threads: number;
  stepMs: number;
  forwardMs: number;
}

/**
 * One masked-language step of a model with random weights in f32: forward with the loss over the 30 % masked rows, backward, clipping, AdamW;
 * attention by PyTorch's fused kernel. The fastest of the runs after the first counts, as on our side.
 */
const script = `
import json, sys, time, torch, transformers
what = json.load(sys.stdin)
torch.manual_seed(1)
config = transformers.ModernBertConfig(**what["config"], attn_implementation="sdpa", pad_token_id=0, bos_token_id=1, cls_token_id=1,
                                       eos_token_id=2, sep_token_id=2, max_position_embeddings=8192)
model = transformers.ModernBertForMaskedLM(config)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, betas=(0.9, 0.98), eps=1e-6, weight_decay=1e-5, fused=True)
tokens = what["tokens"]
ids = torch.randint(5, config.vocab_size, (1, tokens))
chosen = torch.rand(1, tokens) < 0.3
chosen[0, 0] = True
def loss():
    hidden = model.model(input_ids=ids).last_hidden_state
    return torch.nn.functional.cross_entropy(model.decoder(model.head(hidden[chosen])), ids[chosen])
def forward():
    with torch.no_grad():
        loss().item()
def step():
    optimizer.zero_grad(set_to_none=False)
    loss().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
def best(work):
    work()
    least = 1e30
    for _ in range(what["runs"]):
        started = time.perf_counter()
        work()
        least = min(least, time.perf_counter() - started)
    return 1000 * least
print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__, "threads": torch.get_num_threads(),
                  "forwardMs": best(forward), "stepMs": best(step)}))
`;

/** Errors: ConfigError where `python` cannot be started, lacks torch or transformers, or fails; the signal's reason. */
export async function torchStep(
  python: string,
  options: { shape: BenchShape; tokens: number; runs: number; signal: AbortSignal },
): Promise<TorchStep> {
  const { shape, tokens, runs, signal } = options;
  const child = promisify(execFile)(python, ['-c', script], { signal, maxBuffer: 2 ** 20, env: { ...process.env, HF_HUB_OFFLINE: '1' } });
  child.child.stdin?.on('error', () => {}); // it ended before it read: the exit code tells
  child.child.stdin?.end(JSON.stringify({ config: benchShapes[shape], tokens, runs }));
  try {
    const { stdout } = await child;
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as TorchStep;
  } catch (error) {
    signal.throwIfAborted();
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    const last = stderr.trim().split('\n').at(-1) || String(error);
    if (code === 'ENOENT')
      throw new ConfigError(`--python: there is no program "${python}". Name a Python 3 that has torch and transformers.`);
    throw new ConfigError(`--python: ${python} could not time a step: ${last}. It needs the packages torch and transformers (5 or later).`);
  }
}
