// What others change of a project in the kernel, behind the engine's back: each is seen, nothing else is told of, and it is put right where it stands.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { CONTAINER_FAULTS } from './drift-faults/container.ts'
import type { Fault } from './drift-faults/fault.ts'
import { FOREIGN_FAULTS } from './drift-faults/foreign.ts'
import { NETWORK_FAULTS } from './drift-faults/network.ts'
import { DriftedProject } from './drift-faults/project.ts'
import { RELAY_FAULTS } from './drift-faults/relay.ts'

/** Another kind of thing is its file of faults and its place here. */
const FAULTS: readonly Fault[] = [...NETWORK_FAULTS, ...CONTAINER_FAULTS, ...RELAY_FAULTS, ...FOREIGN_FAULTS]

/** Faults that can be told from each other when all are there. */
const TOGETHER: readonly string[][] = [
  [
    'a bridge is removed',
    'a bridge has lost the gateway’s address',
    'a pair is removed',
    'the outside end of a pair is down',
    'an interface has another MAC address',
  ],
  [
    'a bridge is called otherwise',
    'a bridge has another MTU',
    'an interface has an address besides',
    'the default route leads elsewhere',
    'an interface has lost its address',
    'loopback is down',
  ],
]

/** What the kernel is asked for changes of, before anything is read. */
const AT_FIRST =
  /^(a volume is unmounted|a volume may not be written|something lies over|a tmpfs has|an editor has|a folder was made anew|the way to the resolver is|a container is not held)/

const project = new DriftedProject()
beforeAll(() => project.start())
afterAll(() => project.end())

/** Puts faults in, and sees them told of and put right. */
async function suffer(faults: readonly Fault[]): Promise<void> {
  const before = project.processes()
  const restarted = faults.flatMap(({ restarts = [] }) => restarts)
  for (const fault of faults) await fault.inject(project)
  const healing = faults.flatMap(({ healsItself }) => healsItself ?? [])
  if (healing.length > 0) await eventually('it has healed', () => healing.every(heals => heals(project)))
  else expect(await project.drift()).toEqual(faults.flatMap(({ seen }) => seen).sort())
  await project.sandbox.ok('up', '-d')
  if (restarted.length > 0) await project.look()
  if (faults.every(({ stays }) => stays !== true)) expect(await project.drift()).toEqual([])
  else expect((await project.sandbox.ok('plan')).stderr).toContain('DRIFT_STAYS')
  expect(await project.planned()).toEqual([])
  for (const [service, process] of Object.entries(project.processes()))
    if (!restarted.includes(service)) expect(process, service).toBe(before[service])
  for (const fault of faults) await fault.check?.(project)
}

describe('a project', () => {
  test('that nobody has touched has no drift', async () => {
    expect(await project.drift()).toEqual([])
    const { status, stdout } = await project.sandbox.run('drift')
    expect([status, stdout]).toEqual([0, ''])
  })

  test('is told of by a command that changes nothing, and its plan says what up will put right', async () => {
    project.host(`ip link set ${project.veth('api', 'front')} down`)
    for (const flags of [['--json'], ['api'], []]) {
      const { status, stdout } = await project.sandbox.run('drift', ...flags)
      expect([status, stdout]).toEqual([2, expect.stringContaining('endpoint.drifted_front.link.state')])
    }
    expect((await project.sandbox.run('drift', 'db')).status).toBe(0)
    expect((await project.sandbox.ok('plan')).stdout).toMatch(
      /^~ container drifted-api-1 .*: down → up {2}\(repair\)$/m,
    )
    await project.sandbox.ok('up', '-d')
  })

  test.each(FAULTS.map(fault => [fault.name, fault] as const))('%s', async (_, fault) => suffer([fault]))

  test.each(
    FAULTS.filter(({ name }) => AT_FIRST.test(name)).map(fault => [fault.name, fault] as const),
  )('that nobody has looked at since it was started: %s', async (_, fault) => {
    await project.sandbox.ok('restart', '-t', '0')
    await project.look()
    await suffer([fault])
  })

  test('has no change missed, however often its mounts change between two looks', async () => {
    const changes = [
      ['-o remount,bind,ro none /data', ['web-1 mount./data.options']],
      ['-o remount,bind,rw none /data', []],
      ['-t tmpfs none /data', ['web-1 mount./data']],
      ['--move /data /tmp', []],
    ] as const
    for (let times = 0; times < 25; times++)
      for (const [words, seen] of changes) {
        project.host(`nsenter -t ${project.of('web').pid} -m mount ${words}`)
        expect(await project.drift(), `${times} ${words}`).toEqual(seen)
      }
  })

  test.each(
    TOGETHER.map((names, index) => [index + 1, names] as const),
  )('with several faults at once is right again after one up: %i', async (_, names) =>
    suffer(names.flatMap(name => FAULTS.find(fault => fault.name === name) ?? [])))
})
