import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { readOutput, roomIn } from './output-stream.ts'

function frame(stream: 1 | 2 | 3, text: string): Buffer {
  const head = Buffer.alloc(8)
  head[0] = stream
  head.writeUInt32BE(Buffer.byteLength(text), 4)
  return Buffer.concat([head, Buffer.from(text)])
}

function open(tty: boolean, room: () => Promise<void> | undefined = () => undefined) {
  const stream = new PassThrough()
  const got = { stdout: '', stderr: '' }
  const take = (kind: 'stdout' | 'stderr', bytes: Buffer): void => {
    got[kind] += bytes.toString()
  }
  readOutput(stream, tty, take, room)
  return { stream, got }
}

test('frames cut at every byte come out whole', async () => {
  const { stream, got } = open(false)
  for (const byte of Buffer.concat([frame(1, 'out'), frame(2, 'error'), frame(1, '')]))
    stream.write(Buffer.from([byte]))
  stream.end()
  await once(stream, 'end')
  expect(got).toEqual({ stdout: 'out', stderr: 'error' })
})

test('a terminal has one raw stream', async () => {
  const { stream, got } = open(true)
  stream.end('\x01raw')
  await once(stream, 'end')
  expect(got.stdout).toBe('\x01raw')
})

test("the engine's last word is the error of the stream", async () => {
  const { stream, got } = open(false)
  stream.write(Buffer.concat([frame(1, 'out'), frame(3, 'not taken')]))
  const [error] = await once(stream, 'error')
  expect(error).toMatchObject({ code: 'STREAM_ERROR' })
  expect(got.stdout).toBe('out')
})

test('while there is no room, the stream waits and keeps everything', async () => {
  const taken: string[] = []
  let goOn: (() => void) | undefined
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      taken.push(String(chunk))
      goOn = done
    },
  })
  const stream = new PassThrough()
  readOutput(
    stream,
    true,
    (_kind, bytes) => sink.write(bytes),
    () => roomIn([sink]),
  )
  for (const part of ['a', 'b', 'c']) stream.write(part)
  await new Promise(setImmediate)
  expect(taken).toEqual(['a'])
  expect(stream.isPaused()).toBe(true)
  while (taken.length < 3) {
    goOn?.()
    await new Promise(setImmediate)
  }
  expect(taken).toEqual(['a', 'b', 'c'])
})
