// Monitors on the real kernel: logs, restarts, stdio, terminals, and life without an engine.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createConnection, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { errnoOf } from '../../../src/diagnostics/index.ts'
import type { MonitorStatus } from '../../../src/native/index.ts'
import { requires } from '../../requires.ts'
import { freePort } from '../harness/sandbox.ts'
import { eventually, failing, NativeLab, SANITIZED } from './native-lab.ts'

/** `init` runs inside a container, which has no files of the sanitizers' build. */
const UNSANITIZED = {
  what: 'the native program without sanitizers',
  missing: SANITIZED ? 'this run is of the other' : undefined,
}

let lab: NativeLab
beforeEach(() => {
  lab = new NativeLab()
})
afterEach(async () => {
  await lab.close()
})

describe('a monitored container', () => {
  test('logs both streams, keeps the exit code, and ends its monitor', async () => {
    const connection = await lab.monitor({ argv: ['sh', '-c', 'echo one; echo two >&2; exit 7'] })
    const { pid } = await connection.start()
    expect(pid).toBeGreaterThan(0)
    await connection.closed
    expect(lab.logLines().sort()).toEqual(['stderr F two', 'stdout F one'])
    expect(lab.log()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F one\n/m)
    expect(lab.status()).toMatchObject({
      phase: 'exited',
      exitCode: 7,
      signal: 0,
      pid: 0,
      restartCount: 0,
      oomKilled: false,
    })
  })

  test('splits long lines and keeps the end of one that has none', async () => {
    const connection = await lab.monitor({
      argv: ['sh', '-c', 'head -c 40000 /dev/null; seq -s , 1 8000; echo -n end'],
    })
    await connection.start()
    await connection.closed
    const lines = lab.logLines()
    expect(lines.map(line => line.split(' ')[1])).toEqual(['P', 'P', 'F', 'P'])
    expect(lines.at(-1)).toBe('stdout P end')
    expect(
      lines
        .slice(0, 3)
        .map(line => line.slice('stdout P '.length))
        .join(''),
    ).toBe(Array.from({ length: 8000 }, (_, i) => i + 1).join(','))
  })

  test('lives on when the process that started it is killed', async () => {
    const script = `
      import { NativeLab } from ${JSON.stringify(new URL('./native-lab.ts', import.meta.url).pathname)}
      import { createNative } from ${JSON.stringify(new URL('../../../src/native/index.ts', import.meta.url).pathname)}
      const native = createNative()
      await native.startMonitor(JSON.parse(process.argv[2], (key, value) => typeof value === 'string' && /^\\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : key === 'filter' ? Uint8Array.from(Object.values(value)) : value))
      const connection = await native.connectMonitor(process.argv[3])
      await connection.start()
      process.kill(process.pid, 'SIGKILL')
    `
    writeFileSync(lab.path('starter.mts'), script)
    const program = lab.monitored({
      argv: ['sh', '-c', 'i=0; while [ $i -lt 2000 ]; do echo tick $i; i=$((i+1)); sleep 0.05; done'],
    })
    const json = JSON.stringify(program, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
    const starter = spawn(
      process.execPath,
      ['--import', 'tsx', lab.path('starter.mts'), json, lab.path('run/monitor.sock')],
      { stdio: 'ignore' },
    )
    const signal = await new Promise(resolve => starter.once('exit', (_code, by) => resolve(by)))
    expect(signal).toBe('SIGKILL')
    const before = lab.log().length
    await eventually(() => lab.log().length > before)
    const connection = await lab.connect()
    expect(lab.status().phase).toBe('running')
    await connection.signal(9, { manual: true })
    await connection.closed
    expect(lab.status()).toMatchObject({ phase: 'exited', exitCode: 137, signal: 9, stopped: true })
  })

  test('restarts after a failure as often as it may, longer apart each time', async () => {
    const seen: MonitorStatus[] = []
    const connection = await lab.monitor({
      argv: ['sh', '-c', 'echo run; exit 1'],
      monitor: { restart: 'on-failure', restartMax: 2 },
    })
    await connection.subscribe(status => seen.push(status))
    await connection.start()
    await connection.closed
    expect(seen.map(status => status.phase)).toEqual([
      'created',
      'running',
      'restarting',
      'running',
      'restarting',
      'running',
      'exited',
    ])
    expect(lab.logLines()).toEqual(Array(3).fill('stdout F run'))
    const pauses = [2, 4].map(
      index => Number((seen[index + 1]?.startedAt ?? 0n) - (seen[index]?.finishedAt ?? 0n)) / 1e6,
    )
    expect(pauses[0]).toBeGreaterThanOrEqual(100)
    expect(pauses[1]).toBeGreaterThanOrEqual(200)
  })

  test('a stop ends restarts, also while it waits for the next', async () => {
    const connection = await lab.monitor({ argv: ['true'], monitor: { restart: 'always' } })
    let stopping: Promise<void> | undefined
    await connection.subscribe(status => {
      if (status.phase === 'restarting') stopping ??= connection.signal(15, { manual: true })
    })
    await connection.start()
    await connection.closed
    await stopping?.catch(() => undefined)
    expect(lab.status()).toMatchObject({ phase: 'exited', stopped: true })
  })

  test('its network namespace outlives restarts', async () => {
    const connection = await lab.monitor({
      argv: ['readlink', '/proc/self/ns/net'],
      monitor: { restart: 'on-failure', restartMax: 1 },
    })
    await connection.setRestart('always', 0)
    let stop: Promise<void> | undefined
    await connection.subscribe(status => {
      if (status.restartCount === 2) stop ??= connection.signal(9, { manual: true }).catch(() => undefined)
    })
    await connection.start()
    await connection.closed
    await stop
    expect(new Set(lab.logLines()).size).toBe(1)
    expect(lab.logLines().length).toBeGreaterThanOrEqual(2)
  })

  test('feeds stdin and attaches before the start, so that nothing is lost', async () => {
    const connection = await lab.monitor({ argv: ['cat'], openStdin: true })
    const output: string[] = []
    await connection.attach({ onOutput: (_stream, chunk) => output.push(chunk.toString()) })
    await connection.writeStdin(Buffer.from('before\n'))
    await connection.start()
    await connection.writeStdin(Buffer.from('after\n'))
    await connection.closeStdin()
    await connection.closed
    expect(output.join('')).toBe('before\nafter\n')
    expect(lab.status().exitCode).toBe(0)
  })

  /** It can write nothing more: it waits for room in its pipe, and its log stands still. */
  const heldBack = async (pid: number): Promise<void> => {
    let size = -1
    await eventually(() => {
      const before = size
      size = statSync(lab.path('log')).size
      return size === before && readFileSync(`/proc/${pid}/wchan`, 'utf8').includes('pipe_write')
    })
  }
  const SEQ = ['seq', '1', '3000000']
  const SEQ_BYTES = 22_888_896

  test('is held back by a reader that waits, and a byte is lost to nobody', async () => {
    const connection = await lab.monitor({ argv: SEQ })
    const [slow, other] = [await lab.connect(), await lab.connect()]
    const got = { slow: 0, other: 0 }
    await slow.attach({
      onOutput: (_stream, chunk) => {
        if (got.slow === 0) slow.pause()
        got.slow += chunk.length
      },
    })
    await other.attach({
      onOutput: (_stream, chunk) => {
        got.other += chunk.length
      },
    })
    const { pid } = await connection.start()
    await heldBack(pid)
    expect(got.slow).toBeLessThan(1 << 20)
    slow.resume()
    await Promise.all([slow.closed, other.closed])
    expect(got).toEqual({ slow: SEQ_BYTES, other: SEQ_BYTES })
    expect(lab.logLines()).toHaveLength(3_000_000)
  })

  test('lets a reader go that takes nothing for too long, tells it, and goes on', async () => {
    const connection = await lab.monitor({ argv: SEQ, monitor: { patience: 300 } })
    const [stopped, other] = [await lab.connect(), await lab.connect()]
    const taken: Buffer[] = []
    let [lost, all] = [false, 0]
    await stopped.attach({
      onOutput: (_stream, chunk) => {
        if (taken.length === 0) stopped.pause()
        taken.push(chunk)
      },
      onLost: () => {
        lost = true
      },
    })
    await other.attach({
      onOutput: (_stream, chunk) => {
        all += chunk.length
      },
    })
    await connection.start()
    await eventually(() => all === SEQ_BYTES)
    expect(lost).toBe(false)
    stopped.resume()
    await stopped.closed
    expect(lost).toBe(true)
    const text = Buffer.concat(taken).toString('latin1')
    expect(text.length).toBeGreaterThan(1 << 20)
    expect(
      Array.from({ length: 3_000_000 }, (_, i) => `${i + 1}\n`)
        .join('')
        .startsWith(text),
    ).toBe(true)
  })

  test('can be killed while it does not read its input', async () => {
    const connection = await lab.monitor({ argv: ['sleep', '1000'], openStdin: true })
    await connection.start()
    const feeding = connection.writeStdin(Buffer.alloc(4 << 20)).catch(error => error.code)
    await connection.signal(9, { manual: true })
    await connection.closed
    expect(lab.status()).toMatchObject({ phase: 'exited', exitCode: 137 })
    // What nobody reads any more may still be taken and dropped before the monitor has gone.
    expect([undefined, 'MONITOR_GONE']).toContain(await feeding)
  })

  test('listens in a folder whose path is longer than a socket address', async () => {
    const folder = lab.path(`run/${'long'.repeat(30)}`)
    mkdirSync(folder)
    const socket = `${folder}/monitor.sock`
    await lab.native.startMonitor(lab.monitored({ argv: ['true'], monitor: { socket } }))
    expect(statSync(socket).mode & 0o777).toBe(0o600)
    const connection = await lab.native.connectMonitor(socket)
    await connection.start()
    await connection.closed
    expect(existsSync(socket)).toBe(false)
  })

  test('its published port answers, also after its relay was killed', async () => {
    const target = createServer(socket => socket.end('hello')).listen(0, '127.0.0.1')
    await new Promise(resolve => target.once('listening', resolve))
    const hostPort = await freePort()
    const program = lab.monitored({ argv: ['sleep', '1000'] })
    const publish = {
      op: 'publish',
      protocol: 'tcp',
      hostIp: '127.0.0.1',
      hostPort,
      targetIp: '127.0.0.1',
      targetPort: portOf(target),
      count: 1,
      both: false,
    } as const
    const relayOp = {
      ...({ op: 'relay', names: [], upstreams: [], internal: false, askInside: false, dnsPort: 0 } as const),
      ...{ uid: 4_000, uidCount: 1, filter: new Uint8Array() },
    }
    await lab.native.startMonitor({ ...program, supervise: [...(program.supervise ?? []), relayOp, publish] })
    const connection = await lab.connect()
    await connection.start()
    expect(await read(hostPort)).toBe('hello')
    const relay = childrenOf(lab.status().monitorPid).find(pid => pid !== lab.status().pid) ?? 0
    expect(readFileSync(`/proc/${relay}/status`, 'utf8')).toMatch(/^Uid:\t4000\t4000\t4000\t4000$/m)
    expect(readFileSync(`/proc/${relay}/status`, 'utf8')).toMatch(/^CapPrm:\t0000000000000000$/m)
    process.kill(relay, 'SIGKILL')
    await eventually(() => !existsSync(`/proc/${relay}`))
    // The listener was never closed: this connection waits for the next relay.
    expect(await read(hostPort)).toBe('hello')
    const successor = childrenOf(lab.status().monitorPid).find(pid => pid !== lab.status().pid) ?? 0
    await connection.signal(9, { manual: true })
    await connection.closed
    // Reaped by its monitor: where PID 1 does not reap, nobody else would.
    expect(successor).toBeGreaterThan(0)
    await eventually(() => !existsSync(`/proc/${successor}`))
    target.close()
  })

  test('does not publish a port without being told who its relay is', async () => {
    const program = lab.monitored({ argv: ['true'] })
    const publish = {
      ...({ op: 'publish', protocol: 'udp', hostIp: '127.0.0.1', hostPort: 0 } as const),
      ...{ targetIp: '127.0.0.1', targetPort: 1, count: 1, both: false },
    }
    await lab.native.startMonitor({ ...program, supervise: [...(program.supervise ?? []), publish] })
    const connection = await lab.connect()
    expect(await failing(connection.start())).toMatchObject({ errno: 'EPROTO' })
  })

  test('has a terminal of its own size', async () => {
    const connection = await lab.monitor({
      argv: ['sh', '-c', 'tty; stty size; read x; stty size; echo got $x'],
      tty: true,
      openStdin: true,
    })
    const output: string[] = []
    await connection.attach({ onOutput: (_stream, chunk) => output.push(chunk.toString()) })
    await connection.start()
    await eventually(() => output.join('').includes('24 80'))
    await connection.resize(50, 132)
    await connection.writeStdin(Buffer.from('word\r'))
    await connection.closed
    expect(output.join('').replaceAll('\r', '')).toBe('/dev/pts/0\n24 80\nword\n50 132\ngot word\n')
  })

  requires(UNSANITIZED).test('init forwards signals and reaps', {}, async () => {
    const script = "trap 'echo asked; exit 9' TERM; (sleep 0.05 &); echo ready; while :; do sleep 0.05; done"
    const connection = await lab.monitor({ argv: ['sh', '-c', script], init: true })
    await connection.start()
    await eventually(() => lab.log().includes('ready'))
    await connection.signal(15, { manual: true })
    await connection.closed
    expect(lab.logLines()).toEqual(['stdout F ready', 'stdout F asked'])
    expect(lab.status().exitCode).toBe(9)
  })

  test('a million lines are logged, none lost', async () => {
    const connection = await lab.monitor({ argv: ['seq', '1', '1000000'] })
    const before = performance.now()
    await connection.start()
    await connection.closed
    const seconds = (performance.now() - before) / 1000
    process.stdout.write(`a million lines in ${seconds.toFixed(2)} s\n`)
    const lines = lab.log().split('\n')
    expect(lines.length).toBe(1_000_001)
    expect(lines[999_999]).toMatch(/ stdout F 1000000$/)
  })

  /** The files of the log in their order: number, what the header says of those before, and the lines of `seq` in it. */
  const logFiles = () =>
    readdirSync(lab.folder)
      .filter(name => /^log(\.\d+)?$/.test(name))
      .map(name => {
        const [first = '', ...rest] = readFileSync(lab.path(name), 'utf8').trimEnd().split('\n')
        const [, , , number, lines, bytes] = first.split(' ')
        return {
          name,
          size: statSync(lab.path(name)).size,
          number: Number(number),
          before: { lines: Number(lines), bytes: Number(bytes) },
          numbers: rest.map(line => Number(line.split(' ')[3])),
        }
      })
      .sort((a, b) => a.number - b.number)
  /** A file that was listed may have its next name, or be gone, when it is read. */
  const unlessMoving = (ask: () => boolean) => (): boolean => {
    try {
      return ask()
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error
      return false
    }
  }
  /** Bytes of `seq 1 <last>`. */
  const seqBytes = (last: number): number =>
    Array.from({ length: last }, (_, index) => String(index + 1).length + 1).reduce((a, b) => a + b, 0)

  test('rotates its log by what the container wrote, and each file tells what was before it', async () => {
    const monitor = { logMaxSize: 20_000, logMaxFiles: 3 }
    for (const [from, to] of [
      [1, 20_000],
      [20_001, 40_000],
    ] as const) {
      const connection = await lab.monitor({ argv: ['seq', String(from), String(to)], monitor })
      await connection.start()
      await connection.closed
      const files = logFiles()
      const last = files.at(-1)?.number ?? 0
      expect(files.map(({ name }) => name)).toEqual([`log.${last - 2}`, `log.${last - 1}`, 'log'])
      for (const { size, before, numbers } of files) {
        expect(size).toBeLessThanOrEqual(80_000 + 128)
        expect(before).toEqual({ lines: (numbers[0] ?? 0) - 1, bytes: seqBytes((numbers[0] ?? 0) - 1) })
      }
      const numbers = files.flatMap(file => file.numbers)
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => to - numbers.length + 1 + i))
    }
  })

  test('keeps what a follower is still to read, until it goes', async () => {
    const monitor = { logMaxSize: 20_000, logMaxFiles: 1 }
    const connection = await lab.monitor({
      argv: ['sh', '-c', 'seq 1 20000; read x'],
      openStdin: true,
      monitor,
    })
    const follower = await lab.connect()
    await follower.follow(1)
    await connection.start()
    const lines = (): number[] => logFiles().flatMap(({ name, numbers }) => (name === 'log.1' ? [] : numbers))
    await eventually(unlessMoving(() => lines().at(-1) === 20_000))
    const first = readFileSync(lab.path('log.1'), 'utf8').trimEnd().split('\n').length
    expect(lines()).toEqual(Array.from({ length: 20_000 - first }, (_, index) => first + index + 1))
    await follower.follow(4)
    expect(logFiles()[0]?.name).toBe('log.4')
    follower.close()
    await eventually(unlessMoving(() => logFiles().length === 1))
    await connection.closeStdin()
    await connection.closed
  })

  test('clients that ask something and have gone before they are answered leave nothing', async () => {
    const connection = await lab.monitor({ argv: ['sleep', '1000'] })
    await connection.start()
    // REQUEST_FOLLOW from the first file on, several in a row.
    const follow = Buffer.from('0a000000' + '08000000' + '0100000000000000', 'hex')
    for (let round = 0; round < 20; round += 1)
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const socket = createConnection(lab.path('run/monitor.sock'))
          await new Promise(resolve => socket.once('connect', resolve).once('error', resolve))
          await new Promise(resolve => socket.write(Buffer.concat([follow, follow, follow]), resolve))
          socket.destroy()
        }),
      )
    await connection.signal(9, { manual: true })
    await connection.closed
    expect(lab.status()).toMatchObject({ phase: 'exited', exitCode: 137 })
  })

  test('a monitor that nobody starts ends when its engine goes away', async () => {
    const connection = await lab.monitor({ argv: ['true'] })
    const { monitorPid } = lab.status()
    connection.close()
    await eventually(() => !existsSync(lab.path('run/monitor.sock')))
    await eventually(() => !existsSync(`/proc/${monitorPid}`))
  })
})

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** All that a port says until it closes. */
async function read(port: number): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of createConnection(port, '127.0.0.1')) chunks.push(String(chunk))
  return chunks.join('')
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
}
