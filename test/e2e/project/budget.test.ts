// `x-tscompose: {limits}`: what all containers of a project may use together, in the kernel, live, in plain words, and gone with it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker
const isV1 = existsSync('/sys/fs/cgroup/memory/cgroup.procs')
const MEGABYTE = 1 << 20

/** Writes the file with this budget. */
function write(limits: string | undefined): void {
  sandbox.write(
    'compose.yaml',
    `
name: shared
${limits === undefined ? '' : `x-tscompose: {limits: ${limits}}`}
x-it: &it {image: busybox, init: true, stop_grace_period: 0s, command: sleep infinity}
services:
  one: {<<: *it, cpus: 1}
  two: {<<: *it, cgroup_parent: back}
  eats: {<<: *it, init: false, command: tail /dev/zero, mem_limit: 512m, profiles: [eats]}
`,
  )
}

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  docker = new Docker({ socketPath: sandbox.socket })
})
afterAll(async () => {
  docker.modem.destroy()
  await sandbox.close()
})

const inspect = (service: string) => docker.getContainer(`shared-${service}-1`).inspect()
const inside = async (service: string, script: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', service, 'sh', '-c', script)).stdout
/** The group around the project's, of one controller. */
function group(controller: string): string {
  const root = sandbox.env['TSCOMPOSE_ROOT'] ?? ''
  const id = createHash('sha256').update(root).digest('hex').slice(0, 6)
  return `/sys/fs/cgroup/${isV1 ? `${controller}/` : ''}tscompose-${id}/project-shared`
}
const value = (controller: string, v1: string, v2: string): string =>
  readFileSync(`${group(controller)}/${isV1 ? v1 : v2}`, 'utf8').trim()
const memory = (): string => value('memory', 'memory.limit_in_bytes', 'memory.max')
const quota = (): number =>
  Number(value('cpu', 'cpu.cfs_quota_us', 'cpu.max').split(' ')[0]?.replace('max', '-1'))
const pids = (): string => value('pids', 'pids.max', 'pids.max')

test('one group around all, told by inspect and true in /proc and stats', async () => {
  write('{memory: 96m, cpus: 0.5, pids: 40}')
  await sandbox.ok('up', '-d')
  expect([memory(), quota(), pids()]).toEqual([String(96 * MEGABYTE), 50_000, '40'])
  const { Id, HostConfig } = await inspect('one')
  expect(HostConfig.TscomposeBudget).toEqual({
    Name: 'shared',
    Memory: 96 * MEGABYTE,
    NanoCpus: 5e8,
    PidsLimit: 40,
  })
  expect(readdirSync(group('memory'))).toContain(Id)
  expect(existsSync(`${group('memory')}/parents/back/${(await inspect('two')).Id}`)).toBe(true)
  expect(await inside('two', 'head -1 /proc/meminfo; nproc; grep -c ^processor /proc/cpuinfo')).toMatch(
    /^MemTotal: +98304 kB\n\d+\n1\n$/,
  )
  const stats = await docker.getContainer('shared-two-1').stats({ stream: false })
  expect(stats.memory_stats.limit).toBe(96 * MEGABYTE)
})

test('a second up changes nothing; a changed file changes the group, and no container', async () => {
  const before = (await inspect('one')).State.StartedAt
  expect((await sandbox.ok('plan')).stdout).not.toMatch(/update|recreate/)
  write('{memory: 64m, cpus: 1.5}')
  const plan = await sandbox.ok('plan')
  expect(plan.stdout).toMatch(/x-tscompose\.limits\.memory/)
  expect(plan.stdout).not.toMatch(/recreate/)
  await sandbox.ok('up', '-d')
  expect([memory(), quota(), pids()]).toEqual([String(64 * MEGABYTE), 150_000, 'max'])
  expect((await inspect('one')).State.StartedAt).toBe(before)
  expect((await inspect('two')).HostConfig.TscomposeBudget?.Memory).toBe(64 * MEGABYTE)
  expect(await inside('one', 'head -1 /proc/meminfo')).toMatch(/ 65536 kB/)
  // Its own quota, which v1 had taken down to the budget's.
  const own = isV1 ? 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us' : 'cut -d" " -f1 /sys/fs/cgroup/cpu.max'
  expect(await inside('one', own)).toBe('100000\n')
  expect((await sandbox.ok('plan')).stdout).not.toMatch(/update|recreate/)
})

test('frozen by others it is seen and put right by up, and who is in it can be stopped, and started', async () => {
  const freeze = (): void =>
    writeFileSync(
      isV1 ? `${group('freezer')}/freezer.state` : `${group('')}/cgroup.freeze`,
      isV1 ? 'FROZEN' : '1',
    )
  freeze()
  expect((await sandbox.run('drift')).stdout).toContain('cgroup.frozen')
  await sandbox.ok('up', '-d')
  expect(await inside('two', 'echo here')).toBe('here\n')
  expect((await sandbox.run('drift')).status).toBe(0)
  freeze()
  await sandbox.ok('stop', 'one')
  expect((await inspect('one')).State.Status).toBe('exited')
  freeze()
  await sandbox.ok('start', 'one')
  expect(await inside('one', 'echo here')).toBe('here\n')
  await sandbox.ok('up', '-d')
})

test('all processes together, whoever has them', async () => {
  write('{memory: 64m, pids: 12}')
  await sandbox.ok('up', '-d')
  await inside('one', 'for i in 1 2 3; do sleep 1000 & done')
  const { stdout, stderr } = await sandbox.run(
    'exec',
    '-T',
    'two',
    'sh',
    '-c',
    'for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done',
  )
  expect(stdout + stderr).toMatch(/fork|can't/)
  await sandbox.ok('restart')
})

test('who is killed by it is told so, with what the others have', async () => {
  write('{memory: 48m}')
  await sandbox.ok('up', '-d')
  const { stdout } = await sandbox.run('--profile', 'eats', 'up', 'eats')
  expect(stdout).toMatch(
    /tail was killed for want of memory \(.*limit 48 MiB, by the limit of the project shared, .*shared-one-1 has/,
  )
  const { State } = await inspect('eats')
  expect(State).toMatchObject({ ExitCode: 137, OOMKilled: true })
  expect(State.TscomposeOom).toMatchObject({ Budget: 'shared', Limit: 48 * MEGABYTE })
  expect(Object.keys(State.TscomposeOom?.Others ?? {}).sort()).toEqual(['shared-one-1', 'shared-two-1'])
  expect((await inspect('one')).State).toMatchObject({ Running: true, OOMKilled: false })
})

test('it outlives its engine, and holds for who starts without one', async () => {
  await sandbox.killEngine()
  await sandbox.ok('restart', 'two')
  expect(memory()).toBe(String(48 * MEGABYTE))
  expect((await sandbox.ok('plan')).stdout).not.toMatch(/update|recreate/)
})

test('taken out of the file it is lifted in place; put in again nobody is made anew', async () => {
  const before = (await inspect('one')).State.StartedAt
  write(undefined)
  await sandbox.ok('up', '-d')
  expect(Number(memory().replace('max', '9e18'))).toBeGreaterThan(2 ** 60)
  write('{pids: 50}')
  await sandbox.ok('up', '-d')
  expect(pids()).toBe('50')
  expect((await inspect('one')).State.StartedAt).toBe(before)
})

test('it goes with the project, and comes to one that ran without it by new containers', async () => {
  await sandbox.ok('--profile', 'eats', 'down')
  await eventually('the group is gone', () => !existsSync(group('memory')))
  write(undefined)
  await sandbox.ok('up', '-d', 'one')
  write('{memory: 64m}')
  expect((await sandbox.ok('plan', 'one')).stdout).toMatch(/does not share the limits of the project/)
  await sandbox.ok('up', '-d', 'one')
  expect(memory()).toBe(String(64 * MEGABYTE))
})

test('nonsense is refused where it stands, before anything is made', async () => {
  for (const [limits, code] of [
    ['{memory: 1m}', 'BUDGET_INVALID'],
    ['{cpus: 4096}', 'BUDGET_INVALID'],
    ['{pids: 0}', ''],
    ['{memory: 5x}', 'INVALID_TYPE'],
    ['{disk: 5g}', ''],
  ] as const) {
    write(limits)
    const { status, stderr } = await sandbox.run('up', '-d')
    expect(status, limits).not.toBe(0)
    expect(stderr).toContain(code)
  }
})
