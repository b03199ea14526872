// What becomes of containers whose monitor, engine or machine is lost: scenarios C 4, 5, 6 and 19.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ContainerCreateRequest } from '../../../src/api/types/index.ts'
import { startTimeOf } from '../../../src/linux/process-identity.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { leaksSince, type Stock, takeStock } from '../harness/leaks.ts'

const lab = new EngineLab()
let before: Stock

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  await lab.sh('true')
  before = takeStock(lab)
})
afterEach(async () => {
  vi.useRealTimers()
  await lab.clear()
  await eventually('nothing is left', () => leaksSince(before, takeStock(lab)).length === 0)
})
afterAll(() => lab.close())

const inspect = async (id: string) => lab.engine.containers.inspect(id, { size: false })
const stateOf = async (id: string) => (await inspect(id)).State
const HELD: ContainerCreateRequest = { HostConfig: { NetworkMode: 'none' } }
const ALWAYS: ContainerCreateRequest = {
  HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'always' } },
}

function filesOf(id: string): { readonly status: string; readonly state: string } {
  const folder = join(lab.folder, 'root/containers', id)
  return { status: join(folder, 'status'), state: join(folder, 'state.json') }
}

const statusOf = (id: string, key: string): number =>
  Number(new RegExp(`^${key}=(\\d+)$`, 'm').exec(readFileSync(filesOf(id).status, 'utf8'))?.[1])
const monitorOf = (id: string): number => statusOf(id, 'monitor_pid')

/** A process of somebody else, which has nothing to do with any container. */
async function withInnocent(
  body: (innocent: ChildProcess & { readonly pid: number }) => Promise<void>,
): Promise<void> {
  const innocent = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const { pid } = innocent
  if (pid === undefined) throw new Error('no sleep')
  try {
    await body(Object.assign(innocent, { pid }))
    expect(startTimeOf(pid)).toBeDefined()
    expect([innocent.exitCode, innocent.signalCode]).toEqual([null, null])
  } finally {
    innocent.kill('SIGKILL')
    if (innocent.exitCode === null && innocent.signalCode === null) await once(innocent, 'exit')
  }
}

describe('C4: a container whose monitor is killed', () => {
  test('while it is being stopped has ended, and the stop with it', async () => {
    const Cmd = ['sh', '-c', 'trap : TERM; echo ready; while true; do sleep 1; done']
    const id = await lab.run('stopping', { ...HELD, Cmd })
    await eventually('it ignores', async () => (await lab.log(id)) === 'ready\n')
    const stopped = lab.engine.containers.stop(id, { timeout: 100 })
    await eventually('it is asked to end', () => lab.events.some(({ Action }) => Action === 'kill'))
    process.kill(monitorOf(id), 'SIGKILL')
    await stopped
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', Running: false })
  })

  test('while it waits for its restart is started by who finds that out', async () => {
    const id = await lab.run('restarting', { ...ALWAYS, Cmd: ['sh', '-c', 'sleep 0.1; exit 1'] })
    await eventually('it waits long', async () => {
      const { RestartCount, State } = await inspect(id)
      return RestartCount >= 3 && State.Restarting
    })
    const monitor = monitorOf(id)
    process.kill(monitor, 'SIGKILL')
    await eventually('another monitor has it', () => monitorOf(id) !== monitor)
  })
})

test('C5: with engine and monitor killed at once a container has ended, or is started anew as its policy says', async () => {
  const [held, always] = [await lab.run('held', HELD), await lab.run('always', ALWAYS)]
  const pids = [held, always].map(id => statusOf(id, 'pid'))
  await lab.engine.close()
  for (const id of [held, always]) process.kill(monitorOf(id), 'SIGKILL')
  await lab.reopen()
  expect(await stateOf(held)).toMatchObject({ Status: 'exited', ExitCode: 137 })
  await eventually('the other runs again', async () => (await stateOf(always)).Running)
  await eventually('the first processes are gone', () => pids.every(pid => startTimeOf(pid) === undefined))
})

