const DIGEST = /^sha256:[a-f0-9]{64}$/

/** Whether the text is a whole digest. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/** The 64 hex digits: what names a file after a digest. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1)
}
