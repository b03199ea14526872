import { existsSync, readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { vethName } from '../../../src/network/drivers/veth.ts'
import { eventually } from '../harness/eventually.ts'
import { takeInventory, untilNothingIsLeft } from '../harness/inventory.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// Networks that come and go while others begin to use them.
let sandbox: Sandbox
let docker: Docker
let held: Readable
/** Interface names of all bridges that the engine made. */
const bridges: string[] = []

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  docker = new Docker({ socketPath: sandbox.socket })
  bridges.push(`tsc-${(await docker.getNetwork('bridge').inspect()).Id.slice(0, 11)}`)
  held = await docker.getEvents({ filters: { type: ['network'], event: ['create'] } })
  held.on('error', () => undefined)
  createInterface({ input: held }).on('line', line =>
    bridges.push(`tsc-${JSON.parse(line).Actor.ID.slice(0, 11)}`),
  )
})
afterAll(async () => {
  held.destroy()
  docker.modem.destroy()
  await sandbox.close()
})

/** What a rejected promise was rejected with, in its words. */
const problemOf = (task: Promise<unknown>): Promise<string> =>
  task.then(
    () => '',
    (error: Error) => error.message,
  )

/** A container's whole life on the network; its exit code, or how it failed. */
async function runOnce(network: string): Promise<number> {
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['true'],
    HostConfig: { NetworkMode: network },
  })
  await container.start()
  const { StatusCode } = await container.wait()
  await container.remove()
  return StatusCode
}

/** Of all networks none is left but the default bridge, which stays as long as the engine does once it has been made. */
async function expectNothingLeft(): Promise<void> {
  const { Id } = await docker.getNetwork('bridge').inspect()
  const records = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'networks')
  await eventually('no network is left', () => readdirSync(records).every(name => name === `${Id}.json`))
  expect((await docker.listNetworks()).map(({ Name }) => Name)).toEqual(['bridge', 'host', 'none'])
  // The record goes first.
  const left = (): string[] => [
    ...bridges.filter(name => name !== `tsc-${Id.slice(0, 11)}` && existsSync(`/sys/class/net/${name}`)),
    ...readdirSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'networks')).filter(name => name !== Id),
  ]
  await eventually('nothing of a network is left', () => left().length === 0)
}

const stands = (id: string): boolean => existsSync(`/sys/class/net/tsc-${id.slice(0, 11)}`)

test('the default bridge is there for each of many who come and go at once', {
  timeout: 180_000,
}, async () => {
  showLogOnFailure(sandbox)
  const codes: number[] = []
  const shell = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn++) codes.push(await runOnce('default'))
  }
  await Promise.all([shell(), shell(), shell(), shell(), shell()])
  expect(codes).toEqual(Array.from({ length: 40 }, () => 0))
  await expectNothingLeft()
})

test('the default bridge goes for whoever wants its addresses, and comes again with others', async () => {
  showLogOnFailure(sandbox)
  const { Id, IPAM } = await docker.getNetwork('bridge').inspect()
  expect(stands(Id)).toBe(true)
  const network = await docker.createNetwork({ Name: 'mine', IPAM: { Config: IPAM.Config ?? [] } })
  expect(stands(Id)).toBe(false)
  expect(await runOnce('default')).toBe(0)
  expect((await docker.getNetwork('bridge').inspect()).IPAM.Config).not.toEqual(IPAM.Config)
  await network.remove()
  await expectNothingLeft()
})

test('a container that was only created finds a bridge when it starts', async () => {
  showLogOnFailure(sandbox)
  const container = await docker.createContainer({ Image: 'busybox', Cmd: ['sleep', '1000'] })
  await container.start()
  const { Networks } = (await container.inspect()).NetworkSettings
  expect((await docker.getNetwork('bridge').inspect()).Id).toBe(Networks?.['bridge']?.NetworkID)
  await docker.getNetwork('bridge').disconnect({ Container: container.id })
  await expectNothingLeft()
  await docker.getNetwork('bridge').connect({ Container: container.id })
  expect(await docker.listNetworks()).toHaveLength(3)
  await container.remove({ force: true })
  await expectNothingLeft()
})

