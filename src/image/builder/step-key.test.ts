import { describe, expect, it } from 'vitest'
import { Keyed, stepKey } from './step-key.ts'

const keyOf = (inputs: unknown): string => stepKey('RUN', [], inputs)

describe('the key of a step', () => {
  it('counts what things are, in whatever order they are named, and not where they lie', () => {
    expect(keyOf({ a: 1, b: [Keyed.by('x', '/tmp/1')], c: undefined })).toBe(
      keyOf({ b: [Keyed.by('x', '/tmp/2')], a: 1 }),
    )
    expect(keyOf([Keyed.never('a')])).toBe(keyOf([Keyed.never('b')]))
    expect(stepKey('RUN', ['a'], {})).not.toBe(stepKey('RUN', ['b'], {}))
    expect(stepKey('RUN', [], {})).not.toBe(stepKey('COPY', [], {}))
  })

  it('tells apart what looks alike', () => {
    const alike = [{ a: '1' }, { a: 1 }, { a: ['1'] }, { a: {} }, { a: [] }, { a: null }, [['a', '1']], {}]
    expect(new Set(alike.map(keyOf)).size).toBe(alike.length)
  })

  it('is not made of what cannot be told apart', () => {
    for (const value of [new Map(), new Set(), Buffer.from('a'), () => 1, Number.NaN, 1n, new Date()])
      expect(() => keyOf({ value })).toThrow(TypeError)
  })
})
