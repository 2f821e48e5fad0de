"""Train the mini model in PyTorch with masked language modelling, from nothing or from a model that is there.

    python -m corpus.write --documents 200000 --seed 5000 > synthetic.jsonl
    python train_mini.py --model ../public/models/mini --start ../public/models/mini --texts synthetic.jsonl=3 --texts pamj.jsonl=1 --out ../.cache/mini --tokens 12e6

Texts are JSON lines with a member "text"; each file gets its share of the tokens. All tokens lie on the device in one row, and batches are picked
there, of rows of about the same length. The schedule is warm-up, constant, then 1-sqrt decay to 2 % of the peak.
"""

import argparse
import glob
import json
import math
import time
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import ModernBertConfig, ModernBertForMaskedLM

LAYERS = 4
MAX_LENGTH = 256
MASK_ID, PAD_ID, CLS_ID, SEP_ID, FIRST_ORDINARY = 4, 0, 1, 2, 5
LOG_EVERY = 100
SHARD_ROWS = 400_000


def build_config(vocab_size: int, attention: str = "eager") -> ModernBertConfig:
    """The architecture of the mini model."""
    return ModernBertConfig(
        attn_implementation=attention,
        vocab_size=vocab_size, hidden_size=256, num_hidden_layers=LAYERS, num_attention_heads=4, intermediate_size=384,
        hidden_activation="gelu", classifier_activation="gelu", max_position_embeddings=1024, local_attention=128,
        global_attn_every_n_layers=3, global_rope_theta=160000.0, local_rope_theta=10000.0, norm_eps=1e-5,
        pad_token_id=0, cls_token_id=1, bos_token_id=1, sep_token_id=2, eos_token_id=2, classifier_pooling="mean",
        tie_word_embeddings=True)


class Texts:
    """One source: all its tokens in a row on the device, with where each piece starts and how long it is."""

    def __init__(self, tokenizer: Tokenizer, pattern: str, share: float, device: str) -> None:
        self.share = share
        texts = [json.loads(line)["text"] for path in sorted(glob.glob(pattern)) for line in open(path, encoding="utf-8")]
        pieces: list[list[int]] = []
        for start in range(0, len(texts), 50_000):
            for encoding in tokenizer.encode_batch(texts[start: start + 50_000], add_special_tokens=False):
                ids = encoding.ids
                room = MAX_LENGTH - 2
                pieces += [[CLS_ID, *ids[i: i + room], SEP_ID] for i in range(0, len(ids), room)]
        lengths = torch.tensor([len(p) for p in pieces])
        self.tokens = torch.tensor([t for p in pieces for t in p], dtype=torch.int32).to(device)
        self.lengths = lengths.to(device)
        self.starts = (torch.cumsum(lengths, 0) - lengths).to(device)
        self.mean_length = float(lengths.float().mean())
        print(f"{pattern}: {len(texts)} texts, {len(pieces)} pieces, {len(self.tokens) / 1e6:.2f} M tokens", flush=True)


class Batches:
    """Batches without end from all sources."""

    def __init__(self, sources: list[Texts], batch_tokens: int, generator: torch.Generator) -> None:
        self.tokens = torch.cat([s.tokens for s in sources])
        offsets, total = [], 0
        for s in sources:
            offsets.append(s.starts + total)
            total += len(s.tokens)
        self.starts = torch.cat(offsets)
        self.lengths = torch.cat([s.lengths for s in sources])
        # The chance of a piece: the source's share of the tokens, over its tokens.
        self.chance = torch.cat([torch.full((len(s.lengths),), s.share / len(s.tokens)) for s in sources])
        self.batch_tokens = batch_tokens
        self.generator = generator

    def __iter__(self):
        device = self.tokens.device
        while True:
            count = min(SHARD_ROWS, max(2000, len(self.starts)))
            picked = self.draw(count)
            lengths, order = torch.sort(self.lengths[picked].cpu(), stable=True)
            picked = picked[order.to(device)]
            ends = self.cut(lengths)
            for index in torch.randperm(len(ends) - 1, generator=self.generator).tolist():
                rows = picked[ends[index]: ends[index + 1]]
                longest = int(lengths[ends[index + 1] - 1])
                at = torch.arange(longest, device=device)
                real = at < self.lengths[rows, None]
                ids = self.tokens[torch.where(real, self.starts[rows, None] + at, 0)].long()
                yield torch.where(real, ids, PAD_ID)

    def draw(self, count: int) -> torch.Tensor:
        """Pieces with replacement by their chance: by inverting the cumulative sum, as `multinomial` takes 2^24 classes at most."""
        sums = torch.cumsum(self.chance.double(), 0)
        at = torch.rand(count, generator=self.generator, dtype=torch.float64) * sums[-1]
        return torch.searchsorted(sums, at).clamp_(max=len(self.chance) - 1).to(self.tokens.device)

    def cut(self, lengths: torch.Tensor) -> list[int]:
        """Where batches begin in a list of lengths that ascend, and its end: padded, each has at most `batch_tokens`."""
        ends, begin = [0], 0
        values = lengths.tolist()
        for i, length in enumerate(values):
            if i > begin and length * (i + 1 - begin) > self.batch_tokens:
                ends.append(i)
                begin = i
        return [*ends, len(values)]


