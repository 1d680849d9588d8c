/** What a thread that packs is asked; a file is forgotten without an answer. */
export type PackRequest =
  | { readonly kind: 'piece'; readonly file: number; readonly bytes: ArrayBuffer; readonly length: number }
  | { readonly kind: 'end' | 'forget'; readonly file: number };

export type PackReply =
  | { readonly kind: 'packed'; readonly body: Uint8Array; readonly bytes: ArrayBuffer }
  | { readonly kind: 'hash'; readonly sha256: string }
  | { readonly kind: 'failed'; readonly detail: string };
