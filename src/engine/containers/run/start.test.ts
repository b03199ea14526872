// What a start does, in which order, and that nothing is left of one that fails, wherever it fails.
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ContainerCreateRequest } from '../../../api/types/index.ts'
import { failure } from '../../../diagnostics/index.ts'
import { flatten, type NativeScript } from '../../../native/index.ts'
import { MonitorRefusal, type MonitorScript } from '../../../native/testing/simulated-monitor.ts'
import type { Engine } from '../../index.ts'
import { NETWORK_ID, NOTHING, ownPort, publishedIn, SimulatedMachine } from '../../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine
let warnings: string[]

async function open(script: NativeScript = {}): Promise<void> {
  ;({ engine, warnings } = await machine.open(script))
}

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  await open()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await machine.end()
})

const PORT = ownPort()

/** Has what a start can trip over: a network, a host port, a folder of the host's, a volume. */
function web(): ContainerCreateRequest {
  mkdirSync(machine.path('bound'), { recursive: true })
  return {
    Image: 'app:1',
    ExposedPorts: { '80/tcp': {} },
    HostConfig: {
      NetworkMode: 'net',
      PortBindings: { '80/tcp': [{ HostPort: String(PORT) }] },
      Mounts: [{ Type: 'bind', Source: machine.path('bound'), Target: '/bound' }],
    },
  }
}

const create = async (name: string, body: ContainerCreateRequest = web()): Promise<string> =>
  (await engine.containers.create(body, { name })).Id
const inspect = (name: string) => engine.containers.inspect(name, { size: false })
const attach = (name: string) =>
  engine.containers.attach(name, { logs: false, stream: true, stdin: false, stdout: true, stderr: true })

describe('a start', () => {
  test('makes ready what is outside, then monitor and firewall, then has clients join, and the payload last', async () => {
    const steps: string[] = []
    await open({ startMonitor: () => void steps.push('monitor') })
    const id = await create('web')
    machine.onGroups = () => void steps.push('groups')
    machine.onRules = rules => void (publishedIn(rules).length > 0 && steps.push('firewall'))
    machine.monitors.script = {
      subscribe: () => void steps.push('listens'),
      attach: () => void steps.push('client'),
      start: () => void steps.push('payload'),
    }
    await attach(id)
    await engine.containers.start(id, {})
    const [groups, ...rest] = steps
    expect(groups).toBe('groups')
    // These two go side by side.
    expect(rest.splice(0, 2).sort()).toEqual(['firewall', 'monitor'])
    // A client has a connection of its own, and listens by that.
    expect(rest).toEqual(['listens', 'client', 'listens', 'payload'])
  })

  test('has written down all that another engine needs before the payload runs', async () => {
    const id = await create('web')
    let known: unknown
    machine.monitors.script = {
      start: () => {
        const { state, ports, endpoints } = machine.run(id)
        known = {
          boot: state.bootId !== undefined,
          port: ports[0]?.hostPort,
          address: endpoints[0]?.addresses,
          named: machine.addressesOf('web'),
          hosts: existsSync(machine.file(id, 'etc/hosts')),
        }
      },
    }
    await engine.containers.start(id, {})
    expect(known).toEqual({
      boot: true,
      port: PORT,
      address: ['10.99.0.2/24'],
      named: ['10.99.0.2'],
      hosts: true,
    })
  })

  test('waits for what is still being cleared away after the last run', async () => {
    const id = await create('web')
    await engine.containers.start(id, {})
    let release: () => void = () => undefined
    const released = new Promise<void>(reached => {
      machine.onRelease = () =>
        new Promise(resolve => {
          release = resolve
          reached()
        })
    })
    await machine.monitors.last.exit(0)
    await released
    const starting = engine.containers.start(id, {})
    await new Promise(setImmediate)
    release()
    await starting
    expect([...machine.groups]).toEqual([id])
    expect(machine.traces().folders).toEqual([id.slice(0, 16)])
    expect(machine.addressesOf('web')).toEqual(['10.99.0.2'])
  })

  test('gives the same address again, as long as nobody else has it', async () => {
    const [first, second] = [await create('first', noPort()), await create('second', noPort())]
    await engine.containers.start(first, {})
    await engine.containers.start(second, {})
    expect(machine.addressesOf('second')).toEqual(['10.99.0.3'])
    for (const monitor of machine.monitors.all) await monitor.exit(0)
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
    await engine.containers.remove(first, { force: false, volumes: false, link: false })
    await engine.containers.start(second, {})
    expect(machine.addressesOf('second')).toEqual(['10.99.0.3'])
  })

  test('of one that runs, is paused or is being started is refused, and changes nothing', async () => {
    const id = await create('web')
    const both = await Promise.allSettled([engine.containers.start(id, {}), engine.containers.start(id, {})])
    expect(both.map(each => each.status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ kind: 'notModified' })
    await engine.containers.pause(id)
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code: 'CONTAINER_PAUSED' })
    expect(machine.monitors.all).toHaveLength(1)
  })

  test('of many at once gives each its own address, and what fails takes nobody along', async () => {
    const count = 20
    const ids = await Promise.all(Array.from({ length: count }, (_, at) => create(`c${at}`, noPort())))
    let launched = 0
    machine.monitors.script = {
      start: () => {
        launched += 1
        if (launched % 2 === 0) throw new MonitorRefusal({ errno: 12 })
      },
    }
    const started = await Promise.allSettled(ids.map(id => engine.containers.start(id, {})))
    const running = ids.filter((_, at) => started[at]?.status === 'fulfilled')
    expect(running).toHaveLength(count / 2)
    await vi.waitFor(() => expect(machine.monitors.living).toHaveLength(count / 2))
    expect([...machine.groups].sort()).toEqual([...running].sort())
    const addresses = running.map(id => machine.run(id).endpoints[0]?.addresses[0])
    expect(new Set(addresses).size).toBe(count / 2)
    const named = machine.traces().addresses.filter(line => /^a c\d+ /.test(String(line)))
    expect(named).toHaveLength(count / 2)
  })
})

