import { describe, expect, it, vi } from 'vitest'
import { frameDecoder } from '../../framing.ts'
import type { LogRecord } from '../../types/index.ts'
import { detachFilter, parseDetachKeys } from './detach-keys.ts'
import { encodeBatch } from './log.ts'
import { encodeJson } from './write.ts'

describe('a batch of a log', () => {
  const records = [
    { stream: 'stdout', bytes: Buffer.from('one\n'), time: '2026-11-22T02:00:00.1Z' },
    { stream: 'stderr', bytes: Buffer.from('two\n'), time: '2026-11-22T02:00:00.2Z' },
  ] as const

  it('is framed by stream, the time before each line', () => {
    const frames: string[] = []
    frameDecoder((stream, bytes) => frames.push(`${stream}: ${Buffer.from(bytes)}`))(
      encodeBatch(records, false, true, true),
    )
    expect(frames).toEqual(['stdout: 2026-11-22T02:00:00.1Z one\n', 'stderr: 2026-11-22T02:00:00.2Z two\n'])
  })

  it('is one frame for lines of one stream, up to a limit, or one for each line', () => {
    const line = { stream: 'stdout', bytes: Buffer.alloc(20_000, 'x') } as const
    const lengths = (batch: readonly LogRecord[], areJoined = true): number[] => {
      const found: number[] = []
      const bytes = encodeBatch(batch, false, false, areJoined)
      for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32BE(at + 4))
        found.push(bytes.readUInt32BE(at + 4))
      return found
    }
    expect(lengths([records[0], records[0], records[1], records[0]])).toEqual([8, 4, 4])
    expect(lengths([line, line, records[0]])).toEqual([20_000, 20_004])
    expect(lengths([{ ...line, bytes: Buffer.alloc(100_000) }, records[0]])).toEqual([100_000, 4])
    expect(lengths([])).toEqual([])
    expect(lengths([records[0], records[0], records[1]], false)).toEqual([4, 4, 4])
  })

  it('is raw with a terminal', () => {
    expect(encodeBatch(records, true, false, false).toString()).toBe('one\ntwo\n')
  })
})

describe('detach keys', () => {
  it('are read as Docker writes them', () => {
    expect(parseDetachKeys(undefined)).toEqual([16, 17])
    expect(parseDetachKeys('ctrl-a,x,ctrl-[')).toEqual([1, 120, 27])
    expect(() => parseDetachKeys('ctrl-1')).toThrow(expect.objectContaining({ code: 'DETACH_KEYS' }))
  })

  it('are found across chunks, and what was held back is given on', () => {
    const type = detachFilter([16, 17])
    expect(type(Buffer.from([97, 16]))).toEqual({ pass: Buffer.from([97]), detached: false })
    expect(type(Buffer.from([98]))).toEqual({ pass: Buffer.from([16, 98]), detached: false })
    expect(type(Buffer.from([16, 16, 17, 99]))).toEqual({ pass: Buffer.from([16]), detached: true })
  })
})

it('writes a number of any size as it is', () => {
  const stats = { limit: 9223372036854771712n, rows: [1, -3n], none: null }
  expect(encodeJson(stats)).toContain('{"limit":9223372036854771712,"rows":[1,-3],')
  expect(JSON.parse(encodeJson({ a: { b: 'c' } }))).toEqual({ a: { b: 'c' } })
  // Go reads neither what is beyond its integers nor an exponent; text stays text.
  expect(encodeJson({ most: 2 ** 63, all: 2 ** 64, some: 2 ** 60, text: ':12345678901234567890' })).toBe(
    '{"most":9223372036854775807,"all":18446744073709551615,"some":1152921504606846976,"text":":12345678901234567890"}',
  )
})

it('encodes a frozen member once, and each where it stands', () => {
  const members = { big: 2 ** 63, text: 'é' }
  const kept = Object.freeze(members)
  const whole = {
    Id: 'a',
    HostConfig: kept,
    none: undefined,
    nothing: null,
    rows: [1n],
    empty: Object.freeze([]),
  }
  const text =
    '{"Id":"a","HostConfig":{"big":9223372036854775807,"text":"é"},"nothing":null,"rows":[1],"empty":[]}'
  expect(encodeJson(whole)).toBe(text)
  const stringify = vi.spyOn(JSON, 'stringify')
  expect(encodeJson(whole)).toBe(text)
  expect(stringify.mock.calls.map(([value]) => value)).not.toContain(kept)
  stringify.mockRestore()
})
