import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// A container in the network of another has the names and the files of that one.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const common = 'image: busybox, command: sleep 600, stop_grace_period: 0s'
  sandbox.write(
    'compose.yaml',
    `name: names
services:
  gate:
    {${common}, hostname: gatehost, domainname: corp.test, dns_search: [corp.test], extra_hosts: ["legacy.test:10.9.8.7"]}
  rider: {${common}, network_mode: "service:gate"}
  third: {${common}, network_mode: "service:rider"}
  plain: {${common}}
`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

const inside = async (service: string, line: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', service, 'sh', '-c', line)).stdout

const NAMES =
  'hostname; cat /etc/hostname; echo $HOSTNAME; cat /proc/sys/kernel/domainname; tr "\\0" "\\n" < /proc/1/environ | grep ^HOSTNAME='
const FILES = 'cat /etc/hosts /etc/resolv.conf'

test.each([
  'rider',
  'third',
])('%s has the names, hosts and resolver of the container that it joins', async service => {
  showLogOnFailure(sandbox)
  expect(await inside(service, NAMES)).toBe('gatehost\ngatehost\ngatehost\ncorp.test\nHOSTNAME=gatehost\n')
  expect(await inside(service, FILES)).toBe(await inside('gate', FILES))
  expect(await inside(service, FILES)).toContain('10.9.8.7\tlegacy.test')
  expect(await inside(service, FILES)).toContain('gatehost')
})

test('one that is joined by nobody keeps its own', async () => {
  expect(await inside('plain', 'hostname')).toBe(`${(await inside('plain', 'cat /etc/hostname')).trim()}\n`)
  expect(await inside('plain', FILES)).not.toContain('gatehost')
})

test('they are there after a restart of either, and when the engine was killed', async () => {
  showLogOnFailure(sandbox)
  const names = await inside('rider', NAMES)
  await sandbox.ok('restart', '-t', '0', 'gate')
  await sandbox.ok('restart', '-t', '0', 'rider')
  const pid = sandbox.enginePid()
  if (pid === undefined) throw new Error('no engine runs')
  process.kill(pid, 'SIGKILL')
  expect(await inside('rider', NAMES)).toBe(names)
  expect(await inside('rider', FILES)).toBe(await inside('gate', FILES))
})

test('names of its own are refused', async () => {
  sandbox.write(
    'own.yaml',
    'name: own\nservices: {a: {image: busybox, command: sleep 600}, b: {image: busybox, network_mode: "service:a", hostname: own}}\n',
  )
  const { status, stderr } = await sandbox.run('-f', 'own.yaml', 'up', '-d')
  expect(status).toBe(1)
  expect(stderr).toContain('NETWORK_MODE')
  await sandbox.ok('-f', 'own.yaml', 'down', '-t', '0')
})
