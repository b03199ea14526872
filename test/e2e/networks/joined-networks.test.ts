// Networks that a running container joins and leaves: what resolves in it follows, whoever dies meanwhile.
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Native } from '../../../src/native/index.ts'
import { answerTo } from '../../dns-message.ts'

/** Where this engine takes the host's resolv.conf from: its modules are read anew, and again behind it. */
const resolvConf = `/tmp/tscompose-resolv-${process.pid}.conf`
vi.resetModules()
vi.doMock('../../../src/network/index.ts', async original => ({
  ...(await original<object>()),
  HOST_RESOLV_CONF: resolvConf,
}))
const { failure } = await import('../../../src/diagnostics/index.ts')
const { createNative } = await import('../../../src/native/index.ts')
const { EngineLab } = await import('../harness/engine-lab.ts')

const lab = new EngineLab()
/** The name server of the world outside, on the host and in its resolv.conf. */
const OUTSIDE = '127.0.53.53'
const outside = createSocket('udp4')

beforeAll(async () => {
  outside.on('message', (query, { port, address }) => {
    const known = query.includes('example')
    outside.send(answerTo(query, known ? { address: '192.0.2.1' } : { rcode: 3 }), port, address)
  })
  await new Promise<void>(resolve => {
    outside.bind(53, OUTSIDE, resolve)
  })
  writeFileSync(resolvConf, `nameserver ${OUTSIDE}\n`)
  await lab.open()
  await lab.buildImage()
})
beforeEach(async () => {
  for (const Name of ['inner', 'back', 'third'])
    await lab.engine.networks.create({ Name, Internal: Name === 'inner' })
  await lab.run('web', { HostConfig: { NetworkMode: 'inner' } })
  await lab.run('db1', { HostConfig: { NetworkMode: 'back' } })
  await lab.run('db2', { HostConfig: { NetworkMode: 'third' } })
})
afterEach(() => lab.clear())
afterAll(async () => {
  outside.close()
  await lab.close()
  rmSync(resolvConf)
  vi.doUnmock('../../../src/network/index.ts')
  vi.resetModules()
})

/** Whether a name resolves in `web`. */
const resolves = async (name: string): Promise<boolean> =>
  (await lab.exec('web', `nslookup -type=a ${name} 127.0.0.11`)).code === 0

test('names resolve as long as it is on their network', async () => {
  expect(await resolves('db1')).toBe(false)
  await lab.engine.networks.connect('back', { Container: 'web' })
  await lab.engine.networks.connect('third', { Container: 'web' })
  expect([await resolves('db1'), await resolves('db2')]).toEqual([true, true])
  await lab.engine.networks.disconnect('back', { Container: 'web' })
  expect([await resolves('db1'), await resolves('db2')]).toEqual([false, true])
})

test('names of the world outside are asked for once a network has a way out', async () => {
  expect(await resolves('example.test')).toBe(false)
  await lab.engine.networks.connect('back', { Container: 'web' })
  expect(await resolves('example.test')).toBe(true)
  await lab.engine.networks.disconnect('back', { Container: 'web' })
  expect(await resolves('example.test')).toBe(false)
})

test('a relay that dies is born with the networks of now', async () => {
  await lab.engine.networks.connect('back', { Container: 'web' })
  await lab.engine.networks.disconnect('inner', { Container: 'web' })
  const first = await relayOfWeb()
  process.kill(first, 'SIGKILL')
  await vi.waitFor(async () => expect([0, first]).not.toContain(await relayOfWeb()), { timeout: 60_000 })
  expect([await resolves('db1'), await resolves('web.inner')]).toEqual([true, false])
})

test('an engine that is killed before it has told the relay is followed by one that does', async () => {
  await lab.reopen(dyingBeforeTheRelayKnows())
  await lab.engine.networks.connect('back', { Container: 'web' })
  expect(await resolves('db1')).toBe(false)
  await lab.reopen()
  expect(await resolves('db1')).toBe(true)
})

function dyingBeforeTheRelayKnows(): Native {
  const native = createNative()
  return {
    ...native,
    connectMonitor: async path => {
      const connection = await native.connectMonitor(path)
      connection.setNetworks = () => Promise.reject(failure({ code: 'MONITOR_GONE', summary: 'killed' }))
      return connection
    },
  }
}

/** The monitor's child without any right. */
async function relayOfWeb(): Promise<number> {
  const { State } = await lab.engine.containers.inspect('web', { size: false })
  const monitor = /PPid:\s+(\d+)/.exec(statusOf(State.Pid))?.[1]
  const found = readdirSync('/proc').find(pid => {
    if (!/^\d+$/.test(pid)) return false
    const status = statusOf(Number(pid))
    return status.includes(`PPid:\t${monitor}\n`) && status.startsWith('Name:\ttscompose-relay')
  })
  return Number(found ?? 0)
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
