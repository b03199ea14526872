import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { telling } from './telling.ts'

let folder: string
let server: Server | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-telling-'))
})
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(answer: RequestListener): Promise<IncomingMessage> {
  const socketPath = join(folder, 'socket')
  server = createServer(answer).listen(socketPath)
  await once(server, 'listening')
  const [response] = (await once(get({ socketPath }), 'response')) as [IncomingMessage]
  return response
}

it('tells of a chunk when its memory can be used again', async () => {
  const memory = Buffer.alloc(1024 * 1024)
  let isFree = true
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 1; at <= 20; at += 1) {
      // What the reader asks for ahead has memory of its own.
      const chunk = isFree ? memory : Buffer.alloc(memory.length)
      isFree = false
      yield chunk.fill(at)
    }
  }
  let told = 0
  const response = await ask((_, answer) => {
    const release = (chunk: Uint8Array): void => {
      told += 1
      chunk.fill(0)
      if (chunk.buffer === memory.buffer) isFree = true
    }
    void pipeline(Readable.from(chunks(), { highWaterMark: 4 }), telling(answer, release))
  })
  const seen: Buffer[] = []
  for await (const bytes of response) seen.push(bytes as Buffer)
  const all = Buffer.concat(seen)
  const numbers = Array.from({ length: 20 }, (_, at) => at + 1)
  expect(all.length).toBe(20 * memory.length)
  expect(
    numbers.filter(at =>
      all.subarray((at - 1) * memory.length, at * memory.length).some(byte => byte !== at),
    ),
  ).toEqual([])
  expect(told).toBe(20)
})

it('ends when the client goes in the middle', async () => {
  let ended: Promise<unknown> = Promise.resolve()
  let given = 0
  async function* chunks(): AsyncGenerator<Buffer> {
    for (; given < 10_000; given += 1) yield Buffer.alloc(100_000)
  }
  const response = await ask((_, answer) => {
    ended = pipeline(
      Readable.from(chunks()),
      telling(answer, () => undefined),
    ).catch((error: unknown) => error)
  })
  response.destroy()
  expect(await ended).toBeInstanceOf(Error)
  expect(given).toBeLessThan(10_000)
})
