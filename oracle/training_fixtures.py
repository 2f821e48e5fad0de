"""What a training step must compute: losses, every gradient, and twenty steps of the optimizer, from PyTorch in f64.

    python oracle/training_fixtures.py     # writes oracle/fixtures/training/

Tiny ModernBERTs of transformers, their weights from a counter and a hash (never stored; src/testing/training-weights.ts makes the
same numbers), with packed documents: attention sees one document, positions start again with each. A causal model is the published
recipe's detour: the same layers, but a token sees itself and what lies before it, in local layers at most `window` before it.
Rotation and softmax are f64 too, which transformers rounds to f32; the rotary table stays f32, its roundings belong to the model.
"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import ModernBertConfig, ModernBertForMaskedLM
from transformers.models.modernbert import modeling_modernbert

from full_size import checksum, fnv1a, hash32, slot_of
from model_fixtures import CLS, COMMON, FIRST, MASK, SEP, kinds, nmse, rope

FOLDER = Path(__file__).parent / "fixtures" / "training"
COMMON_KEYS = {key: value for key, value in COMMON.items() if key not in ("model_type", "layer_norm_eps")} | {
    "max_position_embeddings": 256, "classifier_pooling": "mean",
}
NO_BIASES = {"norm_bias": False, "attention_bias": False, "mlp_bias": False, "decoder_bias": True, "classifier_bias": False}
ALL_BIASES = dict.fromkeys(NO_BIASES, True)
# Documents of a batch: one token alone, shorter and longer than a window, no multiple of anything.
DOCUMENTS = [2, 37, 1, 5, 64, 11]

# name -> (task, config). `clm`: causal, next token; `mlm`: symmetric, masked words.
MODELS: dict[str, tuple[str, dict]] = {
    # The published model's shape, tiny: tied, no biases but the decoder's, silu in the head, MLP width off the group of 32.
    "mlm-tied": ("mlm", {
        "vocab_size": 101, "hidden_size": 64, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 10,
        "local_attention": 14, "layer_types": kinds("gl"), "rope_parameters": rope(160000.0, 10000.0), "norm_eps": 1e-5,
        "hidden_activation": "gelu", "classifier_activation": "silu", "tie_word_embeddings": True, **NO_BIASES,
    }),
    # The same under the causal detour, with the published head width of 64.
    "clm-tied": ("clm", {
        "vocab_size": 103, "hidden_size": 64, "num_attention_heads": 1, "num_hidden_layers": 2, "intermediate_size": 9,
        "local_attention": 8, "layer_types": kinds("gl"), "rope_parameters": rope(160000.0, 10000.0), "norm_eps": 1e-5,
        "hidden_activation": "gelu", "classifier_activation": "silu", "tie_word_embeddings": True, **NO_BIASES,
    }),
    # Every bias, untied, a large epsilon, a local layer first, the tanh GELU, an odd window.
    "clm-untied-biases": ("clm", {
        "vocab_size": 100, "hidden_size": 64, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 12,
        "local_attention": 7, "layer_types": kinds("lg"), "rope_parameters": rope(20000.0, 500.0), "norm_eps": 1e-3,
        "hidden_activation": "gelu_pytorch_tanh", "classifier_activation": "gelu", "tie_word_embeddings": False, **ALL_BIASES,
    }),
    # Small and deeper: three layers of width 32, silu in the MLP and relu in the head, untied without the decoder's bias.
    "mlm-small": ("mlm", {
        "vocab_size": 100, "hidden_size": 32, "num_attention_heads": 1, "num_hidden_layers": 3, "intermediate_size": 12,
        "local_attention": 6, "layer_types": kinds("lgl"), "rope_parameters": rope(40000.0, 1000.0), "norm_eps": 1e-5,
        "hidden_activation": "silu", "classifier_activation": "relu", "tie_word_embeddings": False,
        **NO_BIASES, "norm_bias": True, "decoder_bias": False,
    }),
}

# Twenty steps: five batches in turn, the rate warmed up, held, then 1-sqrt to a tenth. Clipping and decay are strong enough to see.
TRAJECTORY = {
    "vocab_size": 100, "hidden_size": 64, "num_attention_heads": 2, "num_hidden_layers": 3, "intermediate_size": 12,
    "local_attention": 12, "layer_types": kinds("gll"), "rope_parameters": rope(160000.0, 10000.0), "norm_eps": 1e-5,
    "hidden_activation": "gelu", "classifier_activation": "silu", "tie_word_embeddings": True, **NO_BIASES,
}
STEPS, BATCHES = 20, 5
LONG_STEPS = 50
OPTIMIZER = {"lr": 2e-3, "beta1": 0.9, "beta2": 0.98, "eps": 1e-6, "weightDecay": 0.01, "clipNorm": 4.5}
KEPT = ["embeddings.tok_embeddings.weight", "layers.1.attn_norm.weight", "layers.2.mlp.Wo.weight"]


def exact_attention(module, query, key, value, attention_mask, scaling, **_kwargs):
    """transformers' eager attention but for its softmax, which rounds to f32 there."""
    weights = (query @ key.transpose(2, 3) * scaling + attention_mask).softmax(-1)
    return (weights @ value).transpose(1, 2).contiguous(), weights


