import { UsageError } from '../../../src/cli/args.ts';
import { readCsv } from '../../../src/cli/csv.ts';
import { readLines, textOfJson } from '../../../src/cli/lines.ts';
import { InputError } from '../../../src/errors.ts';
import { demand, type Target, utf8 } from '../target.ts';

const texts = ['Le patient présente une fièvre.', '', 'Douleur thoracique ; « 37,5 °C »', '漢字 🤷🏽‍♀️', ' deux  espaces '];

const written = {
  txt: () => texts,
  jsonl: () => texts.map((text, i) => JSON.stringify(i % 2 === 0 ? text : { id: i, text })),
  csv: () => ['id,text', ...texts.map((text, i) => `${i},"${text.replaceAll('"', '""')}"`)],
};

/** The file of `embed --input`. */
export function linesTarget(format: keyof typeof written, share: number): Target {
  return {
    name: `embed file ${format}`,
    share,
    async prepare() {
      const path = `texts.${format}`;
      return {
        files: { [path]: utf8(`${written[format]().join('\r\n')}\n`) },
        mutable: [{ path, share: 1, json: false, same: false }],
        families: [InputError, UsageError],
        async attempt(files) {
          const bytes = files[path] as Uint8Array<ArrayBuffer>;
          const chunks = (async function* () {
            for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
          })();
          const read: string[] = [];
          let number = 0;
          const lines = format === 'csv' ? readCsv(chunks, { name: path, noHeader: false }) : readLines(chunks, { name: path });
          for await (const line of lines) {
            demand(line.number > number, `a line is told as ${line.number} behind ${number}`);
            number = line.number;
            read.push(format === 'jsonl' ? textOfJson(line, 'text', path) : line.text);
          }
          for (const text of read) demand(typeof text === 'string', 'a text is no text');
          // Of a plain file only line ends and the byte-order mark may be lost.
          const plain = (text: string) => text.replace(/[\r\n\uFEFF]/g, '');
          if (format === 'txt' && !bytes.includes(0) && bytes[0] !== 0xff && bytes[0] !== 0xfe)
            demand(plain(read.join('')) === plain(new TextDecoder().decode(bytes)), 'text was lost');
          return read;
        },
      };
    },
  };
}
