import { expect, test } from 'vitest'
import { demultiplexer } from './output-stream.ts'

function frame(stream: 1 | 2, text: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

test('frames cut at every byte come out whole and in order', () => {
  const got: [string, string][] = []
  const push = demultiplexer(false, (kind, bytes) => got.push([kind, bytes.toString()]))
  for (const byte of Buffer.concat([frame(1, 'out'), frame(2, 'error'), frame(1, '')]))
    push(Buffer.from([byte]))
  expect(got).toEqual([
    ['stdout', 'out'],
    ['stderr', 'error'],
    ['stdout', ''],
  ])
})

test('a terminal has one raw stream', () => {
  const got: string[] = []
  demultiplexer(true, (kind, bytes) => got.push(`${kind}:${bytes}`))(Buffer.from('\x01raw'))
  expect(got).toEqual(['stdout:\x01raw'])
})
