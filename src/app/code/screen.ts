/** What a view shows, as far as code can ask for it: the model and the request. */
import { embedExample, fillExamples, queryExample, readExample } from '../lib/examples.ts';
import { carryMasks, withOwnMasks, withoutSlots } from '../lib/masks.ts';
import { splitOwnWords } from '../lib/words.ts';
import { textsOf } from '../store/lines.ts';
import type { AppState } from '../store/state.ts';

/** The views that have code. */
export type CodeRoute = 'fill' | 'read' | 'search' | 'embed';

export interface CodeModel {
  /** For our library and command line; null: the embedded one. */
  name: string | null;
  /** A folder or a repository for transformers. */
  python: string;
  revision: string | null;
  /** The name stands for a folder that the reader has to put in. */
  isFolder: boolean;
  dtype: string | null;
  /** A sentence-transformers folder says how vectors are made. */
  isSentence: boolean;
}

export type Request =
  /** `whole`: the text in which words are scored, with one mask a word. `cutTo`: the tokens of a text that is to be cut. */
  | { kind: 'fill'; texts: string[]; topK: number; targets: string[]; whole: string; cutTo: number | null }
  | { kind: 'read'; text: string; mode: 'fast' | 'exact'; around: number | null }
  | { kind: 'embed'; texts: string[]; query: string; maxTokens: number | null }
  | { kind: 'search'; query: string; maxTokens: number | null };

export interface Screen {
  model: CodeModel;
  request: Request;
  /** Nothing was written: an example stands in its place. */
  isExample: boolean;
  /** No word of the text is hidden. */
  lacksMask: boolean;
}

/** The folder of the embedded model in a checkout. */
export const MINI_FOLDER = 'public/models/mini';
/** Stands for what only the reader knows. */
export const OTHER_FOLDER = 'path/to/model';

/** The screen of `route`, out of the state of the page. */
export function screenOf(state: AppState, route: CodeRoute): Screen {
  const model = modelOf(state);
  const maskToken = state.model.report?.maskToken ?? '[MASK]';
  const maxTokens = state.model.report?.embedding.maxTokens ?? state.model.report?.architecture.context ?? null;
  const base = { model, isExample: false, lacksMask: false };
  switch (route) {
    case 'fill': {
      const { fill, pair, settings } = state;
      const written = (fill.tab === 'pair' ? [pair.a, pair.b] : [fill.text]).filter(text => text.trim() !== '');
      const texts = written.length > 0 ? written : [fillExamples[0]?.text ?? ''];
      const read = texts.map(text => {
        const masks = text === fill.text ? fill.masks : carryMasks('', [], text, maskToken);
        return withOwnMasks(text, masks, maskToken);
      });
      const [first] = read;
      return {
        ...base,
        isExample: written.length === 0,
        lacksMask: read.some(({ masks }) => masks.length === 0),
        request: {
          kind: 'fill',
          texts: read.map(({ text }) => text),
          topK: settings.k,
          targets: fill.tab === 'pair' ? [] : splitOwnWords(fill.ownWords),
          cutTo: fill.truncate && fill.tab === 'one' ? (state.model.report?.architecture.context ?? null) : null,
          whole: first ? withoutSlots(first.text, first.masks).text : '',
        },
      };
    }
    case 'read': {
      const { text, mode, around } = state.read;
      const isExample = text.trim() === '';
      return {
        ...base,
        isExample,
        request: { kind: 'read', text: isExample ? readExample : text, mode, around: mode === 'exact' && around > 0 ? around : null },
      };
    }
    case 'embed': {
      const texts = textsOf(state.embed.lines);
      const isExample = texts.length === 0;
      const query = state.embed.query.trim();
      return { ...base, isExample, request: { kind: 'embed', texts: isExample ? [...embedExample] : texts, query, maxTokens } };
    }
    case 'search': {
      const { search } = state;
      const query = 'query' in search && typeof search.query === 'string' ? search.query.trim() : '';
      return { ...base, isExample: query === '', request: { kind: 'search', query: query || queryExample, maxTokens } };
    }
  }
}

function modelOf({ model: { choice, report } }: AppState): CodeModel {
  const base = { revision: null, isFolder: false, dtype: report?.dtype ?? null, isSentence: report?.embedding.from === 'modules.json' };
  switch (choice?.kind) {
    case undefined:
    case 'mini':
      return { ...base, name: null, python: MINI_FOLDER };
    case 'hub':
      return {
        ...base,
        name: choice.revision ? `${choice.id}@${choice.revision}` : choice.id,
        python: choice.id,
        revision: choice.revision ?? null,
      };
    case 'url':
      return { ...base, name: choice.address, python: OTHER_FOLDER, isFolder: true };
    default:
      return { ...base, name: OTHER_FOLDER, python: OTHER_FOLDER, isFolder: true };
  }
}
