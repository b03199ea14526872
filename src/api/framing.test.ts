import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../diagnostics/index.ts'
import { encodeFrame, encodeTold, frameDecoder } from './framing.ts'

/** Decodes a text that is cut at the given sizes, and joins what belongs together. */
function decode(bytes: Uint8Array, sizes: readonly number[]): { stdout: string; stderr: string } {
  const out = { stdout: '', stderr: '' }
  const push = frameDecoder((stream, part) => {
    out[stream] += Buffer.from(part).toString('latin1')
  })
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    push(bytes.subarray(at, at + size))
    at += size
  }
  return out
}

describe('framing', () => {
  it('writes the header that Docker documents', () => {
    expect(encodeFrame('stdout', Buffer.from('ab')).toString('hex')).toBe('01000000000000026162')
    expect(encodeFrame('stderr', Buffer.from('')).toString('hex')).toBe('0200000000000000')
  })

  it('gives back what was framed, wherever the chunks are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom('stdout', 'stderr'), fc.uint8Array({ maxLength: 40 })))
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 12 })), (list, sizes) => {
        const bytes = Buffer.concat(list.map(([stream, part]) => encodeFrame(stream, part)))
        const want = { stdout: '', stderr: '' }
        for (const [stream, part] of list) want[stream] += Buffer.from(part).toString('latin1')
        expect(decode(bytes, sizes)).toEqual(want)
      }),
    )
  })

  it('hands a long payload on in pieces, without gathering it', () => {
    const pieces: number[] = []
    const push = frameDecoder((_, part) => pieces.push(part.length))
    const header = encodeFrame('stdout', Buffer.alloc(0))
    header.writeUInt32BE(0xffffffff, 4)
    push(header)
    push(Buffer.alloc(1000))
    push(Buffer.alloc(1000))
    expect(pieces).toEqual([1000, 1000])
  })

  it('refuses what can be no header', () => {
    expect(() => decode(Buffer.from('plain text of a terminal'), [])).toThrow(
      expect.objectContaining({ code: 'FRAME_MALFORMED' }),
    )
    const endless = Buffer.from('03000000ffffffff', 'hex')
    expect(() => decode(endless, [])).toThrow(expect.objectContaining({ code: 'FRAME_MALFORMED' }))
  })

  it('gives who asks for it what is told among the output, wherever that is cut, and takes it for no frame for others', () => {
    const bytes = Buffer.concat([
      encodeTold({ Id: 'é' }),
      encodeFrame('stdout', Buffer.from('out')),
      encodeTold({ ExitCode: null }),
    ])
    for (let size = 1; size <= bytes.length; size += 1) {
      const heard: unknown[] = []
      const push = frameDecoder(
        (stream, part) => heard.push([stream, String(part)]),
        value => heard.push(value),
      )
      for (let at = 0; at < bytes.length; at += size) push(bytes.subarray(at, at + size))
      expect([heard[0], heard.at(-1)]).toEqual([{ Id: 'é' }, { ExitCode: null }])
      expect(
        heard
          .slice(1, -1)
          .map(piece => (piece as string[])[1])
          .join(''),
      ).toBe('out')
    }
    expect(() => decode(bytes, [])).toThrow(expect.objectContaining({ code: 'FRAME_MALFORMED' }))
  })

  it("throws the engine's error that comes in the stream", () => {
    const frame = encodeFrame('stdout', Buffer.from('disk full'))
    frame[0] = 3
    expect(() => decode(frame, [3, 7])).toThrow(Failure)
    expect(() => decode(frame, [3, 7])).toThrow(expect.objectContaining({ code: 'STREAM_ERROR' }))
  })
})
