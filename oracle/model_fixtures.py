"""Random tiny ModernBERTs that together differ in every key of config.json, and what PyTorch answers for them.

    python oracle/model_fixtures.py        # writes oracle/fixtures/models/ and oracle/fixtures/numbers.json

Each model is written as a folder (config.json in one of the two dialects, safetensors) and then loaded by transformers from
that folder, so that the names, the prefix, the dtypes and the meaning of every key are transformers' own. The numbers kept
are those of the f32 model with eager attention; the same model in f64 must agree within a tenth of the tolerance of the tests.
"""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import ModernBertForMaskedLM, ModernBertModel

from quantized_format import dequantize, quantize

FOLDER = Path(__file__).parent / "fixtures" / "models"
CLS, SEP, MASK, FIRST = 1, 2, 4, 5
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

# What every file of either dialect carries; transformers ignores or derives the rest.
COMMON = {
    "model_type": "modernbert",
    "architectures": ["ModernBertForMaskedLM"],
    "pad_token_id": 0,
    "bos_token_id": CLS,
    "cls_token_id": CLS,
    "eos_token_id": SEP,
    "sep_token_id": SEP,
    "layer_norm_eps": 0.5,  # read by nobody: a loader that honours it is wrong
}


def rope(full: float, sliding: float) -> dict:
    return {
        "full_attention": {"rope_type": "default", "rope_theta": full},
        "sliding_attention": {"rope_type": "default", "rope_theta": sliding},
    }


def kinds(pattern: str) -> list[str]:
    return [{"g": "full_attention", "l": "sliding_attention"}[kind] for kind in pattern]


