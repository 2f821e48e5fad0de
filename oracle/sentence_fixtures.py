"""Random sentence-transformers folders over one tiny ModernBERT, and what sentence-transformers itself answers for them.

    python oracle/sentence_fixtures.py     # writes oracle/fixtures/sentence/

`encoder/` holds the transformer's files, once. Every other folder holds what sentence-transformers saves beside them, in its own
words or (`old`) in those of earlier versions, and cases.json: texts, options of `encode`, vectors. The test puts the two together.
"""

import json
import shutil
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Normalize, Pooling, Transformer
from sentence_transformers.sentence_transformer.modules.layer_norm import LayerNorm
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

FOLDER = Path(__file__).parent / "fixtures" / "sentence"
HIDDEN = 64
SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
TEXTS = ["une fièvre", "", "Le patient a une fièvre aiguë.", "la toux, la nuit", "fracture du bras droit au niveau du poignet gauche"]
ALL = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
OLD_FLAGS = {
    "cls": "pooling_mode_cls_token", "max": "pooling_mode_max_tokens", "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens", "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
PROMPTS = {"query": "query: ", "passage": "une ", "none": ""}


def tokenizer() -> PreTrainedTokenizerFast:
    letters = list("abcdefghijklmnopqrstuvwxyzéèàç")
    words = ["Le", "La", "le", "patient", "une", "fièvre", "query", ".", ",", ":"]
    vocab = {token: i for i, token in enumerate(SPECIALS + letters + ["##" + letter for letter in letters] + words)}
    fast = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=24))
    fast.normalizer = normalizers.Replace(Regex(r"\p{Z}"), " ")
    fast.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex("[ ]{1,4}"), "removed"), pre_tokenizers.Split(Regex(r"\p{P}"), "isolated")])
    fast.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    names = dict(zip(["pad_token", "cls_token", "sep_token", "unk_token", "mask_token"], SPECIALS))
    return PreTrainedTokenizerFast(tokenizer_object=fast, **names)


def encoder(folder: Path) -> None:
    torch.manual_seed(7)
    own = tokenizer()
    config = ModernBertConfig(
        vocab_size=len(own), hidden_size=HIDDEN, num_attention_heads=2, num_hidden_layers=2, intermediate_size=48,
        max_position_embeddings=128, local_attention=8, global_attn_every_n_layers=2, initializer_range=0.2,
        pad_token_id=0, cls_token_id=1, bos_token_id=1, sep_token_id=2, eos_token_id=2)
    model = ModernBertModel(config).eval()
    model.save_pretrained(folder)
    own.save_pretrained(folder)


def pooled(*modes: str, include_prompt: bool = True) -> Pooling:
    return Pooling(HIDDEN, pooling_mode=modes, include_prompt=include_prompt)


