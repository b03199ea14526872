import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { encodeFrame } from '../../api/framing.ts'
import { demuxStream, outputText } from './demux.ts'
import { jsonLines } from './json-lines.ts'
import { followProgress } from './progress.ts'

describe('streams', () => {
  it('are demultiplexed, and wait for a slow reader', async () => {
    const stdout = new PassThrough({ highWaterMark: 4 })
    const stderr = new PassThrough()
    const frames = Buffer.concat(
      ['one\n', 'two\n', 'three\n'].flatMap(text => [
        encodeFrame('stdout', Buffer.from(text)),
        encodeFrame('stderr', Buffer.from('!')),
      ]),
    )
    const source = Readable.from(
      [...frames].map(byte => Buffer.from([byte])),
      { objectMode: false },
    )
    demuxStream(source, stdout, stderr)
    source.once('end', () => stdout.end())
    expect(Buffer.concat(await stdout.toArray()).toString()).toBe('one\ntwo\nthree\n')
    stderr.end()
    expect(Buffer.concat(await stderr.toArray()).toString()).toBe('!!!')
  })

  it('of a whole log are its text, of a terminal as it stands', () => {
    const frames = [encodeFrame('stdout', Buffer.from('out\n')), encodeFrame('stderr', Buffer.from('é\n'))]
    expect(outputText(Buffer.concat(frames), false)).toBe('out\né\n')
    expect(outputText(Buffer.from('a\r\n'), true)).toBe('a\r\n')
    expect(() => outputText(Buffer.from('no frames of a terminal'), false)).toThrow(
      expect.objectContaining({ code: 'FRAME_MALFORMED' }),
    )
  })

  it('of JSON lines may be cut anywhere, letters too', async () => {
    const bytes = [...Buffer.from('{"status":"é"}\r\n\n{"id":"2"}')].map(byte => Buffer.from([byte]))
    const values: object[] = []
    for await (const value of jsonLines(Readable.from(bytes))) values.push(value)
    expect(values).toEqual([{ status: 'é' }, { id: '2' }])
  })

  it('of something else are refused', async () => {
    const [error, output] = await new Promise<[Error | null, object[]]>(resolve => {
      followProgress(Readable.from([Buffer.from('{"a":1}\noops\n')]), (...result) => resolve(result))
    })
    expect(error).toMatchObject({ code: 'PROGRESS_MALFORMED' })
    expect(output).toEqual([{ a: 1 }])
  })
})
