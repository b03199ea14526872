// The process that bears all others: it may be killed at any moment, ends with its engine, serves nobody else and keeps nothing.
// `SPAWNER_ROUNDS=10000` runs as many commands.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errnoOf } from '../../../src/diagnostics/index.ts'
import { createNative, type Program } from '../../../src/native/index.ts'
import { eventually, NativeLab, SANITIZED } from './native-lab.ts'

const ROUNDS = Number(process.env['SPAWNER_ROUNDS'] ?? (SANITIZED ? 30 : 400))

/** Fewer than what a command takes that is unlucky each time. */
const KILLS_MAX = 9

const native = createNative()
const pidOf = async (): Promise<number> => (await native.spawner()) ?? 0

/** One container that runs all the time, in which commands are run. */
let lab: NativeLab
beforeAll(async () => {
  lab = new NativeLab()
  mkdirSync(lab.path('layer/work'))
  const connection = await lab.monitor({ argv: ['sleep', '100000'] })
  await connection.start()
})
afterAll(() => lab.close())

async function exec(line: string, input?: string): Promise<{ readonly code: number; readonly out: string }> {
  const { pid, pidStartTime } = lab.status()
  const program: Program = {
    launch: [{ op: 'join', pid, startTime: pidStartTime }],
    inside: [{ op: 'chdir', path: '/work', create: false }],
    exec: [{ op: 'exec', argv: ['sh', '-c', line], env: ['PATH=/bin'], init: false }],
  }
  const session = await native.exec(program, { tty: false, stdin: input !== undefined })
  session.stdin?.end(input)
  const [out, , { exitCode }] = await Promise.all([
    text(session.stdout),
    session.stderr && text(session.stderr),
    session.exited,
  ])
  return { code: exitCode, out }
}

/** What a process has open, by kind. */
function openOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`)
    .flatMap(fd => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/:\[\d+\]$/, '')]
      } catch (error) {
        // That of the folder itself.
        if (errnoOf(error) === 'ENOENT') return []
        throw error
      }
    })
    .sort()
}

/** Children by their pid, those that have ended and were not reaped included. */
function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
}

const isGone = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return true
    throw error
  }
}

test('forty commands at once have their own input, output and exit code each', async () => {
  const all = Array.from({ length: 40 }, (_, index) =>
    exec(`read x; echo $x; exit ${index}`, `input ${index}\n`),
  )
  expect(await Promise.all(all)).toEqual(all.map((_, index) => ({ code: index, out: `input ${index}\n` })))
})

test('one that was killed is replaced, and who it bore goes on', async () => {
  const before = await pidOf()
  const session = await native.exec(
    {
      launch: [{ op: 'join', pid: lab.status().pid, startTime: lab.status().pidStartTime }],
      exec: [{ op: 'exec', argv: ['sh', '-c', 'read x; echo $x; exit 3'], env: ['PATH=/bin'], init: false }],
    },
    { tty: false, stdin: true },
  )
  process.kill(before, 'SIGKILL')
  expect(await exec('echo another')).toEqual({ code: 0, out: 'another\n' })
  expect(await pidOf()).not.toBe(before)
  expect(lab.status().phase).toBe('running')
  session.stdin?.end('survived\n')
  session.stderr?.resume()
  expect(await text(session.stdout)).toBe('survived\n')
  expect(await session.exited).toEqual({ exitCode: 3 })
})

test('is killed at any moment, and each command runs once', async () => {
  const commands = SANITIZED ? 10 : 100
  let done = 0
  const all = Array.from({ length: commands }, async (_, index) => {
    await new Promise(resolve => setTimeout(resolve, index * 5))
    try {
      return await exec(`echo ${index} >> ran; echo ${index}`)
    } finally {
      done += 1
    }
  })
  let kills = 0
  const killing = (async () => {
    while (done < commands && kills < KILLS_MAX) {
      // Sooner and later after it has begun: while it serves, and while many wait for it.
      await new Promise(resolve => setTimeout(resolve, kills))
      const [pid, before] = [await pidOf(), done]
      if (!isGone(pid)) process.kill(pid, 'SIGKILL')
      kills += 1
      await eventually(() => done > before || done === commands)
    }
  })()
  expect(await Promise.all(all)).toEqual(all.map((_, index) => ({ code: 0, out: `${index}\n` })))
  await killing
  expect(kills).toBeGreaterThan(1)
  const { out } = await exec('cat ran')
  const ran = out.trim().split('\n').map(Number)
  expect(ran.sort((a, b) => a - b)).toEqual(all.map((_, index) => index))
})

test('nothing is left of many commands: no descriptor, neither here nor there, and no process', async () => {
  await exec('true')
  const spawner = await pidOf()
  const monitors = childrenOf(spawner).includes(String(lab.status().monitorPid)) ? 1 : 0
  const before = [openOf(process.pid), openOf(spawner)]
  for (let round = 0; round < ROUNDS; round += 10)
    await Promise.all(Array.from({ length: 10 }, () => exec('true')))
  await eventually(() => childrenOf(spawner).length === monitors)
  await eventually(() => openOf(process.pid).length <= (before[0]?.length ?? 0))
  expect(openOf(spawner)).toEqual(before[1])
  expect(await pidOf()).toBe(spawner)
}, 600_000)

/** Connects to the socket that an engine has by a descriptor, and says whether it was heard. */
const STRANGER = `
  const socket = require('net').createConnection(process.argv[1])
  const hello = Buffer.alloc(24)
  hello.write('TSCH')
  socket.on('error', () => undefined).on('data', () => console.log('heard')).on('close', () => console.log('closed'))
  socket.write(hello)
`

test('nobody but its engine is served', async () => {
  await exec('true')
  const places = readdirSync('/proc/self/fd').filter(fd => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).endsWith('/spawner')
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return false
      throw error
    }
  })
  expect(places).toHaveLength(1)
  const address = `/proc/${process.pid}/fd/${places[0]}`
  const stranger = spawn(process.execPath, ['-e', STRANGER, address], { stdio: ['ignore', 'pipe', 'ignore'] })
  expect(await text(stranger.stdout)).toBe('closed\n')
  expect((await exec('echo served')).out).toBe('served\n')
})

test('ends with its engine, however that ends', async () => {
  const script = `
    import { createNative } from ${JSON.stringify(new URL('../../../src/native/index.ts', import.meta.url).pathname)}
    const native = createNative()
    await native.run({ setup: [{ op: 'newNetns' }] })
    console.log(await native.spawner())
    setInterval(() => undefined, 1000)
  `
  const engine = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(engine.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  expect(isGone(pid)).toBe(false)
  engine.kill('SIGKILL')
  await eventually(() => isGone(pid))
})
