// A process that the kernel killed for want of memory is told apart from others that end with 137: whom, at which peak, by whose limit.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
let docker: Docker
const LIMIT = 16 << 20
const EAT = 'tail /dev/zero'

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: oom
x-it: &it {image: busybox, mem_limit: 16m, memswap_limit: 16m}
services:
  first: {<<: *it, command: ${EAT}}
  child: {<<: *it, init: true, command: "sh -c '${EAT}; sleep infinity'"}
  again: {<<: *it, command: "sh -c '[ -e /been ] && exec sleep infinity; touch /been; exec ${EAT}'", restart: on-failure}
  killed: {<<: *it, command: sleep infinity}
  after: {<<: *it, command: 'true', depends_on: {first: {condition: service_completed_successfully}}}
`,
  )
  docker = new Docker({ socketPath: sandbox.socket })
})
afterAll(async () => {
  docker.modem.destroy()
  await sandbox.close()
})

const stateOf = async (service: string) => (await docker.getContainer(`oom-${service}-1`).inspect()).State

test('of the first process, and of a child whose parent lives on', async () => {
  await sandbox.ok('up', '-d', 'first', 'child')
  await docker.getContainer('oom-first-1').wait()
  const first = await stateOf('first')
  expect(first).toMatchObject({ Status: 'exited', ExitCode: 137, OOMKilled: true })
  expect(first.TscomposeOom).toMatchObject({ Victim: 'tail', Limit: LIMIT })
  expect(first.TscomposeOom?.Peak).toBeGreaterThan(LIMIT - (1 << 20))
  await eventually(
    'the child’s end is told while its parent lives',
    async () => (await stateOf('child')).OOMKilled,
  )
  expect(await stateOf('child')).toMatchObject({
    Running: true,
    TscomposeOom: { Victim: 'tail', Limit: LIMIT },
  })
  const listed = (await sandbox.ok('ps', '-a')).stdout
  expect(listed).toMatch(/OUT OF MEMORY\n/)
  expect(listed).toMatch(/Exited \(137\).*\(out of memory\) .*tail, peak 1\d(\.\d)? MiB, limit 16 MiB/)
  expect(listed).toMatch(/oom-child-1 .* Up .*tail, peak 1\d(\.\d)? MiB, limit 16 MiB/)
})

test('once an event each, and never of one that was killed otherwise', async () => {
  await sandbox.ok('up', '-d', 'killed')
  await docker.getContainer('oom-killed-1').kill()
  await docker.getContainer('oom-killed-1').wait()
  expect(await stateOf('killed')).toMatchObject({ ExitCode: 137, OOMKilled: false })
  expect((await stateOf('killed')).TscomposeOom).toBeUndefined()
  const { stdout } = await sandbox.ok('events', '--json', '--since', '1h', '--until', '0s')
  const events = stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as { action: string; service: string; attributes: Record<string, string> })
    .filter(({ action }) => action === 'oom')
  expect(events.map(({ service }) => service).sort()).toEqual(['child', 'first'])
  const words = (await sandbox.ok('events', '--since', '1h', '--until', '0s')).stdout
  expect(words).toMatch(/ oom .*: tail was killed for want of memory \(peak .*, limit 16 MiB\)\n/)
})

test('who waits for it is told that it was for want of memory', async () => {
  const waited = await sandbox.run('up', '-d', 'after')
  expect(waited.status).toBe(1)
  expect(waited.stderr).toMatch(/exit 137, tail was killed for want of memory \(peak .*, limit 16 MiB\)/)
})

test('it is gone with the next run, and whoever is attached reads of it', async () => {
  const { stdout } = await sandbox.run('up', 'first')
  expect(stdout).toMatch(/exited with code 137, tail was killed for want of memory \(peak .*, limit 16 MiB\)/)
  await sandbox.ok('up', '-d', 'again')
  await eventually('it runs again', async () => {
    const state = await stateOf('again')
    return state.Running && !state.Restarting && !state.OOMKilled
  })
})
