"""Compiled rules of SentencePiece (`Precompiled`): a builder for the tests, and what they tell of the library's grapheme clusters."""

import base64
import struct

from tokenizers import normalizers


def charsmap(rules):
    """The bytes of a double-array trie with these rules (string or bytes → replacement), first fit."""
    replacements, place = bytearray(), {}
    for to in rules.values():
        if to not in place:
            place[to] = len(replacements)
            replacements += to.encode() + b"\0"
    root = {}
    for key, to in rules.items():
        node = root
        for byte in key.encode() if isinstance(key, str) else key:
            node = node.setdefault(byte, {})
        node[None] = place[to]
    units, used, bases = {0: 0}, {0}, set()
    waiting = [(root, 0, 0)]
    while waiting:
        node, at, label = waiting.pop()
        wanted = [0 if c is None else c for c in node]
        base = 1
        # An offset over 2^21 would be stored in steps of 256; these tries stay far below.
        while base in bases or any((at ^ base ^ c) in used for c in wanted):
            base += 1
        bases.add(base)
        units[at] = label | (256 if None in node else 0) | base << 10
        used.update(at ^ base ^ c for c in wanted)
        for c, child in node.items():
            if c is None:
                units[at ^ base] = 1 << 31 | child
            else:
                waiting.append((child, at ^ base ^ c, c))
    # A lookup may touch any word that differs from a used one in the low byte.
    size = (max(units) | 255) + 1
    words = [units.get(i, 1 << 31) for i in range(size)]
    return struct.pack("<I", 4 * size) + struct.pack(f"<{size}I", *words) + bytes(replacements)


def precompiled(rules):
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap(rules)).decode()}


def cluster_sets():
    """
    Sets of code points that decide the grapheme clusters of `Precompiled`, found by asking it. A cluster of fewer than 6
    bytes is replaced whole by a rule for its first byte: so each probe sees whether a character joined the one before it.
    """
    high = range(0x80, 256)
    normalizer = lambda leads: normalizers.Precompiled(charsmap({bytes([b]): "Q" for b in leads}))
    starts_a, acute, others = normalizer([ord("a")]), normalizer([0xCC]), normalizer([b for b in high if b != 0xCC])
    low = normalizer([b for b in range(1, 128) if b not in (ord("a"), ord("b"))])
    size = lambda c: len(c.encode())
    # What does not join leaves a cluster with the acute accent, which is then replaced with it.
    joins = lambda text: others.normalize_str(text + "\u0301").endswith("\u0301")
    extends = lambda c: c != "\0" and starts_a.normalize_str("a" + c) == "Q"

    def control(c):
        if c in "ab":
            return False
        if size(c) == 1:
            return low.normalize_str(c + "\u0301") != "Q"
        if size(c) < 4:
            return c != "\u0301" and others.normalize_str(c + "\u0301").endswith("\u0301") and not extends(c)
        return acute.normalize_str(c + "\u0301\u0302") != c + "QQ"

    ka, virama = "\u0915", "\u094d"
    conjunct = lambda c: 1 < size(c) < 4 and not control(c) and not extends(c) and joins(ka + virama + c)
    return {
        "clusterControls": ("ending a grapheme cluster on both sides", control),
        "clusterExtenders": ("joining the cluster before them", extends),
        "clusterSpacers": ("joining it, but ending a conjunct", lambda c: extends(c) and not joins(ka + virama + c + ka)),
        "clusterPrefixes": ("joining the cluster behind them", lambda c: size(c) > 1 and others.normalize_str(c + "a") == "Q"),
        "clusterPictures": ("joined by U+200D", lambda c: size(c) > 1 and not extends(c) and others.normalize_str(c + "\u200d©\u0301").endswith("\u0301")),
        "clusterConsonants": ("making a conjunct", conjunct),
        "clusterLinkers": ("linking the consonants of a conjunct", lambda c: extends(c) and joins(ka + c + ka)),
    }