def exact_rotation(q, k, cos, sin, unsqueeze_dim=1):
    """transformers' rotation without its detour by f32."""
    cos, sin = cos.unsqueeze(unsqueeze_dim), sin.unsqueeze(unsqueeze_dim)
    return tuple(x * cos + modeling_modernbert.rotate_half(x) * sin for x in (q, k))


modeling_modernbert.eager_attention_forward = exact_attention
modeling_modernbert.apply_rotary_pos_emb = exact_rotation


def weight(hidden: int, slot: str, shape: tuple[int, ...]) -> np.ndarray:
    """One parameter: code · m · 2^e with a code of −127 … 127 and an m of 8 … 15 for the whole of it; exact in f16."""
    h = hash32(fnv1a(f"training {hidden} {slot}"), np.arange(math.prod(shape)))
    if len(shape) == 1:
        values = ((h & 255).astype(np.float32) - 128) / 512 if slot.endswith(".bias") else (48 + (h & 31).astype(np.float32)) / 64
        return values.reshape(shape)
    gain = 1.5 if "tok_embeddings" in slot or slot.startswith("decoder") or "Wqkv" in slot else 1.0
    mean, exponent = gain / (math.sqrt(shape[1]) * 73.6), 0
    while mean < 8:
        mean, exponent = mean * 2, exponent - 1
    code = (h % np.uint32(255)).astype(np.int32) - 127
    return ((code * math.floor(mean)).astype(np.float64) * 2.0**exponent).astype(np.float32).reshape(shape)


def build(config: dict, dtype: torch.dtype) -> ModernBertForMaskedLM:
    full = ModernBertConfig(**COMMON_KEYS, **config, attn_implementation="eager")
    model = ModernBertForMaskedLM(full).to(dtype).eval()
    tied = full.tie_word_embeddings
    for name, tensor in model.state_dict().items():
        if name != "decoder.weight" or not tied:
            tensor.copy_(torch.from_numpy(weight(full.hidden_size, slot_of(name), tuple(tensor.shape))))
    return model


def weights_checksum(model: ModernBertForMaskedLM) -> int:
    """Of all parameters together, for whoever makes the same ones."""
    return sum(checksum(p.detach().float().numpy()) for p in model.parameters()) % 2**32


def make_batch(task: str, vocab: int, rng: np.random.Generator, documents: list[int] = DOCUMENTS, rate: float = 0.3) -> dict:
    """ids, cuSeqlens and labels (−100: none). mlm: 80 % [MASK], 10 % another word, 10 % the word itself; clm: the next token of the document."""
    ids, labels, cu = [], [], [0]
    for length in documents:
        words = [CLS, *rng.integers(FIRST, vocab, max(length - 2, 0)).tolist(), SEP][:length]
        if task == "clm":
            labels += [*words[1:], -100]
        else:
            chosen = (rng.random(length) < rate).tolist()
            labels += [word if is_chosen else -100 for word, is_chosen in zip(words, chosen, strict=True)]
            fate = rng.random(length).tolist()
            other = rng.integers(FIRST, vocab, length).tolist()
            words = [
                word if not is_chosen or f >= 0.9 else MASK if f < 0.8 else another
                for word, is_chosen, f, another in zip(words, chosen, fate, other, strict=True)
            ]
        ids += words
        cu.append(len(ids))
    assert any(label >= 0 for label in labels)
    return {"ids": ids, "cuSeqlens": cu, "labels": labels}


def masks(batch: dict, causal: bool, window: int, dtype: torch.dtype) -> tuple[dict, torch.Tensor]:
    """What each token may see, 0 or −inf [1, 1, T, T] by kind of layer, and the positions [1, T]."""
    cu = torch.tensor(batch["cuSeqlens"])
    document = torch.repeat_interleave(torch.arange(len(cu) - 1), cu.diff())
    at = torch.arange(len(document))
    distance = at[:, None] - at[None, :]  # query − key
    seen = document[:, None] == document[None, :]
    if causal:
        seen = seen & (distance >= 0)
    allowed = {"full_attention": seen, "sliding_attention": seen & (distance.abs() <= window)}
    hidden = {kind: torch.zeros(m.shape, dtype=dtype).masked_fill(~m, -torch.inf)[None, None] for kind, m in allowed.items()}
    return hidden, (at - cu[document])[None]