test('C5: a container ends with its monitor, though no engine is there to end it', async () => {
  const init = await lab.run('init', { ...HELD, HostConfig: { ...HELD.HostConfig, Init: true } })
  const ids = [
    await lab.run('plain', HELD),
    await lab.run('user', { ...HELD, User: '1000:1000' }),
    // Who changes its user is forgotten by the kernel's own way.
    await lab.run('changes', { ...HELD, Cmd: ['su', '-s', '/bin/sh', 'www', '-c', 'exec sleep 1000'] }),
    init,
    await lab.run('filter', {
      HostConfig: {
        ...HELD.HostConfig,
        SecurityOpt: [
          'seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["prctl","recvfrom"],"action":"SCMP_ACT_ERRNO"}]}',
        ],
      },
    }),
    await lab.run('joins', { HostConfig: { ...HELD.HostConfig, PidMode: `container:${init}` } }),
  ]
  const pids = ids.map(id => statusOf(id, 'pid'))
  await lab.engine.close()
  // The last one first: who joins a pid namespace ends with that anyway.
  for (const [index, id] of [...ids.entries()].reverse()) {
    process.kill(monitorOf(id), 'SIGKILL')
    await eventually(`process ${pids[index]} has ended`, () => startTimeOf(pids[index] ?? 0) === undefined)
  }
  await lab.reopen()
})

describe('C6: after the machine was started anew', () => {
  /** The files of a container as they would be, if its numbers were those of somebody else by now. */
  function reboot(id: string, pid: number, asleep: boolean): void {
    const { status, state } = filesOf(id)
    const bootId = '00000000-0000-0000-0000-000000000000'
    const start = String(startTimeOf(pid))
    writeFileSync(
      status,
      readFileSync(status, 'utf8')
        .replace(/^boot_id=.*$/m, `boot_id=${bootId}`)
        .replace(/^asleep=.*$/m, `asleep=${asleep ? 1 : 0}`)
        .replace(/^phase=.*$/m, asleep ? 'phase=restarting' : '$&')
        .replace(/^(monitor_)?pid=.*$/gm, (_line, monitor = '') => `${monitor}pid=${pid}`)
        .replace(/^(monitor|pid)_start=.*$/gm, (_line, whose) => `${whose}_start=${start}`),
    )
    writeFileSync(state, readFileSync(state, 'utf8').replace(/"bootId":\s*"[^"]*"/, `"bootId":"${bootId}"`))
  }

  test('nothing runs but what its policy starts, and a process that has their numbers lives on', async () => {
    await withInnocent(async ({ pid }) => {
      const [held, always] = [await lab.run('held', HELD), await lab.run('always', ALWAYS)]
      // One that had ended to sleep, of which the files say so.
      const slept = await lab.run('slept', ALWAYS)
      await lab.engine.close()
      for (const id of [held, always, slept]) {
        const [monitor, payload] = [monitorOf(id), statusOf(id, 'pid')]
        process.kill(monitor, 'SIGKILL')
        process.kill(payload, 'SIGKILL')
        await eventually('both are gone', () =>
          [monitor, payload].every(each => startTimeOf(each) === undefined),
        )
        reboot(id, pid, id === slept)
      }
      await lab.reopen()
      expect(await stateOf(held)).toMatchObject({ Status: 'exited', Running: false, ExitCode: 255 })
      for (const id of [always, slept])
        await eventually('the others run again', async () => (await stateOf(id)).Pid > 0)
      expect((await stateOf(slept)).TscomposeAsleep).toBeUndefined()
      await lab.engine.containers.remove(held, { force: true, volumes: true, link: false })
    })
  })
})

describe('C19: when the clock is set', () => {
  const HOUR = 3_600_000
  const Healthcheck = {
    Test: ['CMD-SHELL', 'echo probed >> /probes; exit 1'],
    Interval: 50e6,
    Retries: 1,
    StartPeriod: HOUR * 1e6,
    StartInterval: 50e6,
  }

  test.each([
    ['forward', HOUR * 2],
    ['back', -HOUR * 2],
  ])('%s by hours, a start period lasts as long as it would', async (_name, jump) => {
    const id = await lab.run('young', { ...HELD, Healthcheck })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + jump })
    await lab.reopen()
    // It is probed, and no failure counts.
    const probes = async (): Promise<number> =>
      Number((await lab.exec(id, 'cat /probes 2>/dev/null | wc -l')).out)
    const isProbed = async (): Promise<void> => {
      const before = await probes()
      await eventually('it is probed', async () => (await probes()) >= before + 3)
    }
    await isProbed()
    // And once more while it is probed.
    vi.setSystemTime(Date.now() + jump)
    await isProbed()
    expect((await stateOf(id)).Health).toMatchObject({ Status: 'starting', FailingStreak: 0 })
    expect((await lab.exec(id, 'echo alive')).out).toBe('alive\n')
  })
})