test('a network is used or removed, never both', { timeout: 180_000 }, async () => {
  showLogOnFailure(sandbox)
  const outcomes = new Set<string>()
  for (let turn = 0; turn < 10; turn++) {
    const network = await docker.createNetwork({ Name: 'mine' })
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      HostConfig: { NetworkMode: 'mine' },
    })
    const removal = (): Promise<string> => problemOf(network.remove())
    const start = (): Promise<string> => problemOf(container.start())
    const [removed, started] =
      turn % 2 === 0
        ? await Promise.all([removal(), start()])
        : (await Promise.all([start(), removal()])).reverse()
    outcomes.add(`${removed === '' ? 'removed' : 'kept'} and ${started === '' ? 'started' : 'refused'}`)
    if (removed !== '') expect(removed).toContain('has active endpoints')
    if (started !== '') expect(started).toContain('not found')
    await container.remove({ force: true })
    if (removed !== '') await network.remove()
    await expectNothingLeft()
  }
  for (const outcome of outcomes) expect(['removed and refused', 'kept and started']).toContain(outcome)
})

test('of two who remove a network at once the second finds none', async () => {
  const network = await docker.createNetwork({ Name: 'twice' })
  const problems = await Promise.all([1, 2].map(() => problemOf(network.remove())))
  expect(problems.filter(problem => problem === '')).toHaveLength(1)
  await expectNothingLeft()
})

test('a connection that has words left for nobody keeps no link', async () => {
  const network = await docker.createNetwork({ Name: 'mine' })
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['nc', '-ll', '-p', '8080', '-e', 'yes'],
    HostConfig: { NetworkMode: 'mine', Init: true },
  })
  await container.start()
  const { IPAddress, EndpointID } = (await container.inspect()).NetworkSettings.Networks?.['mine'] ?? {}
  const client = await reader(IPAddress ?? '')
  await container.remove({ force: true })
  await network.remove()
  expect(existsSync(`/sys/class/net/${vethName(EndpointID ?? '')}`)).toBe(false)
  client.destroy()
  await expectNothingLeft()
})

test('a default bridge that a killed engine left goes with the next', async () => {
  showLogOnFailure(sandbox)
  expect(await runOnce('default')).toBe(0)
  const { Id } = await docker.getNetwork('bridge').inspect()
  const record = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'networks', `${Id}.json`)
  expect(takeInventory(sandbox.env).links).not.toEqual([])

  held.destroy()
  docker.modem.destroy()
  await sandbox.killEngine()
  expect(stands(Id)).toBe(true)
  sandbox.write('compose.yaml', 'services: {a: {image: busybox, network_mode: none, command: "true"}}')
  await sandbox.ok('up', '--no-attach', 'a')
  await sandbox.ok('down')
  await eventually('the engine has ended', () => sandbox.enginePid() === undefined)
  expect(existsSync(record)).toBe(false)
  await untilNothingIsLeft(sandbox.env)
})

test('the default bridge goes with its engine', async () => {
  showLogOnFailure(sandbox)
  sandbox.write('compose.yaml', 'services: {a: {image: busybox, network_mode: bridge, command: sleep 1000}}')
  await sandbox.ok('up', '-d')
  expect(takeInventory(sandbox.env).links).toHaveLength(2)
  await sandbox.ok('down', '-t', '0')
  await eventually('the engine has ended', () => sandbox.enginePid() === undefined)
  await untilNothingIsLeft(sandbox.env)
})

/** A client that has heard of the server, and takes nothing more. */
async function reader(address: string): Promise<Socket> {
  for (;;) {
    const socket = connect(8080, address)
    const heard = new Promise<boolean>(resolve => {
      socket.once('data', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (await heard) return socket.pause()
  }
}