def loss_of(model: ModernBertForMaskedLM, batch: dict, causal: bool, window: int | None = None) -> torch.Tensor:
    """Mean cross-entropy over the labelled tokens, of packed documents; `window` in the place of the model's own."""
    seen, positions = masks(batch, causal, model.config.sliding_window if window is None else window, model.dtype)
    logits = model(input_ids=torch.tensor([batch["ids"]]), attention_mask=seen, position_ids=positions).logits[0]
    return torch.nn.functional.cross_entropy(logits, torch.tensor(batch["labels"]), ignore_index=-100)


def gradients(model: ModernBertForMaskedLM, batch: dict, causal: bool) -> tuple[float, dict[str, torch.Tensor]]:
    model.zero_grad()
    loss = loss_of(model, batch, causal)
    loss.backward()
    return loss.item(), {slot_of(name): p.grad.clone() for name, p in model.named_parameters()}


def check_masks(model: ModernBertForMaskedLM, batch: dict, causal: bool) -> None:
    """Each document alone gives the same sum of losses, and a mask that is wrong by one key gives another."""
    total, count = 0.0, sum(label >= 0 for label in batch["labels"])
    with torch.no_grad():
        for start, end in zip(batch["cuSeqlens"], batch["cuSeqlens"][1:], strict=False):
            labels = batch["labels"][start:end]
            n = sum(label >= 0 for label in labels)
            if n:
                alone = {"ids": batch["ids"][start:end], "labels": labels, "cuSeqlens": [0, end - start]}
                total += n * loss_of(model, alone, causal).item()
        loss = loss_of(model, batch, causal).item()
        assert abs(total / count - loss) < 1e-12
        # A fixture is worth something only if a wrong mask shows in it.
        window = model.config.sliding_window
        whole = batch | {"cuSeqlens": [0, len(batch["ids"])]}
        wrong = [loss_of(model, *args).item() for args in [(batch, causal, window - 1), (batch, causal, window + 1), (batch, not causal), (whole, causal)]]
        assert all(abs(other - loss) > 1e-3 for other in wrong), (loss, wrong)


def upper_bytes(values: torch.Tensor) -> torch.Tensor:
    """f32 without its last byte, rounded to nearest: U8 [.., 3], little-endian. A quarter less to store, NMSE about 3e-11."""
    bits = values.float().contiguous().numpy().view(np.uint32).astype(np.uint64)
    rounded = ((bits + 127 + ((bits >> 8) & 1)) >> 8).astype(np.uint32)
    return torch.from_numpy(rounded.astype("<u4")[..., None].view(np.uint8)[..., :3].copy())


def write_config(folder: Path, config: dict) -> None:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(COMMON | COMMON_KEYS | config, indent=2) + "\n")


def make_model(name: str, seed: int) -> None:
    task, config = MODELS[name]
    causal = task == "clm"
    batch = make_batch(task, config["vocab_size"], np.random.default_rng(seed))
    double, single = build(config, torch.float64), build(config, torch.float32)
    check_masks(double, batch, causal)
    loss, exact = gradients(double, batch, causal)
    _, rounded = gradients(single, batch, causal)
    worst = max(nmse(rounded[slot], exact[slot]) for slot in exact)
    assert worst < 1e-11, (name, worst, "f32 and f64 differ too much: gentler weights")
    quiet = min((float(g.abs().max()), slot) for slot, g in exact.items())
    assert quiet[0] > 1e-4, (name, quiet, "a gradient is nearly nothing")
    folder = FOLDER / name
    write_config(folder, config)
    save_file({slot: upper_bytes(g) for slot, g in exact.items()}, folder / "gradients.safetensors")
    norm = math.sqrt(sum(float((g**2).sum()) for g in exact.values()))
    case = {"task": task, **batch, "loss": loss, "gradientNorm": norm, "weightsChecksum": weights_checksum(double)}
    (folder / "case.json").write_text(json.dumps(case) + "\n")
    print(f"{name:20} loss {loss:.4f}, norm {norm:.3f}; f32 against f64: NMSE {worst:.1e}")


def rate(step: int, steps: int) -> float:
    """The learning rate of step 0 … steps - 1: 4 steps up, held, the last two fifths down by 1-sqrt to a tenth."""
    up, down = min(1.0, (step + 1) / 4), max(0.0, (step + 1 - 0.6 * steps) / (0.4 * steps))
    return OPTIMIZER["lr"] * up * (0.1 + 0.9 * (1 - math.sqrt(down)))


