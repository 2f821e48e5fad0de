"""The trained mini model in f32, before export_mini.py rounds it to q8: what docs/QUANTIZATION.md measures formats against.

    python float_mini.py --checkpoint ../.cache/mini --like ../public/models/mini --out ../.cache/mini-f32
"""

import argparse
import shutil
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--like", type=Path, required=True, help="folder with config.json and tokenizer.json of the model")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    state = torch.load(args.checkpoint / "checkpoint.pt", weights_only=True)["model"]
    args.out.mkdir(parents=True, exist_ok=True)
    for file in args.like.glob("*.json"):
        shutil.copyfile(file, args.out / file.name)
    # The decoder is tied to the embedding table.
    tensors = {name: value.float().numpy().astype(np.float32) for name, value in state.items() if name != "decoder.weight"}
    save_file(tensors, args.out / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
