import { readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ContainerState } from '../../../src/api/types/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { freePort } from '../harness/sandbox.ts'

// What a new engine makes of containers whose status files are lost, or whose monitors are.
const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const statusOf = (id: string): string => join(lab.folder, 'root/containers', id, 'status')
const inspect = async (id: string) => lab.engine.containers.inspect(id, { size: false, drift: true })
const stateOf = async (id: string): Promise<ContainerState> => (await inspect(id)).State

const SERVER = { HostConfig: { NetworkMode: 'none' } }

describe('a running container', () => {
  test.each([
    ['is gone', (path: string) => rmSync(path)],
    ['is empty', (path: string) => truncateSync(path, 0)],
    ['is cut off', (path: string) => truncateSync(path, 150)],
    ['tells of another time', (path: string) => writeFileSync(path, otherBoot(path))],
  ])('runs on, and is known to run, when its status file %s', async (_, damage) => {
    const id = await lab.run('kept', SERVER)
    const before = await stateOf(id)
    await lab.engine.close()
    damage(statusOf(id))
    await lab.reopen()
    expect(await stateOf(id)).toEqual(before)
    await expect(lab.engine.containers.start(id, {})).rejects.toMatchObject({ kind: 'notModified' })
    expect((await lab.exec(id, 'echo alive')).out).toBe('alive\n')
    await lab.engine.containers.stop(id, { timeout: 0 })
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', ExitCode: 137 })
  })
})

test('a container that an earlier engine started is restarted in its user namespace and its network', async () => {
  const id = await lab.run('again', {})
  const namespaces = async (): Promise<string[]> => {
    const { Pid } = await stateOf(id)
    return ['user', 'net'].map(kind => readlinkSync(`/proc/${Pid}/ns/${kind}`))
  }
  const before = await namespaces()
  await lab.reopen()
  await lab.engine.containers.restart(id, { timeout: 0 })
  expect(await namespaces()).toEqual(before)
})

describe('a running container whose record of the run is lost', () => {
  const PUBLISHED = {
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { NetworkMode: 'front', PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
  }

  test.each([
    ['is gone', (path: string) => rmSync(path)],
    ['is empty', (path: string) => truncateSync(path, 0)],
    [
      'is broken',
      (path: string) => writeFileSync(path, '{"version":1,"endpoints":[],"ports":[],"state":null}'),
    ],
  ])('runs on where it was, and is known to, when its state file %s', async (_, damage) => {
    await lab.engine.networks.create({ Name: 'front' })
    const port = await freePort()
    const HostPort = String(port)
    const id = await lab.run('kept', {
      ...PUBLISHED,
      HostConfig: { NetworkMode: 'front', PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort }] } },
    })
    const { State, NetworkSettings } = await inspect(id)
    await lab.engine.close()
    damage(join(lab.folder, 'root/containers', id, 'state.json'))
    lab.warnings.length = 0
    await lab.reopen()
    const after = await inspect(id)
    expect(after).toMatchObject({ State, NetworkSettings })
    expect(after.TscomposeDrift ?? []).toEqual([])
    expect(lab.warnings.map(each => each.code)).toContain('RUN_RESTORED')
    await expect(lab.engine.containers.start(id, {})).rejects.toMatchObject({ kind: 'notModified' })
    expect((await lab.exec(id, 'echo alive')).out).toBe('alive\n')
    await lab.reopen()
    expect(await inspect(id)).toMatchObject({ State, NetworkSettings })
    await lab.engine.containers.stop(id, { timeout: 0 })
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', ExitCode: 137 })
  })

  test('says what nobody knows any more', async () => {
    await lab.engine.networks.create({ Name: 'front' })
    const id = await lab.run('kept', PUBLISHED)
    await lab.engine.close()
    rmSync(join(lab.folder, 'root/containers', id, 'state.json'))
    await lab.reopen()
    const state = await stateOf(id)
    expect(state).toMatchObject({ Running: true, Error: expect.stringContaining('80/tcp') })
  })

  test('has ended, and is not taken for one that never ran, when its monitor is lost too', async () => {
    const id = await lab.run('lost', SERVER)
    const { Pid } = await stateOf(id)
    await lab.engine.close()
    process.kill(Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1]), 'SIGKILL')
    rmSync(join(lab.folder, 'root/containers', id, 'state.json'))
    await lab.reopen()
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', Running: false, ExitCode: 137 })
  })
})

function otherBoot(path: string): string {
  return readFileSync(path, 'utf8').replace(/boot_id=.*/, 'boot_id=00000000-0000-0000-0000-000000000000')
}

/** Kills the monitor of a running container, which takes the container along. */
async function killMonitor(id: string): Promise<void> {
  // Behind a start that is not over yet: it would fail, and no policy counts that.
  await expect(lab.engine.containers.start(id, {})).rejects.toMatchObject({ kind: 'notModified' })
  const { Pid } = await stateOf(id)
  const monitor = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1])
  process.kill(monitor, 'SIGKILL')
}

describe('a container that was lost with its monitor', () => {
  test('while no engine looked, and its status file too, has ended, and is not taken for a success', async () => {
    const id = await lab.run('lost', SERVER)
    const { Pid } = await stateOf(id)
    await lab.engine.close()
    process.kill(Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${Pid}/status`, 'utf8'))?.[1]), 'SIGKILL')
    rmSync(statusOf(id))
    await lab.reopen()
    expect(await stateOf(id)).toMatchObject({ Status: 'exited', Running: false, ExitCode: 137 })
  })

  test('is started as often as its policy says, all monitors together', async () => {
    const id = await lab.run('tries', {
      HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    })
    for (const count of [1, 2]) {
      await killMonitor(id)
      await eventually(`start ${count}`, async () => {
        const { RestartCount, State } = await inspect(id)
        return RestartCount === count && State.Running
      })
    }
    await killMonitor(id)
    await eventually('it has ended', async () => (await stateOf(id)).Status === 'exited')
    expect(await inspect(id)).toMatchObject({ RestartCount: 2, State: { ExitCode: 137 } })
    // By hand it counts anew.
    await lab.engine.containers.start(id, {})
    expect((await inspect(id)).RestartCount).toBe(0)
  })

  test('leaves what its policy allows to the next monitor', async () => {
    const id = await lab.run('shared', {
      Cmd: ['sh', '-c', 'test -e /second && exit 3; touch /second; sleep 1000'],
      HostConfig: { NetworkMode: 'none', RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
    })
    await eventually('it sleeps', async () => (await lab.exec(id, 'test -e /second')).code === 0)
    await killMonitor(id)
    // In the first moment it has ended and not been started again.
    await eventually('it has given up', async () => {
      const { RestartCount, State } = await inspect(id)
      return RestartCount === 3 && State.Status === 'exited'
    })
    expect((await stateOf(id)).ExitCode).toBe(3)
  })
})
