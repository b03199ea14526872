import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, utimesSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { errnoOf } from '../../../src/diagnostics/index.ts'
import { type Need, program, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { takeInventory } from '../harness/inventory.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// `doctor` tries things for real: what it says must be what containers meet, and nothing of it may stay.
let sandbox: Sandbox
beforeAll(() => {
  sandbox = makeSandbox()
})
afterAll(() => sandbox.close())

interface Row {
  readonly Area: string
  readonly Name: string
  readonly Status: string
  readonly Follows: string
}

const rowsOf = (stdout: string): Row[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): Row => JSON.parse(line))

test('a machine that runs these tests lacks nothing; no engine is started, nothing stays', async () => {
  const { stdout } = await sandbox.ok('doctor', '--format', 'json')
  const rows = rowsOf(stdout)
  expect(rows.filter(({ Status }) => Status === 'lacking')).toEqual([])
  // A Compose file in a folder above the sandbox has its registries asked.
  const areas = rows.map(({ Area }) => Area).filter(area => area !== 'Registries')
  expect(new Set(areas)).toEqual(
    new Set(['tscompose', 'Kernel', 'Control groups', 'Network', 'Storage', 'Programs']),
  )
  for (const { Status, Follows } of rows) expect(Follows === '').toBe(Status === 'ok')
  expect(existsSync(sandbox.socket)).toBe(false)
  const left = readdirSync(dirname(sandbox.folder)).filter(name => name.startsWith('.tscompose-doctor'))
  expect(left).toEqual([])
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('tscompose-doctor')
})

test('the table is for people: areas, facts, what follows, and no colours where nobody sees them', async () => {
  const { stdout } = await sandbox.ok('doctor')
  expect(stdout).toMatch(/^tscompose\n {2}ok {7}Node\.js +\d/)
  expect(stdout).toMatch(/\n\nKernel\n/)
  expect(stdout).toMatch(/\n\d+ ok, \d+ warning, 0 lacking\n$/)
  expect(stdout).not.toContain('\x1b')
})

test('what an engine has left whose ROOT was removed by hand is found, and goes when that is confirmed', async () => {
  const own = makeSandbox()
  try {
    await own.busybox()
    own.write('compose.yaml', 'name: left\nservices: {a: {image: busybox, command: sleep 600, scale: 2}}\n')
    await own.ok('up', '-d')
    const root = own.env['TSCOMPOSE_ROOT'] ?? ''
    const there = takeInventory(own.env)
    const aliases = there.links
      .filter(name => name.startsWith('tv'))
      .map(name => readFileSync(`/sys/class/net/${name}/ifalias`, 'utf8').replace(/ engine=\S*\n$/, ''))
    expect(aliases.sort()).toEqual([1, 2].map(at => `tscompose network=left_default container=left-a-${at}`))
    const named = (stdout: string): string[] =>
      [...there.links, ...there.tables.map(line => line.split(' ').at(-1) ?? ''), ...there.cgroups].filter(
        name => stdout.includes(` ${name} `),
      )
    // Of a ROOT that is there nothing is left, whoever asks.
    expect(named((await sandbox.ok('doctor', '--clean', '--force')).stdout)).toEqual([])
    renameSync(root, `${root}.away`)
    // What runs keeps all that it has.
    await own.run('doctor', '--clean', '--force')
    expect(takeInventory(own.env).links.length).toBe(there.links.length)
    expect(takeInventory(own.env).tables).toEqual(there.tables)
    // Nor does RUN go while monitors listen there, whose engine has been killed.
    const sockets = (): string[] => takeInventory(own.env).runFiles.filter(path => /monitor\.sock/.test(path))
    expect(sockets()).toHaveLength(2)
    await own.killEngine()
    await own.run('doctor', '--clean', '--force')
    expect(sockets()).toHaveLength(2)
    for (const line of there.processes) killIfThere(Number(line.split(' ')[0]))
    await eventually('every process has ended', () => takeInventory(own.env).processes.length === 0)
    // The containers end with their monitors, in their own time. Nobody has confirmed anything yet.
    const [group = ''] = there.cgroups
    const isTold = async (): Promise<boolean> => {
      // What was changed a moment ago may be an engine's that is about to start something.
      for (const each of there.cgroups) if (existsSync(each)) utimesSync(each, 0, 0)
      const { stdout } = await own.ok('doctor', '--clean')
      const free = stdout.split('\n').filter(line => !line.includes('left alone'))
      return named(free.join('\n')).includes(group)
    }
    await eventually('the groups are empty', isTold)
    expect(takeInventory(own.env).tables).toEqual(there.tables)
    await own.ok('doctor', '--clean', '--force')
    const left = takeInventory(own.env)
    expect([left.links, left.tables, left.cgroups, left.runFiles]).toEqual([[], [], [], []])
    renameSync(`${root}.away`, root)
  } finally {
    await own.close()
  }
})