function noPort(): ContainerCreateRequest {
  return { Image: 'app:1', HostConfig: { NetworkMode: 'net' } }
}

/** What is in the way of a start; the function that is given back takes it away. */
type Obstacle = (id: string) => (() => unknown) | Promise<() => unknown>

/** The monitor does this when it is asked for something. */
function monitorDoes(script: MonitorScript): Obstacle {
  return () => {
    machine.monitors.script = script
    return () => {
      machine.monitors.script = {}
    }
  }
}

/** The payload's start fails at the operation of this kind. */
function failsAt(kind: string, errno: number): Obstacle {
  return monitorDoes({
    start: ({ program }) => {
      const opIndex = flatten(program).findIndex(({ op }) => op.op === kind)
      throw new MonitorRefusal({ errno, opIndex })
    },
  })
}

const ENOENT = 2
const EIO = 5
const EACCES = 13
const OBSTACLES: readonly [what: string, obstacle: Obstacle, code: string, exitCode: number][] = [
  [
    'its host port is a stranger’s',
    async () => {
      const stranger = createServer()
      await new Promise<void>(resolve => stranger.listen(PORT, '0.0.0.0', resolve))
      return () => new Promise(resolve => stranger.close(resolve))
    },
    'PORT_IN_USE',
    128,
  ],
  [
    'its folder on the host is gone',
    () => {
      rmdirSync(machine.path('bound'))
      return () => mkdirSync(machine.path('bound'))
    },
    'BIND_SOURCE_MISSING',
    128,
  ],
  [
    'its hosts file cannot be written',
    id => {
      rmSync(machine.file(id, 'etc'), { recursive: true, force: true })
      writeFileSync(machine.file(id, 'etc'), '')
      return () => {
        rmSync(machine.file(id, 'etc'))
        mkdirSync(machine.file(id, 'etc'))
      }
    },
    'ENOTDIR',
    128,
  ],
  [
    'its record cannot be written',
    id => {
      rmSync(machine.file(id, 'state.json'), { force: true })
      mkdirSync(machine.file(id, 'state.json'))
      return () => rmdirSync(machine.file(id, 'state.json'))
    },
    'RECORD_WRITE',
    128,
  ],
  [
    'the kernel refuses its limits',
    () => {
      machine.onGroups = () => {
        throw failure({ code: 'LIMIT_REFUSED', summary: 'no' })
      }
      return () => {
        machine.onGroups = () => undefined
      }
    },
    'LIMIT_REFUSED',
    128,
  ],
  [
    'the firewall refuses its rules',
    () => {
      machine.onRules = rules => {
        if (publishedIn(rules).length > 0) throw new Error('the kernel: no')
      }
      return () => {
        machine.onRules = () => undefined
      }
    },
    'FIREWALL_FAILED',
    128,
  ],
  [
    'its monitor cannot be launched',
    () => {
      const launch = vi
        .spyOn(machine.monitors, 'launch')
        .mockRejectedValue(failure({ code: 'NATIVE_DIED', summary: 'killed' }))
      return () => launch.mockRestore()
    },
    'NATIVE_DIED',
    128,
  ],
  [
    'nobody listens where its monitor should',
    () => {
      const launch = vi.spyOn(machine.monitors, 'launch').mockResolvedValue()
      return () => launch.mockRestore()
    },
    'MONITOR_GONE',
    128,
  ],
  [
    'its monitor is killed before it is listened to',
    monitorDoes({ subscribe: monitor => monitor.die() }),
    'MONITOR_GONE',
    128,
  ],
  [
    'its monitor is killed while it starts the payload',
    monitorDoes({ start: monitor => monitor.die() }),
    'MONITOR_GONE',
    128,
  ],
  [
    'its monitor ends without a word that the payload runs',
    monitorDoes({ start: () => Promise.reject(new MonitorRefusal({ errno: 0 })) }),
    'MONITOR_GONE',
    128,
  ],
  ['its command is not there', failsAt('exec', ENOENT), 'COMMAND_NOT_FOUND', 127],
  ['its command may not be executed', failsAt('exec', EACCES), 'COMMAND_NOT_EXECUTABLE', 126],
  ['a step on the way to it fails', failsAt('overlay', EIO), 'NATIVE_FAILED', 128],
]

