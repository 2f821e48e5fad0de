"""Our quantized format (docs/QUANTIZED-FORMAT.md) in numpy: groups of 32 weights along K, one f16 scale a group."""

import numpy as np

GROUP = 32


def quantize(matrix: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """f32 [N, K] -> codes (q8: int8 [N, K'], q4: uint8 [N, K'/2]) and scales f16 [N, K'/32]; K' is K in whole groups.

    The plain rule, without the search for a better scale that `src/weights/quantize.ts` does: the largest weight of a group
    gets the largest code. Codes are rounded with the scale as stored.
    """
    rows, width = matrix.shape
    padded = -(-width // GROUP) * GROUP
    groups = np.zeros((rows, padded), np.float32)
    groups[:, :width] = matrix
    groups = groups.reshape(rows, padded // GROUP, GROUP)
    limit = 127 if kind == "q8" else 7
    scale = (np.abs(groups).max(-1) / limit).astype(np.float16)
    step = scale.astype(np.float32)[..., None]
    codes = np.where(step == 0, 0, np.rint(groups / np.where(step == 0, 1, step)))
    codes = np.clip(codes, -127 if kind == "q8" else -8, limit).astype(np.int8).reshape(rows, padded)
    if kind == "q8":
        return codes, scale
    nibbles = (codes + 8).astype(np.uint8)
    return nibbles[:, 0::2] | (nibbles[:, 1::2] << 4), scale


def dequantize(codes: np.ndarray, scale: np.ndarray, kind: str, width: int) -> np.ndarray:
    """The weights that the codes stand for, f32 [N, width]: code × scale, exact in f32."""
    if kind == "q4":
        signed = np.empty((codes.shape[0], codes.shape[1] * 2), np.float32)
        signed[:, 0::2] = (codes & 15).astype(np.float32) - 8
        signed[:, 1::2] = (codes >> 4).astype(np.float32) - 8
    else:
        signed = codes.astype(np.float32)
    return (signed * np.repeat(scale.astype(np.float32), GROUP, axis=1))[:, :width].copy()
