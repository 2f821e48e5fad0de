"""Export a training checkpoint to public/models/mini and write the expected values, for the tests (oracle/data/mini-expected.json)
and, compact, for the check of a device (expected.json beside the model).

The weights are stored in the project's own format (docs/QUANTIZED-FORMAT.md), q8.

    python export_mini.py --checkpoint ../.cache/mini --out ../public/models/mini
    python export_mini.py --out ../public/models/mini --expected-only
"""

import argparse
import base64
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from transformers import ModernBertForMaskedLM

from quantized_format import dequantize, quantize
from train_mini import LAYERS, build_config

HERE = Path(__file__).parent
EXPECTED = HERE / "data" / "mini-expected.json"
METADATA = {"format": "affinage", "affinage_version": "1", "dtype": "q8", "group_size": "32",
            "created_by": "affinage oracle/export_mini.py"}

# Sentences whose expected values the TypeScript tests compare with.
SENTENCES = [
    "Le patient présente une [MASK] aiguë du myocarde.",
    "La patiente est traitée par [MASK] pour une insuffisance [MASK].",
    "L'[MASK] du myocarde est une urgence.",
    "Le traitement de l'asthme repose sur le [MASK].",
    "On note une [MASK] à 39,5 degrés et une toux depuis trois jours.",
    "Le diabète de type 2 est une maladie [MASK].",
    "Elle n’a pas d’antécédent de [MASK], mais son père est décédé d’un cancer du côlon.",
    "L'IRM cérébrale montre une lésion du [MASK].",
    "Mme Durand, âgée de 67 ans, est hospitalisée en [MASK] pour une fracture du col du fémur.",
    "Le cœur pompe le [MASK].",
    "Amoxicilline 1 g : un comprimé [MASK] fois par jour pendant 7 jours.\nRevoir si la fièvre persiste.",
    "Compte rendu d'hospitalisation. Le patient, âgé de 72 ans, a été admis en cardiologie pour une dyspnée et des oedèmes des "
    "membres inférieurs évoluant depuis deux semaines. Antécédents : hypertension artérielle, diabète de type 2, fibrillation "
    "atriale. Traitement à l'entrée : bisoprolol, ramipril, metformine, apixaban. À l'examen, on retrouve une orthopnée, des râles "
    "crépitants des deux bases et des oedèmes des membres inférieurs. Tension artérielle à 15/9, pouls à 95 par minute, saturation à "
    "91 % en air ambiant. L'électrocardiogramme retrouve une fibrillation atriale. La radiographie thoracique montre un épanchement "
    "pleural bilatéral. L'échocardiographie met en évidence une dysfonction sévère du ventricule gauche. Le dosage du BNP est élevé, "
    "à 1250 pg/ml. Au total, il s'agit d'une décompensation d'une insuffisance [MASK] chez un patient hypertendu. Un traitement par "
    "furosémide a été débuté, avec une bonne évolution et la disparition de la dyspnée. Il sera revu en consultation de [MASK] dans "
    "un mois. Bien confraternellement.",
]


def mini_config(vocab_size: int) -> dict:
    """config.json in the dialect of transformers 4.x, which 5.x also reads."""
    return {
        "architectures": ["ModernBertForMaskedLM"], "attention_bias": False, "attention_dropout": 0.0, "bos_token_id": 1,
        "classifier_activation": "gelu", "classifier_bias": False, "classifier_dropout": 0.0, "classifier_pooling": "mean",
        "cls_token_id": 1, "decoder_bias": True, "deterministic_flash_attn": False, "embedding_dropout": 0.0, "eos_token_id": 2,
        "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0, "gradient_checkpointing": False,
        "hidden_activation": "gelu", "hidden_size": 256, "initializer_cutoff_factor": 2.0, "initializer_range": 0.02,
        "intermediate_size": 384, "layer_norm_eps": 1e-05, "local_attention": 128, "local_rope_theta": 10000.0,
        "mask_token_id": 4, "max_position_embeddings": 1024, "mlp_bias": False, "mlp_dropout": 0.0, "model_type": "modernbert",
        "norm_bias": False, "norm_eps": 1e-05, "num_attention_heads": 4, "num_hidden_layers": LAYERS, "pad_token_id": 0,
        "position_embedding_type": "absolute", "sep_token_id": 2, "tie_word_embeddings": True, "torch_dtype": "float32",
        "transformers_version": "4.48.0", "unk_token_id": 3, "vocab_size": vocab_size,
    }


