/** A host's description of a model, before any of its files is fetched. Made by source/hub*.ts, used by the library. */

export interface RemoteFile {
  path: string;
  /** Where it is fetched; redirects are followed by fetch. */
  url: string;
  sizeBytes: number;
  /** Announced by the host: sha256 of a large (LFS) file, or the git blob id (sha1) of a small one. Null where it announces none. */
  sha256: string | null;
  gitOid: string | null;
  /** The ETag, for hosts that announce no hash: if it changes, the file has changed. */
  etag: string | null;
}

export interface RemoteModelInfo {
  /** Shown to people: `owner/name` or an address. */
  name: string;
  /** The commit that the revision stands for; files are fetched at it. Null for a host without commits. */
  commit: string | null;
  revision: string | null;
  licence: string | null;
  /** Every file that this engine reads or a person expects in an export: config, tokenizer, weights, card. */
  files: readonly RemoteFile[];
}
