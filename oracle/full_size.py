"""Models of the published sizes with deterministic weights, and what PyTorch answers for them.

    python oracle/full_size.py base large          # writes oracle/fixtures/full-size/{base,large}.json; minutes to an hour

The weights are never stored: src/testing/full-size-weights.ts, which says how they are made, makes the same numbers. Each length is
kept in .cache as soon as it is done, so a stopped run goes on where it was. The numbers are those of the f32 model; attention is
eager up to 513 tokens and PyTorch's fused one above, where the N x N scores would take gigabytes.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy as np
import torch
from transformers import ModernBertConfig, ModernBertForMaskedLM

HERE = Path(__file__).parent
FOLDER = HERE / "fixtures" / "full-size"
CACHE = HERE.parent / ".cache" / "full-size"
LENGTHS = [16, 128, 513, 2048, 8192]
CLS, SEP, MASK, FIRST = 1, 2, 4, 5
GROUP = 32
GAINS = {"attn.Wqkv.weight": 1.4, "embeddings.tok_embeddings.weight": 3.0}
# What q4 files keep in 8 bits.
TABLES = ["embeddings.tok_embeddings.weight", "head.dense.weight"]
SHAPES = {
    "tiny": dict(vocab_size=512, hidden_size=128, num_hidden_layers=4, num_attention_heads=2, intermediate_size=96),
    "base": dict(vocab_size=32768, hidden_size=768, num_hidden_layers=22, num_attention_heads=12, intermediate_size=1152),
    "large": dict(vocab_size=32768, hidden_size=1024, num_hidden_layers=28, num_attention_heads=16, intermediate_size=2624),
}
CONFIG = dict(
    max_position_embeddings=8192, local_attention=128, global_attn_every_n_layers=3, norm_eps=1e-5, hidden_activation="gelu",
    classifier_activation="silu", norm_bias=False, attention_bias=False, mlp_bias=False, decoder_bias=True, classifier_bias=False,
    tie_word_embeddings=True, pad_token_id=0, bos_token_id=CLS, cls_token_id=CLS, eos_token_id=SEP, sep_token_id=SEP,
    rope_parameters={
        "full_attention": {"rope_type": "default", "rope_theta": 160000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
    },
)


def hash32(seed: int, index: np.ndarray) -> np.ndarray:
    x = index.astype(np.uint32) * np.uint32(0x9E3779B1) ^ np.uint32(seed)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    return x ^ (x >> np.uint32(16))


def fnv1a(text: str) -> int:
    x = 0x811C9DC5
    for byte in text.encode():
        x = (x ^ byte) * 0x01000193 & 0xFFFFFFFF
    return x


def parameter(hidden: int, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """f32 values of one parameter by its slot (src/model/checkpoint.ts)."""
    seed = fnv1a(f"{hidden} {name}")
    codes, scales = (int(hash32(seed, np.array([i]))[0]) for i in (0, 1))
    if len(shape) == 1:
        h = hash32(codes, np.arange(shape[0]))
        if name.endswith(".bias"):
            return ((h & 255).astype(np.float32) - 128) / 512
        return (48 + (h & 31).astype(np.float32)) / 64
    rows, width = shape
    assert width % GROUP == 0
    count = rows * width // GROUP
    table = name in TABLES
    gain = GAINS.get(name if table else ".".join(name.split(".")[2:]) if name.startswith("layers.") else name, 1.0)
    mean = gain / (math.sqrt(width) * (73.9 if table else 4.637))
    exponent = 0
    while mean < (8 if table else 12):
        mean *= 2
        exponent -= 1
    lowest = 8 if table else math.floor(mean) - 4
    h = hash32(scales, np.arange(count))
    m = lowest + (h & 7).astype(np.int32)
    sign = np.where(h & 8, -1, 1).astype(np.int32)
    at = (h >> 27).astype(np.int64)
    if table:
        words = hash32(codes, np.arange(8 * count)) ^ np.uint32(0x80808080)
        q = words.view(np.int8).reshape(count, GROUP).astype(np.int32)
        q[q == -128] = -127
        q[np.arange(count), at] = 127 * sign
    else:
        words = hash32(codes, np.arange(4 * count))
        q = ((words[:, None] >> (4 * np.arange(8, dtype=np.uint32))) & np.uint32(15)).astype(np.int32).reshape(count, GROUP) - 8
        q[np.arange(count), at] = -8
        m = m * sign
    return (q * m[:, None]).astype(np.float32).reshape(shape) * np.float32(2.0**exponent)


def checksum(values: np.ndarray) -> int:
    """Sum of f16 bits times odd counters, modulo 2^32: every element and its place count."""
    bits = values.astype(np.float16).reshape(-1).view(np.uint16).astype(np.uint32)
    assert np.array_equal(values.astype(np.float16).astype(np.float32), values), "not exact in f16"
    odd = 2 * np.arange(bits.size, dtype=np.uint32) + np.uint32(1)
    return int((bits * odd).sum(dtype=np.uint64) & 0xFFFFFFFF)


def slot_of(name: str) -> str:
    return name.removeprefix("model.")


def build(shape: str) -> tuple[ModernBertForMaskedLM, dict]:
    config = ModernBertConfig(**SHAPES[shape], **CONFIG)
    with torch.device("meta"):
        model = ModernBertForMaskedLM(config)
    state, golden = {}, {}
    for name, tensor in model.state_dict().items():
        if name == "decoder.weight":
            continue
        values = parameter(config.hidden_size, slot_of(name), tuple(tensor.shape))
        golden[slot_of(name)] = {"first": [float(v) for v in values.reshape(-1)[:4]], "checksum": checksum(values)}
        state[name] = torch.from_numpy(values)
    fresh = ModernBertForMaskedLM(config)  # buffers (RoPE) are not in the state
    fresh.load_state_dict(state, strict=False, assign=True)
    fresh.tie_weights()
    assert fresh.decoder.weight.data_ptr() == fresh.model.embeddings.tok_embeddings.weight.data_ptr()
    return fresh.eval(), golden


def masks_of(length: int) -> list[int]:
    count = 3 if length < 64 else 6
    return [length * (2 * i + 1) // (2 * count) for i in range(count)]


def ids_of(vocab: int, length: int) -> list[int]:
    h = hash32(fnv1a(f"ids {length}"), np.arange(length))
    ids = (FIRST + h % np.uint32(vocab - FIRST)).astype(np.int64)
    ids[masks_of(length)] = MASK
    ids[0], ids[-1] = CLS, SEP
    return ids.tolist()


def rounded(values, digits: int = 8) -> list[float]:
    return [float(f"{float(v):.{digits}g}") for v in values]


@torch.no_grad()
def answer(model: ModernBertForMaskedLM, length: int, attention: str | None = None) -> dict:
    config = model.config
    model.set_attn_implementation(attention or ("eager" if length <= 513 else "sdpa"))
    ids = ids_of(config.vocab_size, length)
    masks = masks_of(length)
    rows = sorted({0, 1, length // 3, length // 2 + 1, length - 2, length - 1})
    columns = [i * config.hidden_size // 64 for i in range(64)]
    kept = sorted({1, config.num_hidden_layers // 2, config.num_hidden_layers})
    states = {}
    hooks = [
        model.model.layers[count - 1].register_forward_hook(
            lambda _m, _i, out, count=count: states.update({count: (out[0] if isinstance(out, tuple) else out)[0][rows][:, columns].clone()})
        )
        for count in kept
    ]
    last = model.model(torch.tensor([ids]), attention_mask=None).last_hidden_state[0]
    for hook in hooks:
        hook.remove()
    logits = model.decoder(model.head(last[masks]))
    scores = torch.log_softmax(logits.double(), -1)
    answers = []
    for at, row in zip(masks, scores):
        best = torch.sort(row, descending=True, stable=True)
        answers.append({
            "position": at, "ids": best.indices[:10].tolist(), "logProbs": rounded(best.values[:10]),
            "gap": float(f"{float((best.values[:10] - best.values[1:11]).min()):.3g}"),
        })
    mean, cls = last.double().mean(0), last[0].double()
    return {
        "tokens": length, "idsChecksum": int(sum(i * (2 * n + 1) for n, i in enumerate(ids)) & 0xFFFFFFFF), "masks": answers,
        "mean": {"norm": float(mean.norm()), "unit": rounded((mean / mean.norm())[columns])},
        "cls": {"norm": float(cls.norm()), "unit": rounded((cls / cls.norm())[columns])},
        "rows": rows,
        "hidden": {str(count): [rounded(row, 7) for row in state] for count, state in states.items()},
        "last": [rounded(row, 7) for row in last[rows][:, columns]],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("shapes", nargs="+", choices=list(SHAPES))
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS)
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for shape in arguments.shapes:
        started = time.time()
        model, golden = build(shape)
        print(f"{shape}: built in {time.time() - started:.0f} s", flush=True)
        (CACHE / f"{shape}-weights.json").write_text(json.dumps(golden))
        for length in arguments.lengths:
            file = CACHE / f"{shape}-{length}.json"
            if file.exists():
                continue
            started = time.time()
            found = answer(model, length)
            file.write_text(json.dumps(found))
            gaps = [a["gap"] for a in found["masks"]]
            print(f"{shape}, {length} tokens: {time.time() - started:.0f} s; gaps {gaps}, best {[a['ids'][0] for a in found['masks']]}", flush=True)
        cases = [json.loads(file.read_text()) for n in arguments.lengths if (file := CACHE / f"{shape}-{n}.json").exists()]
        lines = ",\n".join(json.dumps(case) for case in cases)
        weights = ",\n".join(f"{json.dumps(slot)}: {json.dumps(about)}" for slot, about in golden.items())
        (FOLDER / f"{shape}.json").write_text(f'{{"weights": {{\n{weights}\n}},\n"cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
