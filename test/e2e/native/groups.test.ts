// How a process gets into its control groups, on the real kernel.
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTimeOf } from '../../../src/linux/process-identity.ts'
import type { Program } from '../../../src/native/index.ts'
import { eventually, failing, NativeLab } from './native-lab.ts'

/** A group of the test's own in each hierarchy: `name` is that of the hierarchy in /proc/<pid>/cgroup, empty of v2. */
interface Group {
  readonly name: string
  readonly path: string
}

let lab: NativeLab
let groups: readonly Group[]
beforeEach(() => {
  lab = new NativeLab()
  groups = hierarchies().map(({ name, mountpoint }) => {
    const path = join(mountpoint, `tscompose-test-${process.pid}`)
    mkdirSync(path, { recursive: true })
    return { name, path }
  })
})
afterEach(async () => {
  await lab.close()
  for (const { path } of groups) await eventually(() => isRemoved(path))
})

/** False while somebody is still in there. */
function isRemoved(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch {
    return !existsSync(path)
  }
}

/** Where hierarchies of groups are mounted; of v1 but those that take nobody before they are set up. */
function hierarchies(): { readonly name: string; readonly mountpoint: string }[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map(line => line.split(' '))
    .flatMap(([, mountpoint = '', type, options = '']) => {
      if (type === 'cgroup2') return [{ name: '', mountpoint }]
      const name = readFileSync('/proc/self/cgroup', 'utf8')
        .split('\n')
        .map(line => line.split(':')[1] ?? '')
        .find(
          each =>
            type === 'cgroup' &&
            each !== '' &&
            each.split(',').every(one => options.split(',').includes(one)),
        )
      return name === undefined || name.split(',').includes('cpuset') ? [] : [{ name, mountpoint }]
    })
}

const unified = (): string | undefined => groups.find(({ name }) => name === '')?.path

function programOf(argv: readonly string[]): Program {
  const program = lab.program({ argv: [...argv] })
  const path = unified()
  return {
    ...program,
    outside: [
      ...(program.outside ?? []),
      ...(path === undefined ? [] : [{ op: 'open', slot: 9, path, kind: 'folder' } as const]),
    ],
    launch: [
      {
        op: 'clone',
        newNamespaces: ['mnt', 'pid', 'ipc', 'uts'],
        net: 'container',
        ...(path === undefined ? {} : { cgroupSlot: 9 }),
      },
    ],
    groups: joins(),
  }
}

function joins(): NonNullable<Program['groups']> {
  return groups
    .filter(({ name }) => name !== '')
    .map(({ path }) => ({ op: 'joinGroup', path: `${path}/tasks` }) as const)
}

/** Hierarchies in which a process, by its own /proc/self/cgroup, is not in the group of the test. */
function elsewhere(text: string): string[] {
  const places = new Map(
    text
      .trim()
      .split('\n')
      .map(line => [line.split(':')[1] ?? '', line.split(':').slice(2).join(':')]),
  )
  return groups.flatMap(({ name, path }) =>
    places.get(name)?.endsWith(`/${basename(path)}`) ? [] : [`${name}: ${places.get(name)}`],
  )
}

async function firstProcess(): Promise<string> {
  const output: string[] = []
  const { exitCode } = await lab.native.runForeground(programOf(['cat', '/proc/self/cgroup']), {
    onOutput: (_stream, chunk) => void output.push(chunk.toString()),
  })
  expect(exitCode).toBe(0)
  return output.join('')
}

async function command(): Promise<string> {
  const program = programOf(['sleep', '1000'])
  const { supervise = [] } = lab.monitored({ argv: [] })
  await lab.native.startMonitor({ ...program, supervise })
  const connection = await lab.connect()
  const { pid } = await connection.start()
  const path = unified()
  const session = await lab.native.exec(
    {
      launch: [
        {
          op: 'join',
          pid,
          startTime: startTimeOf(pid) ?? 0n,
          ...(path === undefined ? {} : { group: path }),
        },
      ],
      groups: joins(),
      exec: [{ op: 'exec', argv: ['cat', '/proc/self/cgroup'], env: ['PATH=/bin'], init: false }],
    },
    { tty: false, stdin: false },
  )
  let text = ''
  for await (const chunk of session.stdout ?? []) text += String(chunk)
  await connection.signal(9, { manual: true })
  return text
}

/** From Linux 6.13 on the kernel kills whoever is born in such a group. */
function killGroup(): void {
  const file = `${unified()}/cgroup.kill`
  if (unified() !== undefined && existsSync(file)) writeFileSync(file, '1')
}

test.each([
  ['a first process', firstProcess],
  ['a command', command],
])('%s is in each of them, also when they were killed before', async (_who, run) => {
  expect(groups).not.toEqual([])
  expect(elsewhere(await run())).toEqual([])
  killGroup()
  await lab.close()
  lab = new NativeLab()
  expect(elsewhere(await run())).toEqual([])
})

test('what fails behind them is told of the launch, and of no group', async () => {
  const program = programOf(['true'])
  const ids = [{ inside: 0, outside: 100_000, count: 65_536 }]
  const failed = await failing(
    lab.native.runForeground(
      {
        ...program,
        setup: [...(program.setup ?? []), { op: 'createUserns', slot: 20, uidMap: ids, gidMap: ids }],
        outside: [
          ...(program.outside ?? []),
          {
            op: 'openNamespace',
            slot: 21,
            pid: process.pid,
            startTime: startTimeOf(process.pid) ?? 0n,
            kind: 'ipc',
          },
        ],
        // Its root may not join what is the host's.
        launch: [
          { op: 'clone', newNamespaces: ['mnt', 'pid'], net: 'host', usernsSlot: 20, joinSlots: [21] },
        ],
      },
      { onOutput: () => undefined },
    ),
  )
  expect(failed).toEqual({ code: 'NATIVE_FAILED', op: 'clone', errno: 'EPERM' })
})