# name -> (storage, options, config). Options: shards, base (no head, no `model.` prefix), read_as (keys that transformers 5
# cannot read as written, in its own words).
MODELS: dict[str, tuple[str, dict, dict]] = {
    # The published model's shape of config, tiny: no biases but the decoder's, tied, silu in the head, bf16.
    "published-bf16": ("bf16", {}, {
        "transformers_version": "5.18.0", "dtype": "bfloat16", "vocab_size": 509, "hidden_size": 128, "num_attention_heads": 2,
        "num_hidden_layers": 5, "intermediate_size": 100, "max_position_embeddings": 512, "local_attention": 16,
        "layer_types": kinds("gllgl"), "rope_parameters": rope(160000.0, 10000.0), "norm_eps": 1e-5, "norm_bias": False,
        "attention_bias": False, "mlp_bias": False, "decoder_bias": True, "classifier_bias": False, "hidden_activation": "gelu",
        "classifier_activation": "silu", "classifier_pooling": "mean", "tie_word_embeddings": True,
    }),
    # Every bias, a large epsilon, an untied decoder, an odd window, heads of 32, the old dialect.
    "biases-untied-f16": ("f16", {}, {
        "transformers_version": "4.57.6", "torch_dtype": "float16", "vocab_size": 331, "hidden_size": 128, "num_attention_heads": 4,
        "num_hidden_layers": 4, "intermediate_size": 72, "max_position_embeddings": 256, "local_attention": 7,
        "global_attn_every_n_layers": 2, "global_rope_theta": 20000.0, "local_rope_theta": 500.0, "norm_eps": 1e-3, "norm_bias": True,
        "attention_bias": True, "mlp_bias": True, "decoder_bias": True, "classifier_bias": True, "hidden_activation": "gelu_pytorch_tanh",
        "classifier_activation": "relu", "classifier_pooling": "cls", "tie_word_embeddings": False, "reference_compile": False,
        "repad_logits_with_grad": False, "sparse_prediction": True, "sparse_pred_ignore_index": -100, "deterministic_flash_attn": False,
        "position_embedding_type": "absolute",
    }),
    # Heads of 128, local layers first, no bias at all, silu in the MLP.
    "head128-f16": ("f16", {}, {
        "transformers_version": "5.18.0", "dtype": "float16", "vocab_size": 257, "hidden_size": 256, "num_attention_heads": 2,
        "num_hidden_layers": 3, "intermediate_size": 72, "max_position_embeddings": 1024, "local_attention": 33,
        "layer_types": kinds("lgl"), "rope_parameters": rope(80000.0, 2500.0), "norm_eps": 1e-6, "decoder_bias": False,
        "hidden_activation": "silu", "classifier_activation": "gelu", "tie_word_embeddings": True,
    }),
    # Shards with an index, f32, one head, biases in the norms alone; a null local theta means the global one (old
    # dialect; transformers 5.18 fails on it, so PyTorch is told the global theta in words).
    "sharded-f32": ("f32", {"shards": 3, "read_as": {"local_rope_theta": 5000.0}}, {
        "transformers_version": "4.48.0", "torch_dtype": "float32", "vocab_size": 211, "hidden_size": 64, "num_attention_heads": 1,
        "num_hidden_layers": 5, "intermediate_size": 52, "max_position_embeddings": 256, "local_attention": 10,
        "global_attn_every_n_layers": 3, "global_rope_theta": 5000.0, "local_rope_theta": None, "norm_eps": 1e-4, "norm_bias": True,
        "decoder_bias": True, "hidden_activation": "gelu_new", "classifier_activation": "gelu_fast", "tie_word_embeddings": True,
    }),
    # The base model alone, as ModernBertModel saves it: no prefix, no head. Every layer local, the smallest odd window.
    "base-only-f32": ("f32", {"base": True}, {
        "transformers_version": "5.18.0", "dtype": "float32", "architectures": ["ModernBertModel"], "vocab_size": 199, "hidden_size": 96,
        "num_attention_heads": 3, "num_hidden_layers": 2, "intermediate_size": 40, "max_position_embeddings": 256, "local_attention": 3,
        "layer_types": kinds("ll"), "rope_parameters": rope(160000.0, 100.0), "norm_eps": 1e-5, "attention_bias": True,
        "hidden_activation": "relu", "classifier_activation": "gelu",
    }),
    # Our quantized format, 8 bits; MLP and classifier biases.
    "quantized-q8": ("q8", {}, {
        "transformers_version": "5.18.0", "dtype": "float32", "vocab_size": 509, "hidden_size": 192, "num_attention_heads": 3,
        "num_hidden_layers": 3, "intermediate_size": 96, "max_position_embeddings": 512, "local_attention": 32,
        "global_attn_every_n_layers": 3, "rope_parameters": rope(160000.0, 10000.0), "norm_eps": 1e-5, "mlp_bias": True,
        "classifier_bias": True, "hidden_activation": "gelu", "classifier_activation": "silu", "tie_word_embeddings": True,
    }),
    # Our quantized format, 4 bits; rows that are no whole number of groups (100 = 3 × 32 + 4), untied, old dialect.
    "quantized-q4": ("q4", {}, {
        "transformers_version": "4.57.6", "torch_dtype": "float32", "vocab_size": 307, "hidden_size": 128, "num_attention_heads": 4,
        "num_hidden_layers": 3, "intermediate_size": 100, "max_position_embeddings": 512, "local_attention": 21,
        "global_attn_every_n_layers": 1, "global_rope_theta": 160000.0, "local_rope_theta": 10000.0, "norm_eps": 1e-5,
        "hidden_activation": "gelu", "classifier_activation": "gelu", "decoder_bias": True, "tie_word_embeddings": False,
    }),
    # Every second layer global in 4 bits with silu: the layer pattern, window and activation that the other q4 lacks.
    "quantized-q4-local": ("q4", {}, {
        "transformers_version": "5.18.0", "dtype": "float32", "vocab_size": 401, "hidden_size": 64, "num_attention_heads": 2,
        "num_hidden_layers": 4, "intermediate_size": 80, "max_position_embeddings": 300, "local_attention": 12,
        "layer_types": kinds("glgl"), "rope_parameters": rope(40000.0, 1000.0), "norm_eps": 1e-5, "norm_bias": True,
        "hidden_activation": "silu", "classifier_activation": "gelu_pytorch_tanh", "decoder_bias": True, "tie_word_embeddings": True,
    }),
}