def mask_weights(tokens: torch.Tensor, vocab_size: int) -> torch.Tensor:
    """How much more often a token is chosen than the mean: words that are more than 0.4 %
    of all (articles, full stops) are chosen less, all others more."""
    counts = torch.bincount(tokens.long(), minlength=vocab_size).float()
    counts[:FIRST_ORDINARY] = 0
    weights = torch.where(counts > 0.004 * counts.sum(), 0.4, 1.0)
    return weights * (counts.sum() / (weights * counts).sum())


def mask_batch(ids: torch.Tensor, rate: float, weights: torch.Tensor):
    """Choose positions to predict, at least one a row, and apply the 80/10/10 rule."""
    ordinary = ids >= FIRST_ORDINARY
    draw = torch.rand(ids.shape, device=ids.device) / weights[ids]
    draw = draw.masked_fill(~ordinary, 1e3)
    chosen = ((draw < rate) | (draw == draw.min(dim=1, keepdim=True).values)) & ordinary
    how = torch.rand(ids.shape, device=ids.device)
    other = torch.randint(FIRST_ORDINARY, len(weights), ids.shape, device=ids.device)
    inputs = torch.where(chosen & (how < 0.8), MASK_ID, torch.where(chosen & (how >= 0.9), other, ids))
    return inputs, chosen


def learning_scale(progress: float, step: int, warmup: int, decay: float) -> float:
    """Warm-up, constant, then 1-sqrt decay over the last part of the run."""
    scale = min(1.0, (step + 1) / warmup)
    if progress > 1 - decay:
        scale *= 0.02 + 0.98 * (1 - math.sqrt(min(1.0, (progress - 1 + decay) / decay)))
    return scale


def start_from(model: ModernBertForMaskedLM, folder: Path) -> None:
    """Take the weights of a Hugging Face folder in f32."""
    state = {}
    for path in sorted(folder.glob("*.safetensors")):
        state |= load_file(path)
    state.setdefault("decoder.weight", state["model.embeddings.tok_embeddings.weight"])
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--start", type=Path, help="folder with model.safetensors in f32; default: fresh weights")
    parser.add_argument("--after", type=Path, help="wait for this file before the start is read")
    parser.add_argument("--texts", action="append", required=True, metavar="FILES=SHARE", help="JSON lines (a glob), and their share of the tokens")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=float, default=1e12, help="stop after this many tokens")
    parser.add_argument("--minutes", type=float, default=1e9, help="or after this many minutes of training")
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--decay", type=float, default=0.35, help="last part of the run that decays")
    parser.add_argument("--batch-tokens", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=1000)
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(args.seed)
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    vocab_size = tokenizer.get_vocab_size()
    sources = [Texts(tokenizer, *split_share(text), device) for text in args.texts]
    batches = Batches(sources, args.batch_tokens, torch.Generator().manual_seed(args.seed))
    weights = mask_weights(batches.tokens, vocab_size).to(device)
    model = ModernBertForMaskedLM(build_config(vocab_size, "sdpa" if device == "cuda" else "eager"))
    if args.after:
        wait_for(args.after)
    if args.start and args.start.exists():
        start_from(model, args.start)
    model.to(device).train()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
                                  lr=args.lr, betas=(0.9, 0.98), eps=1e-6, fused=True)
    args.out.mkdir(parents=True, exist_ok=True)
    log = (args.out / "log.jsonl").open("a")
    started = time.time()
    tokens, step, padded = 0, 0, 0
    total = torch.zeros(3, device=device)  # loss, hits, labels
    for ids in batches:
        progress = max(tokens / args.tokens, (time.time() - started) / 60 / args.minutes)
        if progress >= 1:
            break
        rate = 0.30 if progress < 0.75 else 0.15 + 0.15 * max(0.0, 1 - (progress - 0.75) / 0.1)
        inputs, chosen = mask_batch(ids, rate, weights)
        labels = ids[chosen]
        for group in optimizer.param_groups:
            group["lr"] = args.lr * learning_scale(progress, step, args.warmup, args.decay)
        with torch.autocast(device, torch.bfloat16):
            hidden = model.model(input_ids=inputs, attention_mask=(ids != PAD_ID).long()).last_hidden_state
            logits = model.decoder(model.head(hidden[chosen]))
        loss = torch.nn.functional.cross_entropy(logits.float(), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            total += torch.stack([loss * len(labels), (logits.argmax(-1) == labels).sum(), torch.tensor(len(labels), device=device)])
        padded += ids.numel()
        tokens += ids.numel()
        step += 1
        if step % LOG_EVERY == 0:
            loss_sum, hits, seen = total.tolist()
            total.zero_()
            row = {"step": step, "tokens": tokens, "seconds": round(time.time() - started, 1), "progress": round(progress, 4),
                   "lr": optimizer.param_groups[0]["lr"], "loss": loss_sum / seen, "accuracy": hits / seen, "mask": round(rate, 3)}
            log.write(json.dumps(row) + "\n")
            log.flush()
            print(json.dumps(row), flush=True)
    torch.save({"model": model.state_dict(), "done": {"step": step, "tokens": tokens, "seconds": time.time() - started}}, args.out / "checkpoint.pt")


def split_share(text: str) -> tuple[str, float]:
    pattern, _, share = text.rpartition("=")
    return (pattern, float(share)) if pattern else (text, 1.0)


if __name__ == "__main__":
    main()
