import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What others change of a container through the engine, behind the file's back, is seen and put right.
let sandbox: Sandbox
let docker: Docker

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  docker = new Docker({ socketPath: sandbox.socket })
  sandbox.write(
    'compose.yaml',
    'name: drift\nservices:\n  web:\n    image: busybox\n    command: sleep 600\n    init: true\n    mem_limit: 100m\n    restart: unless-stopped\n',
  )
  await sandbox.ok('up', '-d')
})
afterAll(async () => {
  await sandbox.run('down')
  docker.modem.destroy()
  await sandbox.close()
})

const web = () => docker.getContainer('drift-web-1')

test('limits and a restart policy that were updated are put back in place, also by another engine', async () => {
  const { Id } = await web().inspect()
  await web().update({
    Memory: 50 << 20,
    MemorySwap: 80 << 20,
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  })
  await sandbox.killEngine()
  const plan = (await sandbox.ok('plan')).stdout
  for (const line of ['mem_limit: 50m → 100m', 'memswap_limit: 80m → 200m', 'restart: '])
    expect(plan).toContain(line)
  await sandbox.ok('up', '-d')
  const { Id: after, HostConfig } = await web().inspect()
  expect(after).toBe(Id)
  expect(HostConfig).toMatchObject({ Memory: 100 << 20, RestartPolicy: { Name: 'unless-stopped' } })
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})

test('a limit that the file does not set is lifted, and the container runs on', async () => {
  const { Id, State } = await web().inspect()
  await web().update({ CpuShares: 512, PidsLimit: 50 })
  expect((await sandbox.ok('plan')).stdout).toContain('(update)')
  await sandbox.ok('up', '-d')
  const { Id: after, HostConfig, State: now } = await web().inspect()
  expect([after, now.Pid]).toEqual([Id, State.Pid])
  expect([HostConfig.CpuShares ?? 0, HostConfig.PidsLimit ?? 0]).toEqual([0, 0])
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})

test('a container that was renamed has its name back, and goes on running', async () => {
  const { Id } = await web().inspect()
  await web().rename({ name: 'mine' })
  expect((await sandbox.ok('plan')).stdout).toContain('name: mine → drift-web-1')
  await sandbox.ok('up', '-d')
  expect((await web().inspect()).Id).toBe(Id)
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})
