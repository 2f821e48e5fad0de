/** A document of the index. */

/** A page of a PDF, a row of a table, or a whole text. */
export interface Part {
  text: string;
  /** The other columns of a row, in the order of `Doc.header`; empty for what is no table. */
  columns: readonly string[];
}

export interface Doc {
  id: string;
  name: string;
  kind: 'text' | 'table' | 'pdf' | 'docx';
  header: readonly string[];
  parts: readonly Part[];
  /** [3 n]: part, start and end of each passage, UTF-16. */
  passages: Uint32Array<ArrayBuffer>;
  /** So many passages, from the first, have a vector. */
  done: number;
}

export interface PassageRef {
  doc: string;
  passage: number;
}
