/** Builds safetensors files for tests, valid or not. */

export interface TensorData {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

export const f32 = (shape: number[], values: ArrayLike<number>): TensorData => ({
  dtype: 'F32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

/** Zeros of a shape in a dtype of `bytesEach` bytes. */
export const zeros = (dtype: string, shape: number[], bytesEach: number): TensorData => ({
  dtype,
  shape,
  bytes: new Uint8Array(shape.reduce((a, b) => a * b, bytesEach)),
});

/** A file of these tensors in this order. */
export function safetensorsFile(tensors: Readonly<Record<string, TensorData>>, metadata?: Record<string, string>): Uint8Array {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let at = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  return rawFile(
    JSON.stringify(header),
    Object.values(tensors).map(tensor => tensor.bytes),
  );
}

/** Any header text before any data; `headerLength` may lie. */
export function rawFile(header: string, data: readonly Uint8Array[] = [], headerLength?: bigint): Uint8Array {
  const text = new TextEncoder().encode(header);
  const size = data.reduce((sum, part) => sum + part.length, 8 + text.length);
  const file = new Uint8Array(size);
  new DataView(file.buffer).setBigUint64(0, headerLength ?? BigInt(text.length), true);
  file.set(text, 8);
  let at = 8 + text.length;
  for (const part of data) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