describe('a start that fails', () => {
  test.each(
    OBSTACLES,
  )('since %s leaves nothing, says why, and can be tried again', async (_, obstacle, code, exitCode) => {
    const id = await create('web')
    const remove = await obstacle(id)
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code })
    await vi.waitFor(() => expect(machine.traces()).toEqual(NOTHING))
    expect(engine.idle()).toBe(true)
    const { State, NetworkSettings } = await inspect('web')
    expect(State).toMatchObject({ Status: 'created', Running: false, Pid: 0, ExitCode: exitCode })
    expect(State.Error).not.toBe('')
    expect(NetworkSettings.Ports).toEqual({})
    await remove()
    await engine.containers.start(id, {})
    expect((await inspect('web')).State).toMatchObject({ Running: true, Error: '', ExitCode: 0 })
    expect(machine.traces()).toMatchObject({ groups: [id], folders: [id.slice(0, 16)] })
  })

  test('has ended when its monitor has: that holds the ports, which the next start may want', async () => {
    const id = await create('web')
    let release: () => void = () => undefined
    machine.monitors.script = {
      start: monitor => {
        monitor.lingers = new Promise(resolve => {
          release = resolve
        })
        throw new MonitorRefusal({ errno: EIO })
      },
    }
    let failed = false
    const starting = engine.containers.start(id, {}).catch(() => {
      failed = true
    })
    // All that the start waits for besides is done.
    await vi.waitFor(() => expect(machine.monitors.last.asked).toContain('start'))
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    expect(failed).toBe(false)
    release()
    await starting
    expect(failed).toBe(true)
    expect(machine.monitors.living).toEqual([])
  })

  test('forgets the host ports that it had, and gives them up', async () => {
    const id = await create('web')
    machine.monitors.script = { start: () => Promise.reject(new MonitorRefusal({ errno: EIO })) }
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(machine.run(id).ports).toEqual([])
    machine.monitors.script = {}
    await engine.containers.start(await create('other'), {})
  })

  test('since its network was removed leaves nothing', async () => {
    const id = await create('web')
    await engine.networks.remove('net')
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code: 'NETWORK_NOT_FOUND' })
    expect(machine.traces()).toEqual(NOTHING)
    expect(engine.idle()).toBe(true)
  })

  test('since its user is not in the image leaves nothing', async () => {
    const id = await create('web', { ...web(), User: 'nobody-of-that-name' })
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code: 'USER_UNKNOWN' })
    expect(machine.traces()).toEqual(NOTHING)
  })

  test('though what is left cannot be cleared away tells so, and fails for its own reason', async () => {
    const id = await create('web')
    machine.monitors.script = {
      start: () => {
        rmSync(machine.path('run/networks', NETWORK_ID), { recursive: true })
        writeFileSync(machine.path('run/networks', NETWORK_ID), '')
        throw new MonitorRefusal({ errno: EIO })
      },
    }
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(warnings).toEqual(['CLEAR_RUN'])
    expect(machine.monitors.living).toEqual([])
    expect([...machine.groups]).toEqual([])
  })

  test('ends the sessions of clients that waited for it: they are not left for the next one', async () => {
    const id = await create('web')
    machine.onGroups = () => {
      throw failure({ code: 'LIMIT_REFUSED', summary: 'no' })
    }
    const { output } = await attach(id)
    await expect(engine.containers.start(id, {})).rejects.toMatchObject({ code: 'LIMIT_REFUSED' })
    for await (const frame of output) expect(frame).toBeUndefined()
    machine.onGroups = () => undefined
    await engine.containers.start(id, {})
    expect(machine.monitors.last.asked).not.toContain('attach')
  })

  test('leaves the ports and addresses of others alone', async () => {
    const other = await create('other', noPort())
    await engine.containers.start(other, {})
    await create('web')
    machine.monitors.script = { start: () => Promise.reject(new MonitorRefusal({ errno: EIO })) }
    await expect(engine.containers.start('web', {})).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
    expect(machine.addressesOf('other')).toEqual(['10.99.0.2'])
    expect(machine.addressesOf('web')).toEqual([])
    expect([...machine.groups]).toEqual([other])
  })
})
