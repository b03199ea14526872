// Who reaches whom by which name, address and port, beside a Docker Engine: what that one answered is in docker.json, recorded by
// MATRIX_RECORD=1 DOCKER_HOST=unix:///… npx vitest run --project e2e test/e2e/network-matrix
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { type Cells, MACHINE, type Place, parseRow, rowScript } from './cells.ts'
import { OTHERWISE } from './otherwise.ts'
import { DOCKERFILE, SERVICES, stackFile } from './stack.ts'

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const RECORD = process.env['MATRIX_RECORD'] === '1' ? process.env['DOCKER_HOST'] : undefined
const RECORDED = new URL('./docker.json', import.meta.url)
let sandbox: Sandbox
let docker: Docker

/** Another machine, which sees this one's addresses alone: a namespace behind a link. */
const LAN = `mx${process.pid}`
const sh = async (line: string): Promise<string> => {
  const { status, stdout, stderr } = await runProgram('sh', ['-c', line], {})
  if (status !== 0) throw new Error(`${line}: ${stderr}`)
  return stdout
}
async function openLan(): Promise<void> {
  await sh(`ip netns add ${LAN} && ip link add ${LAN} type veth peer name eth0 netns ${LAN}`)
  await sh(
    `ip addr add ${MACHINE[4]}/24 dev ${LAN}; ip addr add ${MACHINE[6]}/64 dev ${LAN} nodad; ip link set ${LAN} up`,
  )
  const there = [
    'ip link set lo up; ip link set eth0 up',
    `ip addr add 10.98.66.2/24 dev eth0; ip addr add fd00:98:66::2/64 dev eth0 nodad`,
    `ip route add default via ${MACHINE[4]}; ip -6 route add default via ${MACHINE[6]}`,
  ]
  await sh(`ip netns exec ${LAN} sh -c '${there.join('; ')}'`)
  await sh(`mkdir ${sandbox.folder}/bin && /bin/busybox --install -s ${sandbox.folder}/bin`)
}

beforeAll(async () => {
  sandbox = makeSandbox(RECORD === undefined ? {} : { env: { DOCKER_HOST: RECORD } })
  docker = new Docker({ socketPath: RECORD?.replace('unix://', '') ?? sandbox.socket })
  mkdirSync(join(sandbox.folder, 'busybox'))
  copyFileSync('/bin/busybox', join(sandbox.folder, 'busybox/busybox'))
  sandbox.write('busybox/Dockerfile', DOCKERFILE)
  sandbox.write('compose.yaml', stackFile())
  await openLan()
  await sandbox.ok('up', '-d', '--build')
  for (const service of SERVICES)
    await eventually(`${service} serves`, async () => {
      const port = service === 'hosted' ? 28469 : service === 'shared' ? 81 : 80
      const { stdout } = await sandbox.run('exec', '-T', service, 'wget', '-qO-', `http://127.0.0.1:${port}/`)
      return stdout.trim() === service
    })
})
afterAll(async () => {
  await sandbox.run('down', '-t', '0')
  docker.modem.destroy()
  await sandbox.close()
  await sh(`ip netns del ${LAN}; ip link del ${LAN} 2>/dev/null || true`)
})

async function placesOf(service: string): Promise<Place[]> {
  const { NetworkSettings } = await docker.getContainer(nameOf(service)).inspect()
  const endpoints = Object.values(NetworkSettings.Networks ?? {})
  const addresses = endpoints.flatMap(({ IPAddress, GlobalIPv6Address }) => [IPAddress, GlobalIPv6Address])
  return addresses.flatMap(address => (address ? [{ service, address }] : []))
}
const nameOf = (service: string): string => (service === 'dual' ? 'matrix-named' : `matrix-${service}-1`)

/** All cells, as they are now. */
async function measure(): Promise<Cells> {
  const places = (await Promise.all(SERVICES.map(placesOf))).flat()
  const rows = await Promise.all(
    SERVICES.map(async source => {
      const { stdout } = await sandbox.ok('exec', '-T', source, 'sh', '-c', rowScript(places))
      return parseRow(source, stdout)
    }),
  )
  const script = `PATH=${sandbox.folder}/bin:$PATH\n${rowScript(places, false)}`
  const outside = ['the machine', 'another machine'].map(async source => {
    const inside = source === 'the machine' ? [] : ['ip', 'netns', 'exec', LAN]
    const [file = '', ...args] = [...inside, '/bin/busybox', 'sh', '-c', script]
    const { stdout } = await runProgram(file, args, {})
    return parseRow(source, stdout)
  })
  return Object.assign({}, ...rows, ...(await Promise.all(outside)))
}

test('every cell is as Docker has it, but for those that are listed with their reason', async () => {
  if (RECORD !== undefined) {
    const sorted = Object.fromEntries(Object.entries(await measure()).sort(([a], [b]) => (a < b ? -1 : 1)))
    writeFileSync(RECORDED, `${JSON.stringify(sorted, null, 2)}\n`)
    return
  }
  const recorded: Cells = JSON.parse(readFileSync(RECORDED, 'utf8'))
  const otherwise = (cells: Cells): string[] =>
    Object.entries(recorded)
      .filter(
        ([cell, word]) => cells[cell] !== word && !OTHERWISE.some(({ cells: listed }) => listed.test(cell)),
      )
      .map(([cell, word]) => `${cell}: ${cells[cell]}, Docker ${word}`)
  let cells = await measure()
  // A busy machine may take longer for a cell than its probe waits.
  for (let round = 0; round < 3 && otherwise(cells).length > 0; round++) cells = await measure()
  expect(otherwise(cells)).toEqual([])
  expect(Object.keys(cells).sort()).toEqual(Object.keys(recorded).sort())
})
