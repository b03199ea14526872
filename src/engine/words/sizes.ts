import { failure } from '../../diagnostics/index.ts'
import { parseBytes } from '../../notation/index.ts'

/** Bytes of a size such as `64m`, `1.5gb` or `4096`. SIZE_INVALID. */
export function parseSize(text: string): number {
  const bytes = parseBytes(text.trim())
  if (bytes !== undefined && bytes >= 0n) return Number(bytes)
  throw failure({
    code: 'SIZE_INVALID',
    kind: 'invalidArgument',
    summary: `size "${text}" is not understood`,
    hint: 'write a number with or without one of b, k, m, g, t, p',
  })
}
