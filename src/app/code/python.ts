/** The screen as a script of Python: transformers, and sentence-transformers for models that are made for it. */
import { listOf, inPython as quoted } from './quote.ts';
import { MINI_FOLDER, type Request, type Screen } from './screen.ts';

export function toPython({ model, request }: Screen): string {
  const name = `name = ${quoted(model.python)}${model.python === MINI_FOLDER ? '  # in a checkout of affinage' : ''}`;
  const revision = model.revision === null ? '' : `, revision=${quoted(model.revision)}`;
  const vectors = request.kind === 'embed' || request.kind === 'search';
  const lines = vectors
    ? [...(model.isSentence ? sentenceVectors(name, revision) : meanVectors(name, revision, request.maxTokens)), '', ...vectorUse(request)]
    : [...maskedModel(name, revision), '', ...(request.kind === 'fill' ? fill(request) : read(request))];
  return `${lines.join('\n')}\n`;
}

const maskedModel = (name: string, revision: string): string[] => [
  'import torch',
  'from transformers import AutoModelForMaskedLM, AutoTokenizer',
  '',
  name,
  `tokenizer = AutoTokenizer.from_pretrained(name${revision})`,
  `model = AutoModelForMaskedLM.from_pretrained(name${revision}).float().eval()`,
  '',
  '',
  'def log_probs(ids):',
  '    with torch.no_grad():',
  '        return model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)',
  '',
];

function fill({ texts, topK, targets, whole, cutTo }: Extract<Request, { kind: 'fill' }>): string[] {
  const cut = cutTo === null ? '' : `, truncation=True, max_length=${cutTo}`;
  const lines = [
    `texts = ${listOf(texts.map(quoted))}`,
    'for text in texts:',
    `    ids = tokenizer(text${cut})["input_ids"]`,
    '    scores = log_probs(ids)',
    '    for place in [i for i, token in enumerate(ids) if token == tokenizer.mask_token_id]:',
    `        best = scores[place].topk(${topK})`,
    '        for score, token in zip(best.values.exp().tolist(), best.indices.tolist()):',
    '            print(f"{score:.4f}", tokenizer.decode([token]))',
    '        entropy = -(scores[place].exp() * scores[place]).sum().item() / 0.6931471805599453',
    '        print(f"entropy in bits: {entropy:.2f}")',
  ];
  if (targets.length === 0) return lines;
  return [
    ...lines,
    '',
    '',
    'def word_score(ids, place, word):',
    '    """The probability of a word at a mask. Of several tokens, each is asked with those before it shown."""',
    '    known = tokenizer.get_vocab().get(word)',
    '    pieces = [known] if known is not None else tokenizer(word, add_special_tokens=False)["input_ids"]',
    '    if not pieces or tokenizer.unk_token_id in pieces:',
    '        return None  # the model does not know it',
    '    slots = ids[:place] + [tokenizer.mask_token_id] * len(pieces) + ids[place + 1 :]',
    '    total = 0.0',
    '    for i, piece in enumerate(pieces):',
    '        total += log_probs(slots)[place + i, piece].item()',
    '        slots[place + i] = piece',
    '    return torch.tensor(total).exp().item()',
    '',
    '',
    `ids = tokenizer(${quoted(whole)}${cut})["input_ids"]`,
    'for place in [i for i, token in enumerate(ids) if token == tokenizer.mask_token_id]:',
    `    for word in ${listOf(targets.map(quoted)).replaceAll('\n', '\n    ')}:`,
    '        print(word, word_score(ids, place, word))',
  ];
}

function read({ text, mode, around }: Extract<Request, { kind: 'read' }>): string[] {
  const lines = [
    'def surprise(scores, token):',
    '    print(f"{-scores[token].item() / 0.6931471805599453:6.2f}", tokenizer.decode([token]))',
    '',
    '',
    `text = ${quoted(text)}`,
    'first, *ids, last = tokenizer(text)["input_ids"]',
    'room = model.config.max_position_embeddings - 2',
  ];
  if (mode === 'exact') {
    return [
      ...lines,
      `width = min(len(ids), room${around === null ? '' : `, ${around + 1}`})`,
      'for i, token in enumerate(ids):',
      '    start = max(0, min(i - width // 2, len(ids) - width))',
      '    part = ids[start : start + width]',
      '    part[i - start] = tokenizer.mask_token_id',
      '    surprise(log_probs([first, *part, last])[1 + i - start], token)',
    ];
  }
  return [
    ...lines,
    '# Beyond the context: windows that share half; each token is asked in the one whose edge is farther away.',
    'starts = [0] if len(ids) <= room else [*range(0, len(ids) - room, -(-room // 2)), len(ids) - room]',
    'borders = [0, *[(b + a + room) // 2 for a, b in zip(starts, starts[1:])], len(ids)]',
    'for start, begin, end in zip(starts, borders, borders[1:]):',
    '    scores = log_probs([first, *ids[start : start + room], last])',
    '    for i in range(begin, end):',
    '        surprise(scores[1 + i - start], ids[i])',
  ];
}

const sentenceVectors = (name: string, revision: string): string[] => [
  'import torch',
  'from sentence_transformers import SentenceTransformer',
  '',
  name,
  `model = SentenceTransformer(name${revision})`,
  '',
  '',
  'def embed(texts):',
  '    return torch.nn.functional.normalize(model.encode(texts, convert_to_tensor=True).float(), dim=-1)',
  '',
];

const meanVectors = (name: string, revision: string, maxTokens: number | null): string[] => [
  'import torch',
  'from transformers import AutoModel, AutoTokenizer',
  '',
  name,
  `tokenizer = AutoTokenizer.from_pretrained(name${revision})`,
  `model = AutoModel.from_pretrained(name${revision}).float().eval()`,
  '',
  '',
  'def embed(texts):',
  '    """The mean of the last layer over every token, [CLS] and [SEP] included, at length 1."""',
  '    vectors = []',
  '    for text in texts:',
  `        inputs = tokenizer(text, return_tensors="pt", truncation=True${maxTokens === null ? '' : `, max_length=${maxTokens}`})`,
  '        with torch.no_grad():',
  '            states = model(input_ids=inputs["input_ids"]).last_hidden_state[0]',
  '        vectors.append(torch.nn.functional.normalize(states.mean(0), dim=-1))',
  '    return torch.stack(vectors)',
  '',
];

function vectorUse(request: Extract<Request, { kind: 'embed' | 'search' }>): string[] {
  if (request.kind === 'embed') {
    const { texts, query } = request;
    return [
      `texts = ${listOf([...texts, ...(query ? [query] : [])].map(quoted))}${query ? '  # the last is the query' : ''}`,
      'vectors = embed(texts)',
      'print(vectors @ vectors.T)  # cosines',
    ];
  }
  return [
    'with open("passages.txt", encoding="utf-8") as file:',
    '    passages = [line.strip() for line in file if line.strip()]',
    `scores = (embed(passages) @ embed([${quoted(request.query)}]).T).flatten()`,
    'best = scores.topk(min(10, len(passages)))',
    'for score, row in zip(best.values.tolist(), best.indices.tolist()):',
    '    print(f"{score:.3f}", passages[row])',
  ];
}
