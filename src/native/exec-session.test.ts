import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startExec } from './exec-session.ts'
import { spawnNative } from './spawn.ts'
import type { Starter } from './spawner.ts'
import { HELLO, HELLO_LENGTH } from './spawner-wire.ts'
import { REPLY_HEAD, REPLY_MAGIC } from './wire.ts'

let folder: string
let server: Server | undefined
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-exec-'))
})
afterEach(() => {
  server?.close()
  rmSync(folder, { recursive: true })
})

/** A reply without failure: the process is there, the command runs (both -1), or has ended. */
function reply(exitCode: number): Buffer {
  const bytes = Buffer.alloc(REPLY_HEAD)
  bytes.writeUInt32LE(REPLY_MAGIC, 0)
  bytes.writeUInt32LE(REPLY_HEAD, 4)
  bytes.writeInt32LE(exitCode, 24)
  return bytes
}

const READY = reply(-1)
const RUNS = reply(-1)

/** Stands for the spawner: gives each connection to `serve` by what it is to be. */
async function spawner(serve: (kind: number, socket: Socket) => void): Promise<string> {
  const address = join(folder, 'spawner')
  server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', (bytes: Buffer) => {
      expect(bytes.length).toBeGreaterThanOrEqual(HELLO_LENGTH)
      serve(bytes.readUInt32LE(4), socket)
    })
  })
  await new Promise<void>(resolve => server?.listen(address, resolve))
  return address
}

const begin = (address: string, lost: string[] = []) => {
  const starter: Starter = {
    place: async () => ({ address }),
    lost: place => void lost.push(place.address),
  }
  return (...[mode, _program, streams]: Parameters<Parameters<typeof startExec>[0]>) =>
    spawnNative(starter, mode, Buffer.from('program'), streams)
}

test('a command that has ended before its reply is seen has lost nothing', async () => {
  const address = await spawner((kind, socket) => {
    if (kind === HELLO.stdout) socket.end('out\n')
    else if (kind === HELLO.stderr) socket.end('err\n')
    else socket.end(Buffer.concat([READY, RUNS, reply(7)]))
  })
  const session = await startExec(begin(address), { exec: [] }, { tty: false, stdin: false })
  // As under load: others have their turn before anybody reads.
  await new Promise(setImmediate)
  const { stderr } = session
  expect(await text(session.stdout)).toBe('out\n')
  expect(stderr && (await text(stderr))).toBe('err\n')
  expect(await session.exited).toEqual({ exitCode: 7 })
})

test('a process that was lost before it was there is asked for again, and one that was there is not', async () => {
  let asked = 0
  const address = await spawner((_, socket) => {
    asked += 1
    if (asked < 3) socket.destroy()
    else socket.end(READY)
  })
  const process = await begin(address)('run', {})
  expect(asked).toBe(3)
  await expect(process.nextReply()).rejects.toMatchObject({ code: 'NATIVE_DIED' })
  expect(asked).toBe(3)
})

test('one that is lost again and again is given up', async () => {
  const address = await spawner((_, socket) => socket.destroy())
  await expect(begin(address)('run', {})).rejects.toMatchObject({ code: 'NATIVE_DIED' })
})

test('a spawner that does not listen is told to be lost', async () => {
  const lost: string[] = []
  const nowhere = join(folder, 'nobody')
  await expect(begin(nowhere, lost)('exec', {}, ['stdout'])).rejects.toMatchObject({ code: 'NATIVE_DIED' })
  expect(new Set(lost)).toEqual(new Set([nowhere]))
})
