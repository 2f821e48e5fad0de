/** Writes `model.safetensors`: the header, then each tensor in f32, row block by row block. */

export interface WrittenTensor {
  name: string;
  shape: readonly number[];
  /** The values of [first, first + count) along the first axis. */
  read(first: number, count: number): Promise<Float32Array<ArrayBuffer>>;
}

/** f32 bytes that are read at once. */
const blockBytes = 8 * 2 ** 20;

export interface SafetensorsFile {
  sizeBytes: number;
  /** Calls `write` for all bytes, in order and without gaps. Errors: those of the tensors and of `write`. */
  writeTo(write: (at: number, bytes: Uint8Array<ArrayBuffer>) => Promise<void>): Promise<void>;
}

/** The file that holds these tensors, in their order. */
export function safetensorsFile(
  tensors: readonly WrittenTensor[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): SafetensorsFile {
  const sizes = tensors.map(({ shape }) => 4 * shape.reduce((a, b) => a * b, 1));
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [i, { name, shape }] of tensors.entries()) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + sizes[i]!] };
    end += sizes[i]!;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20); // the header is filled up with spaces
  new DataView(start.buffer).setBigUint64(0, BigInt(start.length - 8), true);
  start.set(text, 8);
  return {
    sizeBytes: start.length + end,
    async writeTo(write) {
      await write(0, start);
      let at = start.length;
      for (const [i, { shape, read }] of tensors.entries()) {
        const rows = shape[0]!;
        const step = Math.max(1, Math.floor((blockBytes * rows) / sizes[i]!));
        for (let first = 0; first < rows; first += step) {
          const values = await read(first, Math.min(step, rows - first));
          const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
          await write(at, bytes);
          at += bytes.length;
        }
      }
    },
  };
}
