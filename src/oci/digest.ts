import { createHash } from 'node:crypto'

const DIGEST = /^sha256:[a-f0-9]{64}$/

/** `sha256:<hex>` of bytes or UTF-8 text. */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Whether the text is a whole digest. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/** The 64 hex digits: what names a file after a digest. */
export function hexOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1)
}
