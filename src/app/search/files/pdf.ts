/** The text of a PDF, page by page. pdf.js is fetched when the first PDF comes. */

/** What is used of pdf.js; tests give its build for Node. */
type Pdfjs = Pick<typeof import('pdfjs-dist'), 'getDocument'>;

interface Line {
  text: string;
  y: number;
  height: number;
}

let loaded: Promise<Pdfjs> | null = null;

/** pdf.js with its worker, a file of this page. */
export function pdfjs(): Promise<Pdfjs> {
  loaded ??= (async () => {
    const [library, { default: PdfWorker }] = await Promise.all([
      import('pdfjs-dist'),
      import('pdfjs-dist/build/pdf.worker.min.mjs?worker'),
    ]);
    library.GlobalWorkerOptions.workerPort = new PdfWorker();
    return library;
  })();
  return loaded;
}

/**
 * One text a page; empty for a page that is a picture. Errors: those of pdf.js, by name `PasswordException`, `InvalidPDFException`.
 * `bytes` are given away.
 */
export async function pdfPages(bytes: Uint8Array<ArrayBuffer>, { getDocument }: Pdfjs): Promise<string[]> {
  // Nothing is drawn, so no font is needed; the page's policy allows no code made of text.
  const task = getDocument({ data: bytes, isEvalSupported: false, disableFontFace: true, useSystemFonts: false, verbosity: 0 });
  try {
    const document = await task.promise;
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(joinLines(linesOf(items)));
      page.cleanup();
    }
    return pages;
  } finally {
    await task.destroy();
  }
}

type Items = Awaited<
  ReturnType<Awaited<ReturnType<Awaited<ReturnType<Pdfjs['getDocument']>['promise']>['getPage']>>['getTextContent']>
>['items'];

function linesOf(items: Items): Line[] {
  const lines: Line[] = [];
  let open: Line | null = null;
  for (const item of items) {
    if (!('str' in item)) continue;
    if (!open) {
      open = { text: '', y: Number(item.transform[5]), height: item.height };
      lines.push(open);
    }
    open.text += item.str;
    open.height = Math.max(open.height, item.height);
    if (item.hasEOL) open = null;
  }
  return lines.map(line => ({ ...line, text: line.text.normalize('NFC').trim() })).filter(line => line.text !== '');
}

/** Lines as paragraphs: a line that goes on in the next one is joined to it, a word that is parted too. */
export function joinLines(lines: readonly Line[]): string {
  let text = '';
  lines.forEach((line, i) => {
    const before = lines[i - 1];
    if (!before) text = line.text;
    else if (Math.abs(before.y - line.y) > 1.7 * Math.max(before.height, line.height, 1)) text += `\n\n${line.text}`;
    else if (/\p{L}[-\u00ad]$/u.test(text) && /^\p{Ll}/u.test(line.text)) text = text.slice(0, -1) + line.text;
    else if (/^\p{Ll}|^[(«\d]/u.test(line.text) && !/[.!?:;]$/.test(text)) text += ` ${line.text}`;
    else text += `\n${line.text}`;
  });
  return text;
}
