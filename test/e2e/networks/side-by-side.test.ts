// Two engines of one machine: neither knows the other's networks but from the kernel.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'

const labs = [new EngineLab(), new EngineLab()]

beforeAll(async () => {
  for (const lab of labs) {
    await lab.open()
    await lab.buildImage()
  }
})
afterEach(async () => {
  for (const lab of labs) await lab.clear()
})
afterAll(async () => {
  for (const lab of labs) await lab.close()
})

test('choose different subnets at the same moment', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `n${index}`)
  await Promise.all(labs.flatMap(lab => names.map(Name => lab.engine.networks.create({ Name }))))
  const networks = (
    await Promise.all(labs.map(lab => lab.engine.networks.list({ filters: { type: ['custom'] } })))
  ).flat()
  const subnets = networks.flatMap(({ IPAM }) => (IPAM.Config ?? []).map(({ Subnet }) => Subnet))
  expect(subnets).toHaveLength(labs.length * names.length)
  expect(new Set(subnets).size).toBe(subnets.length)
})

test('leave the packets within a network to it, also where both were given the same subnet', async () => {
  const on = { HostConfig: { NetworkMode: 'front' } }
  for (const { engine } of labs)
    await engine.networks.create({ Name: 'front', IPAM: { Config: [{ Subnet: '198.18.77.0/24' }] } })
  for (const lab of labs) for (const name of ['web', 'asker']) await lab.run(name, on)
  // Both ask from the same address with the same id, so that for the kernel it is one conversation.
  for (const lab of [...labs, ...labs]) expect((await lab.exec('asker', 'ping -c 1 -W 2 web')).code).toBe(0)
})