def run_steps(task: str, batches: list[dict], dtype: torch.dtype, count: int = STEPS) -> tuple[list[dict], dict[str, torch.Tensor]]:
    """Composer's DecoupledAdamW (decoupled_weight_decay.py): the decay is not multiplied by the rate, only by its share of the peak;
    none on norms and biases. Before it torch's clip_grad_norm_."""
    model = build(TRAJECTORY, dtype)
    start = {slot_of(name): p.detach().clone() for name, p in model.named_parameters()}
    first = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    second = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    steps = []
    beta1, beta2 = OPTIMIZER["beta1"], OPTIMIZER["beta2"]
    for step in range(count):
        model.zero_grad()
        loss = loss_of(model, batches[step % BATCHES], task == "clm")
        loss.backward()
        norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), OPTIMIZER["clipNorm"]))
        lr = rate(step, count)
        with torch.no_grad():
            for name, p in model.named_parameters():
                if p.ndim > 1:
                    p.mul_(1 - lr / OPTIMIZER["lr"] * OPTIMIZER["weightDecay"])
                first[name].mul_(beta1).add_(p.grad, alpha=1 - beta1)
                second[name].mul_(beta2).addcmul_(p.grad, p.grad, value=1 - beta2)
                denominator = (second[name].sqrt() / math.sqrt(1 - beta2 ** (step + 1))).add_(OPTIMIZER["eps"])
                p.addcdiv_(first[name], denominator, value=-lr / (1 - beta1 ** (step + 1)))
            moved = {slot_of(n): float((p - start[slot_of(n)]).norm()) for n, p in model.named_parameters() if slot_of(n) in KEPT}
        steps.append({"batch": step % BATCHES, "lr": lr, "loss": loss.item(), "gradientNorm": norm, "moved": [moved[slot] for slot in KEPT]})
    change = {slot_of(name): p.detach() - start[slot_of(name)] for name, p in model.named_parameters()}
    return steps, {slot: change[slot] for slot in KEPT}


def make_trajectory(task: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    batches = [make_batch(task, TRAJECTORY["vocab_size"], rng, [3 + i, 41, 19]) for i in range(BATCHES)]
    steps, change = run_steps(task, batches, torch.float64)
    steps32, change32 = run_steps(task, batches, torch.float32)
    off = max(nmse(change32[slot], change[slot]) for slot in KEPT)
    loss_off = max(abs(a["loss"] / b["loss"] - 1) for a, b in zip(steps32, steps, strict=True))
    clipped = sum(step["gradientNorm"] > OPTIMIZER["clipNorm"] for step in steps)
    assert 3 <= clipped <= STEPS - 3, (task, [step["gradientNorm"] for step in steps])
    assert off < 1e-8 and loss_off < 1e-5, (task, off, loss_off)
    folder = FOLDER / f"steps-{task}"
    write_config(folder, TRAJECTORY)
    save_file({slot: upper_bytes(values) for slot, values in change.items()}, folder / "changes.safetensors")
    checked = weights_checksum(build(TRAJECTORY, torch.float32))
    about = {"task": task, "weightsChecksum": checked, "optimizer": OPTIMIZER, "kept": KEPT, "batches": batches, "steps": steps}
    (folder / "steps.json").write_text(json.dumps(about) + "\n")
    make_long(task, batches, folder)
    print(f"steps-{task}: loss {steps[0]['loss']:.3f} to {steps[-1]['loss']:.3f}, {clipped} steps clipped; f32 against f64: change {off:.1e}, loss {loss_off:.1e}")


def make_long(task: str, batches: list[dict], folder: Path) -> None:
    """Fifty steps over the same batches, of which only the losses are kept: does the run drift?"""
    steps, _ = run_steps(task, batches, torch.float64, LONG_STEPS)
    steps32, _ = run_steps(task, batches, torch.float32, LONG_STEPS)
    off = max(abs(a["loss"] / b["loss"] - 1) for a, b in zip(steps32, steps, strict=True))
    assert off < 1e-4, (task, off)
    kept = [{name: step[name] for name in ("batch", "lr", "loss")} for step in steps]
    (folder / "long.json").write_text(json.dumps({"steps": kept}) + "\n")
    print(f"steps-{task}: {LONG_STEPS} steps, loss to {steps[-1]['loss']:.3f}; f32 against f64: {off:.1e}")


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for seed, name in enumerate(MODELS, start=1):
        make_model(name, seed)
    for seed, task in enumerate(("clm", "mlm"), start=11):
        make_trajectory(task, seed)
    total = sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file())
    print(f"{total / 1000:.0f} kB")


if __name__ == "__main__":
    main()
