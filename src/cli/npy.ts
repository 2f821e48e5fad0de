/** NumPy's .npy format, version 1.0: little-endian float32 rows, written while their number is still unknown. */
import { endianness } from 'node:os';

/** Header of this many bytes, so that the final count can replace the first one in place. */
const headerBytes = 128;

/** Header of a [rows, dim] float32 array in C order. */
export function npyHeader(rows: number, dim: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes).fill(0x20);
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0, (headerBytes - 10) & 255, (headerBytes - 10) >> 8]);
  bytes.set(Buffer.from(`{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dim}), }`), 10);
  bytes[headerBytes - 1] = 0x0a;
  return bytes;
}

/** The bytes of f32 values in little-endian order; a view where this machine is little-endian. */
export function littleEndian(values: Float32Array<ArrayBuffer>, order = endianness()): Uint8Array {
  if (order === 'LE') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return bytes;
}