test('rules that a killed engine has left in the firewall of another go, and no others', async () => {
  // A table of the test's own that no packet comes to.
  const [table, id] = [`other_${process.pid}`, randomBytes(3).toString('hex')]
  const nft = (...words: readonly string[]): string => execFileSync('nft', words, { encoding: 'utf8' })
  nft('add', 'table', 'ip', table)
  try {
    nft('add', 'chain', 'ip', table, 'USER')
    const rule = ['add', 'rule', 'ip', table, 'USER', 'iifname', 'tsc-*', 'counter', 'accept', 'comment']
    for (const comment of [`tscompose_${id}`, 'tscompose: mine', `tscompose_${id}`])
      nft(...rule, `"${comment}"`)
    expect((await sandbox.ok('doctor', '--clean')).stdout).toContain(`ip ${table} USER tscompose_${id} `)
    expect(nft('list', 'table', 'ip', table)).toContain(`tscompose_${id}`)
    await sandbox.ok('doctor', '--clean', '--force')
    const left = nft('list', 'table', 'ip', table)
    expect(left.match(/comment "[^"]*"/g)).toEqual(['comment "tscompose: mine"'])
  } finally {
    nft('delete', 'table', 'ip', table)
  }
})

/** Monitors end with the first of them that notices. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error
  }
}

requires(
  program('unshare'),
).test('a ROOT that cannot be written, and one that overlayfs does not take, are found', {}, async () => {
  // In a mount namespace of the test's own: /proc takes no folders, and an overlay is no upper layer of another one.
  const text = execFileSync(
    'unshare',
    [
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs tmpfs /mnt && mkdir /mnt/lower /mnt/upper /mnt/work /mnt/all &&
         mount -t overlay -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/all &&
         TSCOMPOSE_ROOT=/mnt/all/root TSCOMPOSE_RUN=/proc/run "$@"; test $? = 1`,
      'sh',
      process.execPath,
      'bin/tscompose',
      'doctor',
      '--format',
      'json',
    ],
    { encoding: 'utf8', env: sandbox.env },
  )
  const lacks = rowsOf(text).filter(({ Status }) => Status === 'lacking')
  expect(lacks.map(({ Name }) => Name)).toEqual(['RUN', 'overlayfs'])
})

const AS_NOBODY = ['--reuid=65534', '--regid=65534', '--clear-groups'] as const
const canReach = spawnSync('setpriv', [...AS_NOBODY, 'test', '-r', resolve('bin/tscompose')]).status === 0
const reachable: Need = {
  what: 'a clone that others may read, and setpriv',
  missing: canReach ? undefined : 'it is not',
}

requires(reachable).test('whoever is not root is told so, and the rest as far as it goes', {}, () => {
  const { status, stdout } = spawnSync(
    'setpriv',
    [...AS_NOBODY, process.execPath, 'bin/tscompose', 'doctor', '--format', 'json'],
    { encoding: 'utf8', env: { ...sandbox.env, HOME: '/nonexistent' } },
  )
  expect(status).toBe(1)
  const lacks = rowsOf(stdout).filter(({ Status }) => Status === 'lacking')
  expect(lacks.map(({ Name }) => Name)).toEqual(['user'])
})
