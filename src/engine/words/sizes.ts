import { failure } from '../../diagnostics/index.ts'

const FACTORS: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** Bytes of a size such as `64m`, `1.5gb` or `4096`. SIZE_INVALID. */
export function parseSize(text: string): number {
  const [, digits = '', unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([bkmgt])?(?:i?b)?$/i.exec(text.trim()) ?? []
  if (digits !== '') return Math.floor(Number(digits) * (FACTORS[unit.toLowerCase()] ?? 1))
  throw failure({
    code: 'SIZE_INVALID',
    kind: 'invalidArgument',
    summary: `size "${text}" is not understood`,
    hint: 'write a number with or without one of b, k, m, g, t',
  })
}
