import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyReader } from './body.ts'

const head = (headers: Record<string, string>, status = 200) => ({ status, headers, keepsAlive: true })
const CHUNKED = { 'transfer-encoding': 'chunked' }

/** The body in `text`, which comes in pieces that end at these places. */
function gather(headers: Record<string, string>, bytes: Buffer, cuts: readonly number[] = []) {
  const reader = bodyReader('GET', head(headers))
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length]
  const parts: Buffer[] = []
  for (let index = 1; index < places.length; index += 1)
    parts.push(...reader.push(bytes.subarray(places[index - 1], places[index])))
  return { text: Buffer.concat(parts).toString('latin1'), isDone: reader.isDone, mayEnd: reader.mayEnd }
}

describe('the body of an answer', () => {
  it('in chunks is the same however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 })),
        fc.array(fc.nat(400)),
        (chunks, cuts) => {
          const framed = Buffer.concat([
            ...chunks.flatMap(chunk => [
              Buffer.from(`${chunk.length.toString(16)};x=y\r\n`),
              chunk,
              Buffer.from('\r\n'),
            ]),
            Buffer.from('0\r\nTrailer: x\r\n\r\n'),
          ])
          const within = cuts.filter(cut => cut < framed.length)
          expect(gather(CHUNKED, framed, within)).toEqual({
            text: Buffer.concat(chunks).toString('latin1'),
            isDone: true,
            mayEnd: false,
          })
        },
      ),
    )
  })

  it('with a length is whole when it has come', () => {
    expect(gather({ 'content-length': '4' }, Buffer.from('ab'))).toEqual({
      text: 'ab',
      isDone: false,
      mayEnd: false,
    })
    expect(gather({ 'content-length': '4' }, Buffer.from('abcd'), [1, 3])).toEqual({
      text: 'abcd',
      isDone: true,
      mayEnd: true,
    })
  })

  it('without either lasts until the connection ends', () => {
    expect(gather({}, Buffer.from('abc'), [1])).toEqual({ text: 'abc', isDone: false, mayEnd: true })
  })

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('of %s %i is empty whatever its fields say', (method, status) => {
    expect(bodyReader(method, head({ 'content-length': '5' }, status)).isDone).toBe(true)
  })

  it.each<[Record<string, string>, string]>([
    [{ 'content-length': '2' }, 'abc'],
    [{ 'content-length': '-1' }, ''],
    [CHUNKED, 'x\r\n'],
    [CHUNKED, '2\r\nabc\r\n'],
    [CHUNKED, '0\r\n\r\nmore'],
    [CHUNKED, `${'0'.repeat(5000)}`],
  ])('%j %j is refused', (headers, text) => {
    expect(() => gather(headers, Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'ENGINE_PROTOCOL' }),
    )
  })
})