# name -> modules behind the transformer, arguments of SentenceTransformer, length of the transformer, options of encode, old words
FOLDERS: dict[str, dict] = {
    **{mode: {"modules": lambda mode=mode: [pooled(mode)]} for mode in ("cls", "mean")},
    "old-weighted-normalize": {"modules": lambda: [pooled("weightedmean"), Normalize()], "old": True},
    "all": {"modules": lambda: [pooled(*ALL)]},
    "old-two": {"modules": lambda: [pooled("cls", "mean"), Normalize()], "old": True},
    "dense-tanh": {"modules": lambda: [pooled("mean"), Dense(HIDDEN, 50), Normalize()]},
    "dense-chain": {"modules": lambda: [
        pooled("cls", "max"), Dense(2 * HIDDEN, 33, activation_function=torch.nn.GELU()), Normalize(),
        Dense(33, 32, bias=False, activation_function=torch.nn.Identity()), LayerNorm(32), Dense(32, 7, activation_function=torch.nn.Sigmoid())]},
    "dense-relu": {"modules": lambda: [pooled("lasttoken"), Dense(HIDDEN, HIDDEN, activation_function=torch.nn.ReLU(), use_residual=True)]},
    "prompt": {"modules": lambda: [pooled("mean"), Normalize()], "model": {"prompts": PROMPTS, "default_prompt_name": "query"},
               "encode": [{}, {"prompt_name": "passage"}, {"prompt_name": "none"}, {"prompt": "la nuit, "}, {"prompt": ""}]},
    "prompt-excluded": {"modules": lambda: [pooled(*ALL, include_prompt=False)], "model": {"prompts": PROMPTS},
                        "encode": [{}, {"prompt_name": "query"}, {"prompt_name": "passage"}, {"prompt": "Le patient, "}]},
    "length": {"modules": lambda: [pooled("mean", "lasttoken", include_prompt=False), Normalize()], "model": {"prompts": PROMPTS},
               "length": {"max_seq_length": 9}, "encode": [{}, {"prompt_name": "query"}]},
    "lower": {"modules": lambda: [pooled("mean")], "length": {"do_lower_case": True, "max_seq_length": 20}, "old": True},
    "truncate": {"modules": lambda: [pooled("cls"), Normalize()], "model": {"truncate_dim": 10},
                 "encode": [{}, {"normalize_embeddings": True}, {"truncate_dim": None}]},
    "folder": {"modules": lambda: [pooled("max"), Normalize()], "folder": "0_Transformer"},
}


def old_words(folder: Path) -> None:
    """As versions before 6 saved it: other class paths, flags for the poolings, a length file with two keys."""
    modules = json.loads((folder / "modules.json").read_text())
    for module in modules:
        module["type"] = "sentence_transformers.models." + module["type"].rsplit(".", 1)[1]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2))
    file = next(folder.glob("*_Pooling")) / "config.json"
    pooling = json.loads(file.read_text())
    modes = pooling["pooling_mode"]
    modes = [modes] if isinstance(modes, str) else modes
    flags = {flag: mode in modes for mode, flag in OLD_FLAGS.items()}
    file.write_text(json.dumps({"word_embedding_dimension": HIDDEN, **flags, "include_prompt": True}, indent=2))


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(FOLDER, ignore_errors=True)
    home = FOLDER / "encoder"
    encoder(home)
    for name, made in FOLDERS.items():
        torch.manual_seed(len(name))
        folder = FOLDER / name
        transformer = Transformer(str(home))
        SentenceTransformer(modules=[transformer, *made["modules"]()], **made.get("model", {})).save_pretrained(
            str(folder), create_model_card=False)
        if made.get("old"):
            old_words(folder)
        if made.get("length"):
            (folder / "sentence_bert_config.json").write_text(json.dumps({"do_lower_case": False, **made["length"]}))
        inside = made.get("folder", "")
        if inside:
            (folder / inside).mkdir()
            modules = json.loads((folder / "modules.json").read_text())
            modules[0]["path"] = inside
            (folder / "modules.json").write_text(json.dumps(modules, indent=2))
            for file in ["sentence_bert_config.json", *[entry.name for entry in home.iterdir()]]:
                if (folder / file).exists():
                    (folder / file).rename(folder / inside / file)
        # Loaded anew: what counts is what the files say.
        model = SentenceTransformer(str(folder))
        cases = []
        for options in made.get("encode", [{}]):
            vectors = model.encode(TEXTS, batch_size=2, convert_to_numpy=True, **options)
            if options.get("truncate_dim", 0) is None:
                with model.truncate_embeddings(None):
                    vectors = model.encode(TEXTS, batch_size=2)
            cases.append({"options": options, "vectors": [[float(f"{x:.9g}") for x in vector] for vector in vectors.tolist()]})
        for entry in home.iterdir():
            (folder / inside / entry.name).unlink(missing_ok=True)
        (folder / "cases.json").write_text(json.dumps({"texts": TEXTS, "folder": inside, "cases": cases}, ensure_ascii=False))
        print(name, len(vectors[0]))


if __name__ == "__main__":
    main()
