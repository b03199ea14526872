import { createHash } from 'node:crypto'

/**
 * `sha256:<hex>` of bytes or UTF-8 text. In a file of its own: most commands read references alone, and Node takes 2 ms to
 * load `node:crypto`.
 */
export function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
