import { describe, expect, it } from 'vitest'
import { frameDecoder } from '../../framing.ts'
import { detachFilter, parseDetachKeys } from './detach-keys.ts'
import { encodeBatch } from './log.ts'

describe('a batch of a log', () => {
  const records = [
    { stream: 'stdout', bytes: Buffer.from('one\n'), time: '2026-11-22T02:00:00.1Z' },
    { stream: 'stderr', bytes: Buffer.from('two\n'), time: '2026-11-22T02:00:00.2Z' },
  ] as const

  it('is a frame a line, the time within it', () => {
    const frames: string[] = []
    frameDecoder((stream, bytes) => frames.push(`${stream}: ${Buffer.from(bytes)}`))(
      encodeBatch(records, false, true),
    )
    expect(frames).toEqual(['stdout: 2026-11-22T02:00:00.1Z one\n', 'stderr: 2026-11-22T02:00:00.2Z two\n'])
  })

  it('is raw with a terminal', () => {
    expect(encodeBatch(records, true, false).toString()).toBe('one\ntwo\n')
  })
})

describe('detach keys', () => {
  it('are read as Docker writes them', () => {
    expect(parseDetachKeys(undefined)).toEqual([16, 17])
    expect(parseDetachKeys('ctrl-a,x,ctrl-[')).toEqual([1, 120, 27])
    expect(() => parseDetachKeys('ctrl-1')).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
  })

  it('are found across chunks, and what was held back is given on', () => {
    const type = detachFilter([16, 17])
    expect(type(Buffer.from([97, 16]))).toEqual({ pass: Buffer.from([97]), detached: false })
    expect(type(Buffer.from([98]))).toEqual({ pass: Buffer.from([16, 98]), detached: false })
    expect(type(Buffer.from([16, 16, 17, 99]))).toEqual({ pass: Buffer.from([16]), detached: true })
  })
})
