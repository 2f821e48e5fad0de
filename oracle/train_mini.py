"""Train the mini model on the synthetic corpus with masked language modelling.

The corpus is generated on the fly: shard k comes from seed + k, so a run that
resumes sees the same documents as one that never stopped. The schedule is
warmup, constant, then 1-sqrt decay to 10 % of the peak.

    python train_mini.py --model ../public/models/mini --out ../.cache/mini --tokens 12e6
"""

import argparse
import json
import math
import os
import random
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import ModernBertConfig, ModernBertForMaskedLM

from corpus.generate import Generator

DOCS_PER_SHARD = 2000
LAYERS = 4
MAX_LENGTH = 256
MASK_ID, PAD_ID, FIRST_ORDINARY = 4, 0, 5


def build_config(vocab_size: int) -> ModernBertConfig:
    """The architecture of the mini model."""
    return ModernBertConfig(
        attn_implementation="eager",  # faster than SDPA on short sequences on a CPU
        vocab_size=vocab_size, hidden_size=256, num_hidden_layers=LAYERS, num_attention_heads=4, intermediate_size=384,
        hidden_activation="gelu", classifier_activation="gelu", max_position_embeddings=1024, local_attention=128,
        global_attn_every_n_layers=3, global_rope_theta=160000.0, local_rope_theta=10000.0, norm_eps=1e-5,
        pad_token_id=0, cls_token_id=1, bos_token_id=1, sep_token_id=2, eos_token_id=2, classifier_pooling="mean",
        tie_word_embeddings=True)


def make_shard(tokenizer: Tokenizer, seed: int, batch_tokens: int) -> list[list[list[int]]]:
    """Generate one shard and group it into batches of similar length."""
    rng = random.Random(seed)
    stream = Generator(seed).stream()
    documents = [next(stream) for _ in range(DOCS_PER_SHARD)]
    rows = []
    for encoding in tokenizer.encode_batch(documents):
        ids = encoding.ids
        rows.append(ids if len(ids) <= MAX_LENGTH else ids[: MAX_LENGTH - 1] + [2])
    rng.shuffle(rows)
    rows.sort(key=len)
    batches, batch = [], []
    for row in rows:
        if batch and len(row) * (len(batch) + 1) > batch_tokens:
            batches.append(batch)
            batch = []
        batch.append(row)
    batches.append(batch)
    rng.shuffle(batches)
    return batches


def mask_weights(rows: list[list[int]], vocab_size: int) -> torch.Tensor:
    """How much more often a token is chosen than the mean: words that are more than 0.4 %
    of a shard (articles, full stops) are chosen less, all others more."""
    counts = torch.bincount(torch.tensor([t for row in rows for t in row]), minlength=vocab_size).float()
    counts[:FIRST_ORDINARY] = 0
    frequent = counts > 0.004 * counts.sum()
    weights = torch.where(frequent, 0.4, 1.0)
    return weights * (counts.sum() / (weights * counts).sum())


def mask_batch(rows: list[list[int]], rate: float, weights: torch.Tensor, gen: torch.Generator):
    """Pad, choose positions to predict and apply the 80/10/10 rule."""
    vocab_size = len(weights)
    length = max(map(len, rows))
    ids = torch.full((len(rows), length), PAD_ID)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    attention = (ids != PAD_ID).long()
    ordinary = ids >= FIRST_ORDINARY
    draw = torch.rand(ids.shape, generator=gen) / weights[ids]
    draw[~ordinary] = 1e3
    chosen = draw < rate
    chosen |= draw == draw.min(dim=1, keepdim=True).values  # at least one per document
    chosen &= ordinary
    how = torch.rand(ids.shape, generator=gen)
    inputs = ids.clone()
    inputs[chosen & (how < 0.8)] = MASK_ID
    swap = chosen & (how >= 0.9)
    inputs[swap] = torch.randint(FIRST_ORDINARY, vocab_size, (int(swap.sum()),), generator=gen)
    return inputs, attention, chosen, ids[chosen]


def learning_scale(progress: float, step: int, warmup: int, decay: float) -> float:
    """Warmup, constant, then 1-sqrt decay over the last part of the run."""
    scale = min(1.0, (step + 1) / warmup)
    if progress > 1 - decay:
        scale *= 0.02 + 0.98 * (1 - math.sqrt(min(1.0, (progress - 1 + decay) / decay)))
    return scale


