// The stdio of an exec: input and output go on side by side, and neither holds up signals, sizes, or the end.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errnoOf } from '../../../src/diagnostics/index.ts'
import type { ExecSession, InsideOp } from '../../../src/native/index.ts'
import { eventually, NativeLab } from './native-lab.ts'

const lab = new NativeLab()
let pid: number

beforeAll(async () => {
  const connection = await lab.monitor({ argv: ['sleep', '1000'] })
  pid = (await connection.start()).pid
})
afterAll(() => lab.close())

function exec(argv: readonly string[], options: { readonly tty?: boolean } = {}): Promise<ExecSession> {
  const { tty = false } = options
  const inside: InsideOp[] = tty ? [{ op: 'console' }] : []
  return lab.native.exec(
    {
      launch: [{ op: 'join', pid, startTime: lab.status().pidStartTime }],
      inside: [...inside, { op: 'chdir', path: '/', create: false }],
      exec: [{ op: 'exec', argv, env: ['PATH=/bin'], init: false }],
    },
    { tty, stdin: true },
  )
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** One that has ended and is not reaped yet does not live. */
function alive(process: number): boolean {
  try {
    return !readFileSync(`/proc/${process}/stat`, 'utf8').includes(') Z ')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return false
    throw error
  }
}

test('a command may print more than it reads, and not a byte is lost', async () => {
  const input = Buffer.alloc(3_000_000, 'input of many bytes\n')
  const session = await exec(['od', '-v'])
  session.stdin?.end(input)
  const output = await bytesOf(session.stdout)
  const expected = spawnSync('/bin/busybox', ['od', '-v'], { input, maxBuffer: 1 << 26 }).stdout
  expect(output.equals(expected)).toBe(true)
  expect(await session.exited).toEqual({ exitCode: 0 })
})

test('input that ends is ended for the command, when it has all of it', async () => {
  const input = Buffer.alloc(1_000_000, 'x')
  const session = await exec(['sh', '-c', 'sleep 0.2; cat; echo after'])
  session.stdin?.end(input)
  expect((await bytesOf(session.stdout)).equals(Buffer.concat([input, Buffer.from('after\n')]))).toBe(true)
})

test('a command that closes its input, or ends before it has read it, is nobody’s fault', async () => {
  for (const script of ['exec <&-; echo closed; sleep 0.2', 'head -c 1 >/dev/null; echo closed']) {
    const session = await exec(['sh', '-c', script])
    session.stdin?.end(Buffer.alloc(2_000_000, 'x'))
    expect(String(await bytesOf(session.stdout))).toBe('closed\n')
    expect(await session.exited).toEqual({ exitCode: 0 })
  }
})

test('a signal arrives while input is not read and output is not taken; what was printed is kept for a late reader', async () => {
  const session = await exec(['sh', '-c', 'seq 1 1000000 & exec sleep 1000'])
  session.stdin?.on('error', () => undefined).write(Buffer.alloc(2_000_000, 'x'))
  await eventually(() => session.stdout.readableLength > 0)
  session.signal(9)
  await eventually(() => !alive(session.pid))
  const output = String(await bytesOf(session.stdout))
  expect(output.startsWith('1\n2\n3\n')).toBe(true)
  expect(await session.exited).toEqual({ exitCode: 137 })
})

test('a terminal takes its size while it is full of input', async () => {
  const session = await exec(
    ['sh', '-c', 'stty raw -echo; trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.05; done'],
    {
      tty: true,
    },
  )
  let seen = ''
  const read = (async () => {
    for await (const chunk of session.stdout) seen += String(chunk)
  })()
  await eventually(() => seen.includes('ready'))
  session.stdin?.on('error', () => undefined).write(Buffer.alloc(1_000_000, 'x'))
  session.resize(33, 77)
  await Promise.all([session.exited, read])
  expect(seen).toContain('33 77')
})

test('a command whose client has gone gets the end of its input, and ends', async () => {
  const session = await exec(['od', '-v'])
  session.stdin?.on('error', () => undefined).write(Buffer.alloc(3_000_000))
  await eventually(() => session.stdout.readableLength > 0)
  session.stdin?.destroy()
  session.stdout.destroy()
  await session.exited
  expect(alive(session.pid)).toBe(false)
})