def write_safetensors(path: Path, tensors: dict[str, np.ndarray], metadata: dict[str, str]) -> None:
    """A safetensors file with tensors in the order of their names."""
    kinds = {"int8": "I8", "float16": "F16", "float32": "F32"}
    header: dict[str, object] = {"__metadata__": metadata}
    offset = 0
    for name in sorted(tensors):
        array = tensors[name]
        header[name] = {"dtype": kinds[str(array.dtype)], "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for name in sorted(tensors):
            out.write(np.ascontiguousarray(tensors[name]).tobytes())


def store(state: dict[str, torch.Tensor], path: Path) -> None:
    """Quantize matrices to q8, keep vectors as f32, drop the tied decoder."""
    tensors: dict[str, np.ndarray] = {}
    for name, value in state.items():
        if name == "decoder.weight":
            continue
        array = value.detach().float().numpy()
        if array.ndim == 2:
            tensors[f"{name}.q8"], tensors[f"{name}.scale"] = quantize(array, "q8")
        else:
            tensors[name] = array
    write_safetensors(path, tensors, METADATA)


def load_stored(path: Path) -> dict[str, torch.Tensor]:
    """The f32 weights that a stored file stands for, with the tied decoder."""
    state: dict[str, torch.Tensor] = {}
    with safe_open(path, "np") as file:
        for name in file.keys():  # noqa: SIM118
            if name.endswith(".q8"):
                base = name.removesuffix(".q8")
                codes, scale = file.get_tensor(name), file.get_tensor(f"{base}.scale")
                state[base] = torch.from_numpy(dequantize(codes, scale, "q8", codes.shape[1]))
            elif not name.endswith(".scale"):
                state[name] = torch.from_numpy(file.get_tensor(name))
    state["decoder.weight"] = state["model.embeddings.tok_embeddings.weight"]
    return state


def load_model(folder: Path) -> tuple[ModernBertForMaskedLM, Tokenizer]:
    """The stored model in transformers, with eager attention, and its tokenizer."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    config = build_config(tokenizer.get_vocab_size())
    config._attn_implementation = "eager"
    model = ModernBertForMaskedLM(config)
    model.load_state_dict(load_stored(folder / "model.safetensors"))
    return model.eval(), tokenizer


@torch.no_grad()
def agreement(stored: ModernBertForMaskedLM, trained: dict[str, torch.Tensor], tokenizer: Tokenizer) -> float:
    """Share of held-out positions where stored and trained weights agree on the best token."""
    from corpus.generate import Generator

    other = ModernBertForMaskedLM(stored.config)
    other.load_state_dict(trained)
    other.eval()
    stream = Generator(4242, frames="test").stream()
    gen = torch.Generator().manual_seed(1)
    same = total = 0
    for _ in range(400):
        ids = torch.tensor([tokenizer.encode(next(stream)).ids])
        position = int(torch.randint(1, ids.shape[1] - 1, (1,), generator=gen))
        ids[0, position] = 4
        a, b = (m(input_ids=ids).logits[0, position].argmax() for m in (stored, other))
        same += int(a == b)
        total += 1
    return same / total


@torch.no_grad()
def write_expected(model: ModernBertForMaskedLM, tokenizer: Tokenizer) -> None:
    """Ids, ten best tokens per mask and mean embedding of each sentence."""
    cases = []
    for text in SENTENCES:
        encoding = tokenizer.encode(text)
        ids = torch.tensor([encoding.ids])
        hidden = model.model(input_ids=ids).last_hidden_state
        logits = model.decoder(model.head(hidden))[0]
        mean = hidden[0].double().mean(0)
        mean = (mean / mean.norm()).tolist()
        masks = []
        for position in [i for i, t in enumerate(encoding.ids) if t == 4]:
            best = torch.softmax(logits[position].double(), -1).topk(10)
            masks.append({"position": position, "ids": best.indices.tolist(),
                          "tokens": [tokenizer.id_to_token(i) for i in best.indices.tolist()],
                          "probabilities": [float(f"{p:.7g}") for p in best.values.tolist()]})
        cases.append({"text": text, "ids": encoding.ids, "masks": masks, "embedding": [float(f"{v:.7g}") for v in mean]})
    note = ("Written by oracle/export_mini.py: transformers in f32 on the dequantized weights of public/models/mini. "
            "Probabilities are a float64 softmax; the embedding is the mean of last_hidden_state over every token, L2 norm 1.")
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
    EXPECTED.write_text('{"note": ' + json.dumps(note) + ',\n "cases": [\n' + lines + "\n]}\n", encoding="utf-8")


def write_compact(folder: Path) -> None:
    """The same values as the product ships them, in expected.json beside the model: no tokens, embeddings as base64 of little-endian
    f32. The hash tells which weights they belong to (src/verify/reference.ts reads the file)."""
    weights = (folder / "model.safetensors").read_bytes()
    cases = [{"text": case["text"], "ids": case["ids"],
              "masks": [{"ids": mask["ids"], "probabilities": mask["probabilities"]} for mask in case["masks"]],
              "embedding": base64.b64encode(np.asarray(case["embedding"], dtype="<f4").tobytes()).decode()}
             for case in json.loads(EXPECTED.read_text(encoding="utf-8"))["cases"]]
    about = {"note": "What PyTorch computes with the weights beside this file. Written by oracle/export_mini.py.",
             "weights": {"bytes": len(weights), "sha256": hashlib.sha256(weights).hexdigest()}}
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
    text = json.dumps(about)[:-1] + ',\n "cases": [\n' + lines + "\n]}\n"
    (folder / "expected.json").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, default=HERE / "../.cache/mini")
    parser.add_argument("--out", type=Path, default=HERE / "../public/models/mini")
    parser.add_argument("--expected-only", action="store_true")
    args = parser.parse_args()
    trained = None
    if not args.expected_only:
        trained = torch.load(args.checkpoint / "checkpoint.pt", weights_only=True, map_location="cpu")["model"]
        args.out.mkdir(parents=True, exist_ok=True)
        if (args.checkpoint / "tokenizer.json").resolve() != (args.out / "tokenizer.json").resolve():
            shutil.copyfile(args.checkpoint / "tokenizer.json", args.out / "tokenizer.json")
        vocab = trained["decoder.bias"].shape[0]
        (args.out / "config.json").write_text(json.dumps(mini_config(vocab), indent=2) + "\n", encoding="utf-8")
        store(trained, args.out / "model.safetensors")
    model, tokenizer = load_model(args.out)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters} parameters, {(args.out / 'model.safetensors').stat().st_size} bytes stored")
    if trained is not None:
        print(f"stored and trained weights agree on the best token at {agreement(model, trained, tokenizer):.1%} of 400 positions")
    write_expected(model, tokenizer)
    write_compact(args.out)
    for case in json.loads(EXPECTED.read_text(encoding="utf-8"))["cases"]:
        for mask in case["masks"]:
            pairs = ", ".join(f"{t} {p:.3f}" for t, p in list(zip(mask["tokens"], mask["probabilities"], strict=True))[:6])
            print(f"{case['text'][:70]!r}: {pairs}")


if __name__ == "__main__":
    main()