def load(folder: Path, base: bool) -> torch.nn.Module:
    kind = ModernBertModel if base else ModernBertForMaskedLM
    model, report = kind.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    assert not any(report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")), report
    return model.eval()


def random_weights(model: torch.nn.Module, tied: bool, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Lively but gentle: attention far from uniform, every norm and bias away from its default."""
    state = {}
    for name, tensor in model.state_dict().items():
        if name == "decoder.weight" and tied:
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        if name.endswith("tok_embeddings.weight") or name == "decoder.weight":
            value = 0.3 * noise
        elif tensor.ndim == 2:
            gain = 1.5 if "Wqkv" in name else 1.2 if "Wi" in name else 0.8
            value = gain / math.sqrt(tensor.shape[1]) * noise
        elif name.endswith("norm.weight"):
            value = 1 + 0.3 * noise
        else:
            value = 0.2 * noise
        state[name] = value
    return state


def write_model(name: str, generator: torch.Generator) -> tuple[Path, torch.nn.Module]:
    storage, options, config = MODELS[name]
    folder = FOLDER / name
    folder.mkdir(parents=True)
    base = options.get("base", False)
    (folder / "config.json").write_text(json.dumps(COMMON | config | options.get("read_as", {}), indent=2) + "\n")
    kind = ModernBertModel if base else ModernBertForMaskedLM
    blank = kind(kind.config_class.from_pretrained(folder))
    state = random_weights(blank, blank.config.tie_word_embeddings, generator)

    if storage in ("q8", "q4"):
        stored, plain = {}, {}
        for key, tensor in state.items():
            if tensor.ndim == 2:
                codes, scale = quantize(tensor.numpy(), storage)
                stored[f"{key}.{storage}"] = torch.from_numpy(codes)
                stored[f"{key}.scale"] = torch.from_numpy(scale)
                plain[key] = torch.from_numpy(dequantize(codes, scale, storage, tensor.shape[1]))
            else:
                stored[key] = plain[key] = tensor
        metadata = {"format": "affinage", "affinage_version": "1", "dtype": storage, "group_size": "32"}
        # PyTorch sees the dequantized weights: written aside, loaded, removed.
        save_file(plain, folder / "model.safetensors", metadata={"format": "pt"})
        model = load(folder, base)
        save_file(stored, folder / "model.safetensors", metadata=metadata)
        sort_metadata(folder / "model.safetensors")
        return folder, model

    state = {key: tensor.to(DTYPES[storage]).contiguous() for key, tensor in state.items()}
    shards = options.get("shards", 1)
    if shards == 1:
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        names = list(state)
        weight_map = {}
        for shard in range(shards):
            file = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
            part = {key: state[key] for key in names[shard::shards]}
            weight_map |= dict.fromkeys(part, file)
            save_file(part, folder / file, metadata={"format": "pt"})
        total = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
        index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
    return folder, load(folder, base)


def sort_metadata(file: Path) -> None:
    """safetensors writes several metadata keys in random order; sorted, the same model is the same bytes."""
    data = file.read_bytes()
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    assert len(text) <= end - 8
    file.write_bytes(data[:8] + text.ljust(end - 8) + data[end:])


def run(model: torch.nn.Module, ids: list[int]) -> tuple[torch.Tensor, torch.Tensor | None, list[torch.Tensor]]:
    """hidden [layers + 2, n, H]: embeddings, each layer's true output (hooks: transformers 5 overwrites the last of its
    own `hidden_states` with the normed one), final norm; logits [n, V] or None; attention of every layer."""
    base = getattr(model, "model", model)
    kept: list[torch.Tensor] = []
    attention: list[torch.Tensor] = []
    hooks = [module.register_forward_hook(lambda _m, _i, out: kept.append(out[0].detach())) for module in [base.embeddings, *base.layers, base.final_norm]]
    hooks += [layer.attn.register_forward_hook(lambda _m, _i, out: attention.append(out[1].detach()[0])) for layer in base.layers]
    with torch.no_grad():
        out = model(input_ids=torch.tensor([ids]))
    for hook in hooks:
        hook.remove()
    return torch.stack(kept), getattr(out, "logits", [None])[0], attention


def nmse(a: torch.Tensor, b: torch.Tensor) -> float:
    a, b = a.double(), b.double()
    return float(((a - b) ** 2).sum() / (b**2).sum())


def lengths(config: dict, rng: np.random.Generator) -> list[int]:
    """Awkward lengths, special tokens included: 3, the keys of a window and one more, 67, about 150."""
    keys = max(2 * (config["local_attention"] // 2) + 1, 8)
    return sorted({3, keys, keys + 1, 67, 149 + int(rng.integers(0, 4))})


def sequence(model: torch.nn.Module, length: int, rng: np.random.Generator) -> list[int]:
    """[CLS] … [SEP] with up to four masks, drawn again while two of the best eleven logits are too close to rank in f32."""
    while True:
        ids = [CLS, *rng.integers(FIRST, model.config.vocab_size, length - 2).tolist(), SEP]
        for at in rng.choice(np.arange(1, length - 1), size=min(4, length - 2), replace=False):
            ids[at] = MASK
        _, logits, _ = run(model, ids)
        if logits is None:
            return ids
        best = logits[[at for at, token in enumerate(ids) if token == MASK]].topk(11).values
        if float((best[:, :-1] - best[:, 1:]).min()) > 5e-4:
            return ids


def kept_rows(length: int, rng: np.random.Generator) -> list[int]:
    """All rows of a short sequence; of a long one both ends and some from the middle, to keep the files small."""
    if length <= 24:
        return list(range(length))
    middle = rng.choice(np.arange(4, length - 4), size=12, replace=False).tolist()
    return sorted({0, 1, 2, 3, *map(int, middle), length - 4, length - 3, length - 2, length - 1})


def make(name: str, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    rng = np.random.default_rng(seed)
    folder, model = write_model(name, generator)
    config = MODELS[name][2]
    (folder / "config.json").write_text(json.dumps(COMMON | config, indent=2) + "\n")
    double = load_double(model)
    expected: dict[str, torch.Tensor] = {}
    cases = []
    worst = 0.0
    peaks = []
    for index, length in enumerate(lengths(config, rng)):
        ids = sequence(model, length, rng)
        hidden, logits, attention = run(model, ids)
        hidden64, logits64, _ = run(double, ids)
        worst = max([worst, *(nmse(a, b) for a, b in zip(hidden, hidden64, strict=True))])
        if len(ids) > 60:
            peaks += [float(layer.max(-1).values.mean()) for layer, kind in zip(attention, model.config.layer_types, strict=True) if kind == "full_attention"]
        rows = kept_rows(len(ids), rng)
        masks = [at for at, token in enumerate(ids) if token == MASK]
        final = hidden[-1]
        expected[f"{index}.hidden"] = hidden[:, rows].contiguous()
        for pooling, vector in (("mean", final.mean(0)), ("cls", final[0])):
            expected[f"{index}.{pooling}"] = torch.nn.functional.normalize(vector, dim=0)
        case = {"ids": ids, "rows": rows, "masks": masks}
        if logits is not None:
            expected[f"{index}.logits"] = logits[masks].contiguous()
            worst = max(worst, nmse(logits, logits64))
            case["top10"] = logits[masks].topk(10).indices.tolist()
        cases.append(case)
    assert worst < 1e-11, (name, worst, "f32 and f64 differ too much: gentler weights")
    assert all(peak > 0.1 for peak in peaks), (name, peaks, "attention is nearly uniform")
    save_file(expected, folder / "expected.safetensors")
    about = {"storage": MODELS[name][0], "parameters": sum(p.numel() for p in model.parameters()), "hasHead": not MODELS[name][1].get("base", False)}
    (folder / "cases.json").write_text(json.dumps(about | {"cases": cases}) + "\n")
    size = sum(file.stat().st_size for file in folder.iterdir())
    peak = f"{min(peaks):.2f}" if peaks else "-"
    print(f"{name:20} f32 against f64: NMSE {worst:.1e}; mean largest attention weight ≥ {peak}; {size / 1024:.0f} KiB")


def load_double(model: torch.nn.Module) -> torch.nn.Module:
    """The same weights in f64. The rotary table stays as in f32: its roundings belong to the model."""
    double = type(model)(model.config)
    double.load_state_dict(model.state_dict())
    return double.double().eval()


def make_numbers() -> None:
    """Values of single functions: erf and the activations in f64, inverse frequencies and rotary angles in f32."""
    from transformers.activations import ACT2FN
    from transformers.models.modernbert.modeling_modernbert import ModernBertConfig, ModernBertRotaryEmbedding

    x = torch.cat([torch.linspace(-9, 9, 361), torch.tensor([1e-8, -1e-8, 1e-300, 26.0, -26.0])]).double()
    names = {"gelu": "gelu", "gelu_tanh": "gelu_pytorch_tanh", "silu": "silu", "relu": "relu"}
    numbers: dict = {"x": x.tolist(), "erf": [math.erf(v) for v in x.tolist()], "erfc": [math.erfc(v) for v in x.tolist()]}
    numbers |= {"activations": {ours: ACT2FN[theirs](x).tolist() for ours, theirs in names.items()}, "rope": []}
    positions = [0, 1, 2, 63, 64, 1000, 4095, 8191]
    for theta in (160000.0, 10000.0, 500.0):
        for head_dim in (32, 64, 128):
            config = ModernBertConfig(hidden_size=head_dim, num_attention_heads=1, layer_types=["full_attention"], num_hidden_layers=1, rope_parameters=rope(theta, theta))
            module = ModernBertRotaryEmbedding(config)
            cos, sin = module(torch.zeros(1), torch.tensor([positions]), "full_attention")
            half = head_dim // 2
            table = torch.stack([cos[0, :, :half], sin[0, :, :half]], -1)
            numbers["rope"].append({"theta": theta, "headDim": head_dim, "positions": positions, "frequencies": module.full_attention_inv_freq.tolist(), "table": table.flatten().tolist()})
    (FOLDER.parent / "numbers.json").write_text(json.dumps(numbers) + "\n")


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    for seed, name in enumerate(MODELS, start=1):
        make(name, seed)
    make_numbers()
    total = sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file())
    print(f"{len(MODELS)} models, {total / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