def warm_start(model: ModernBertForMaskedLM, tokenizer: Tokenizer, folder: Path) -> int:
    """Copy weights from a checkpoint whose vocabulary may differ: token rows are
    matched by their text, new tokens start from the mean of their old pieces."""
    state = torch.load(folder / "checkpoint.pt", weights_only=True)["model"]
    old = Tokenizer.from_file(str(folder / "tokenizer.json"))
    old_vocab = old.get_vocab()
    weight, bias = state["model.embeddings.tok_embeddings.weight"], state["decoder.bias"]
    rows, biases, fresh = [], [], 0
    for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]):
        if token in old_vocab:
            rows.append(weight[old_vocab[token]])
            biases.append(bias[old_vocab[token]])
            continue
        fresh += 1
        pieces = old.encode(token.removeprefix("##"), add_special_tokens=False).ids or [3]
        rows.append(weight[pieces].mean(0))
        biases.append(bias[pieces].min())
    state["model.embeddings.tok_embeddings.weight"] = torch.stack(rows)
    state["decoder.weight"] = state["model.embeddings.tok_embeddings.weight"]
    state["decoder.bias"] = torch.stack(biases)
    model.load_state_dict(state)
    return fresh


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True, help="folder with tokenizer.json")
    parser.add_argument("--out", type=Path, default=Path("../.cache/mini"))
    parser.add_argument("--tokens", type=float, default=12e6, help="stop after this many tokens")
    parser.add_argument("--minutes", type=float, default=1e9, help="or after this many minutes of this process")
    parser.add_argument("--lr", type=float, default=1.2e-3)
    parser.add_argument("--warmup", type=int, default=200)
    parser.add_argument("--decay", type=float, default=0.35, help="last part of the run that decays")
    parser.add_argument("--batch-tokens", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--warm-start", type=Path)
    parser.add_argument("--pid-file", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(args.seed)
    if args.pid_file:
        args.pid_file.write_text(str(os.getpid()))
    tokenizer = Tokenizer.from_file(str(args.model / "tokenizer.json"))
    vocab_size = tokenizer.get_vocab_size()
    model = ModernBertForMaskedLM(build_config(vocab_size))
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
                                  lr=args.lr, betas=(0.9, 0.98), eps=1e-6, fused=True)
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint = args.out / "checkpoint.pt"
    done = {"shard": 0, "step": 0, "tokens": 0, "documents": 0, "seconds": 0.0}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        done = saved["done"]
        print("resumed", done, flush=True)
    elif args.warm_start:
        print("warm start,", warm_start(model, tokenizer, args.warm_start), "new tokens", flush=True)
    (args.out / "tokenizer.json").write_text((args.model / "tokenizer.json").read_text(encoding="utf-8"), encoding="utf-8")
    gen = torch.Generator().manual_seed(args.seed + done["shard"])
    log = (args.out / "log.jsonl").open("a")
    started, before, saved_at = time.time(), done["seconds"], time.time()
    model.train()

    def save() -> None:
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "done": done}, args.out / "checkpoint.tmp")
        os.replace(args.out / "checkpoint.tmp", checkpoint)

    finished = False
    while not finished:
        total, hits, seen, clock, shard_tokens = 0.0, 0, 0, time.time(), 0
        batches = make_shard(tokenizer, args.seed + done["shard"], args.batch_tokens)
        weights = mask_weights([row for batch in batches for row in batch], vocab_size)
        for rows in batches:
            progress = max(done["tokens"] / args.tokens, (time.time() - started) / 60 / args.minutes)
            if progress >= 1:
                finished = True
                break
            rate = 0.30 if progress < 0.75 else 0.15 + 0.15 * max(0.0, 1 - (progress - 0.75) / 0.1)
            inputs, attention, chosen, labels = mask_batch(rows, rate, weights, gen)
            for group in optimizer.param_groups:
                group["lr"] = args.lr * learning_scale(progress, done["step"], args.warmup, args.decay)
            with torch.autocast("cpu", torch.bfloat16):
                hidden = model.model(input_ids=inputs, attention_mask=attention).last_hidden_state
                logits = model.decoder(model.head(hidden[chosen]))
            loss = torch.nn.functional.cross_entropy(logits.float(), labels)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            count = int(attention.sum())
            done["tokens"] += count
            shard_tokens += count
            done["documents"] += len(rows)
            done["step"] += 1
            total += loss.item() * len(labels)
            hits += int((logits.argmax(-1) == labels).sum())
            seen += len(labels)
        done["shard"] += 1
        done["seconds"] = before + time.time() - started
        row = {**done, "progress": round(progress, 4), "lr": optimizer.param_groups[0]["lr"], "loss": total / max(seen, 1),
               "accuracy": hits / max(seen, 1), "tokens_per_second": shard_tokens / (time.time() - clock), "mask": round(rate, 3)}
        log.write(json.dumps(row) + "\n")
        log.flush()
        print(f"shard {done['shard']} step {done['step']} tokens {done['tokens'] / 1e6:.2f}M loss {row['loss']:.3f} "
              f"accuracy {row['accuracy']:.3f} {row['tokens_per_second']:.0f} tokens/s progress {progress:.3f}", flush=True)
        if finished or time.time() - saved_at > 120:
            save()
            saved_at = time.time()


if __name__ == "__main__":
    main()
