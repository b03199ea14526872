// What becomes of a container whose monitor goes away, on an engine without a kernel.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { HostConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { ownIdentity } from '../../linux/process-identity.ts'
import { FakeMonitor, type MonitorStatus } from '../../native/index.ts'
import { openWithoutKernel, storeImage, type UnkernelledEngine } from '../engine.test-support.ts'

let folder: string
let opened: UnkernelledEngine
let monitors: FakeMonitor[]
/** What a monitor says that is connected again. */
let known: MonitorStatus | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-supervise-'))
  monitors = []
  known = undefined
  await storeImage(folder)
  opened = await openWithoutKernel(folder, {
    connectMonitor: () => {
      const monitor = new FakeMonitor()
      if (known !== undefined) monitor.status = known
      monitors.push(monitor)
      return monitor
    },
  })
})
afterEach(async () => {
  await opened.engine.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startWeb(host: HostConfig = {}): Promise<FakeMonitor> {
  const { containers } = opened.engine
  await containers.create({ Image: 'app:1', HostConfig: { NetworkMode: 'none', ...host } }, { name: 'web' })
  await containers.start('web', {})
  const monitor = monitors.at(-1)
  if (monitor === undefined) throw new Error('no monitor was connected')
  return monitor
}

const stateOf = async () => (await opened.engine.containers.inspect('web', { size: false })).State
const starts = (): number => opened.native.programs('startMonitor').length
const actions = (): string[] =>
  opened.events.filter(each => each.Type === 'container').map(each => each.Action)

test('a monitor that was killed takes its container along', async () => {
  const monitor = await startWeb()
  monitor.close()
  await vi.waitFor(async () =>
    expect(await stateOf()).toMatchObject({ Status: 'exited', ExitCode: 137, Running: false }),
  )
  expect(actions()).toEqual(['create', 'start', 'die'])
  expect(opened.warnings).toEqual(['MONITOR_DIED'])
  expect(starts()).toBe(1)
})

test('its restart policy starts it anew, and that run is looked after too', async () => {
  const monitor = await startWeb({ RestartPolicy: { Name: 'always' } })
  monitor.close()
  await vi.waitFor(() => expect(actions()).toEqual(['create', 'start', 'die', 'start']))
  monitors.at(-1)?.close()
  await vi.waitFor(() => expect(actions()).toEqual(['create', 'start', 'die', 'start', 'die', 'start']))
  expect(starts()).toBe(3)
  expect(opened.warnings).toEqual(['MONITOR_DIED', 'MONITOR_DIED'])
})

test('a monitor that lives on is connected again, and its container goes on', async () => {
  const monitor = await startWeb()
  const { pid, startTime, bootId } = ownIdentity()
  monitor.emitStatus({ monitorPid: pid, monitorStartTime: BigInt(startTime), bootId })
  known = monitor.status
  monitor.close()
  await vi.waitFor(() => expect(monitors).toHaveLength(2))
  monitors[1]?.exit(3)
  await vi.waitFor(async () => expect(await stateOf()).toMatchObject({ Status: 'exited', ExitCode: 3 }))
  expect(actions()).toEqual(['create', 'start', 'die'])
  expect(opened.warnings).toEqual([])
})

test('a removal gets through without a monitor, and no policy starts the container again', async () => {
  const monitor = await startWeb({ RestartPolicy: { Name: 'always' } })
  monitor.signal = async () => {
    throw failure({ code: 'MONITOR_GONE', summary: 'no answer' })
  }
  const removed = opened.engine.containers.remove('web', { force: true, volumes: false, link: false })
  await vi.waitFor(() => expect(opened.warnings).toEqual(['MONITOR_DIED']), 5_000)
  monitor.close()
  await removed
  await expect(opened.engine.containers.inspect('web', { size: false })).rejects.toMatchObject({
    code: 'CONTAINER_NOT_FOUND',
  })
  await vi.waitFor(() => expect(opened.engine.idle()).toBe(true))
  expect(starts()).toBe(1)
})

test('what was made with --rm goes when its monitor was killed', async () => {
  const monitor = await startWeb({ AutoRemove: true })
  const { result } = await opened.engine.containers.wait('web', 'removed', new AbortController().signal)
  monitor.close()
  expect(await result).toEqual({ StatusCode: 137 })
})
