// The engine killed at any moment of a call about a container's files or streams: the container runs on, nothing is left, and the
// same call does its work with the next engine.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { packTar, plainEntry } from '../../../src/tar/index.ts'
import { eventually } from '../harness/eventually.ts'
import { leaksSince, takeStock } from '../harness/leaks.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { THOROUGHNESS } from './points.ts'

/** Kills of each call; `npm run test:faults` makes twenty of them. */
const ROUNDS = THOROUGHNESS !== 'names' ? 20 : 2
const SIZE = 6 << 20

let sandbox: Sandbox
let id: string

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: killed
services:
  app:
    image: busybox
    stop_signal: KILL
    command: sh -c 'mkdir /in; head -c ${SIZE} /dev/urandom > /out; cat /out | sha256sum; i=0; while true; do i=$$((i+1)); echo line $$i; usleep 5000; done'
`,
  )
  await sandbox.ok('up', '-d')
  id = (await sandbox.ok('ps', '-q')).stdout.trim()
  await eventually('it has made its file', async () => /line 1\n/.test(await log()))
})
afterAll(() => sandbox.close())

const log = async (): Promise<string> => (await sandbox.ok('logs', '--no-log-prefix')).stdout
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A call of each kind; what it answers has to be true. */
const CALLS: Readonly<Record<string, (docker: Docker) => Promise<boolean>>> = {
  'cp in': async docker => {
    const content = Buffer.alloc(SIZE, 'x')
    const entry = plainEntry({ type: 'file', name: 'in/it', size: SIZE })
    await docker.getContainer(id).putArchive(await buffer(packTar([{ entry, content }])), { path: '/' })
    return (await inside('sha256sum < /in/it')).startsWith(digest(content))
  },
  'cp out': async docker => {
    const tar = await buffer(await docker.getContainer(id).getArchive({ path: '/out' }))
    return (await log()).includes(digest(tar.subarray(512, 512 + SIZE)))
  },
  export: async docker => (await buffer(await docker.getContainer(id).export())).length > SIZE,
  diff: async docker => (await docker.getContainer(id).changes()).some(({ Path }) => Path === '/out'),
  commit: async docker => /^sha256:/.test((await docker.getContainer(id).commit({ repo: 'kept' })).Id),
  attach: async docker => {
    const stream = await docker.getContainer(id).attach({ stream: true, stdout: true })
    // Of an engine that is killed behind its head comes an end and no more: our half of the connection stays open.
    const [bytes] = await Promise.race(['data', 'end', 'close'].map(event => once(stream, event)))
    stream.destroy()
    return bytes?.includes('line') === true
  },
}

const inside = async (line: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', 'app', 'sh', '-c', line)).stdout

async function withDocker<T>(body: (docker: Docker) => Promise<T>): Promise<T> {
  const docker = new Docker({ socketPath: sandbox.socket })
  try {
    return await body(docker)
  } finally {
    docker.modem.destroy()
  }
}

/** What is there but for the numbers of processes. */
const stock = (): string[] =>
  takeStock({ folder: dirname(sandbox.folder) })
    .filter(line => /^(mount|cgroup|process|file) /.test(line) && !line.includes('/run/commands/'))
    .map(line => line.replace(/^process \d+/, 'process'))

test.each(Object.entries(CALLS))('%s', { timeout: 60_000 + ROUNDS * 20_000 }, async (_, call) => {
  expect(await withDocker(call)).toBe(true)
  const before = stock()
  const start = performance.now()
  await withDocker(call)
  const whole = performance.now() - start
  for (let round = 0; round < ROUNDS; round += 1) {
    const cut = withDocker(call).catch(() => 'cut off')
    await after((whole * (round + 0.5)) / ROUNDS)
    process.kill(sandbox.enginePid() ?? 0, 'SIGKILL')
    await cut
    // The next engine comes with the next command.
    await sandbox.ok('ps')
    const { State, Id } = await withDocker(docker => docker.getContainer(id).inspect())
    expect(State).toMatchObject({ Status: 'running', Paused: false })
    expect(Id).toBe(id)
    expect(await withDocker(call)).toBe(true)
    await eventually('nothing is left', () => leaksSince(before, stock()).length === 0)
  }
  // No line of it is missing.
  const lines = [...(await log()).matchAll(/^line (\d+)$/gm)].map(([, number]) => Number(number))
  expect(lines).toEqual(lines.map((_line, index) => index + 1))
})
