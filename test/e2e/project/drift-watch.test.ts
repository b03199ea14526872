// What drifts is told as it comes and goes, and put right as it goes where `up --repair` asks for that.
import { execFileSync } from 'node:child_process'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { watchDrift } from '../../../src/project/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const LINK_STATE = 'endpoint.watched_default.link.state'

const SUBNET = `10.215.${process.pid % 250}.0/24`

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('app.conf', 'first\n')
  sandbox.write(
    'compose.yaml',
    `name: watched
services:
  web:
    image: busybox
    init: true
    command: sleep 6000
    pids_limit: 100
    volumes: ["./app.conf:/etc/app.conf:ro"]
networks:
  default: {ipam: {config: [{subnet: ${SUBNET}}]}}
`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

interface Seen {
  readonly pid: number
  readonly veth: string
  readonly mended: boolean
}

async function look(): Promise<Seen> {
  const docker = new Docker({ socketPath: sandbox.socket })
  try {
    const found = await docker.getContainer('watched-web-1').inspect()
    const endpoint = found.NetworkSettings.Networks['watched_default']?.EndpointID ?? ''
    return {
      pid: found.State.Pid,
      veth: `tv${endpoint.slice(0, 11)}`,
      mended: found.TscomposeMended === true,
    }
  } finally {
    docker.modem.destroy()
  }
}

function isUp(veth: string): boolean {
  return /[<,]UP[,>]/.test(host(`ip -o link show ${veth}`))
}

function host(words: string): string {
  const [file = '', ...args] = words.split(' ')
  return execFileSync(file, args, { encoding: 'utf8' })
}

test('drift is told as it comes and as it goes', async () => {
  const { pid, veth } = await look()
  const closing = new AbortController()
  const seen: string[] = []
  const followed = (async () => {
    const target = { cwd: sandbox.folder, env: sandbox.env }
    for await (const { state, path } of watchDrift(target, { signal: closing.signal }))
      seen.push(`${state} ${path}`)
  })()
  const told = (news: string): Promise<unknown> => eventually(news, () => seen.includes(news))
  host(`ip link set ${veth} down`)
  await told('came endpoint.watched_default.link.state')
  host(`ip link set ${veth} up`)
  await told('gone endpoint.watched_default.link.state')
  host(`nsenter -t ${pid} -n nft delete table netdev tscompose_guard`)
  await told('came guard')
  host(`nsenter -t ${pid} -n ip route del default`)
  await told('came route.default')
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  const [, pids = ''] = /^\d+:(?:pids)?:(.*)$/m.exec(groups) ?? []
  const isV1 = /^\d+:pids:/m.test(groups)
  writeFileSync(`/sys/fs/cgroup/${isV1 ? 'pids' : ''}${pids}/pids.max`, '50')
  await told('came cgroup.value.pids.max')
  sandbox.write('app.conf.new', 'second\n')
  renameSync(`${sandbox.folder}/app.conf.new`, `${sandbox.folder}/app.conf`)
  // A look may come before the engine has bound the new one.
  const ofFile = (): string[] => seen.filter(each => each.endsWith('mount./etc/app.conf'))
  await eventually('it was told of', () => ['mended', 'gone'].includes(ofFile().at(-1)?.split(' ')[0] ?? ''))
  expect([['mended'], ['came', 'gone']]).toContainEqual(ofFile().map(each => each.split(' ')[0]))
  await sandbox.ok('up', '-d')
  await sandbox.killEngine()
  host(`ip link set ${veth} down`)
  await eventually(
    'the next engine tells it',
    () => seen.filter(each => each.startsWith('came endpoint')).length === 2,
  )
  host(`ip link set ${veth} up`)
  closing.abort()
  await expect(followed).rejects.toThrow()
})

test('what drifts is put right as it goes, over engines, until an up says otherwise', async () => {
  const closing = new AbortController()
  const seen: string[] = []
  const followed = (async () => {
    const target = { cwd: sandbox.folder, env: sandbox.env }
    for await (const { state, path } of watchDrift(target, { services: ['web'], signal: closing.signal }))
      if (path === LINK_STATE) seen.push(state)
  })()
  const { veth } = await look()
  host(`ip link set ${veth} down`)
  await eventually('it is followed', () => seen.includes('came'))
  await sandbox.ok('up', '-d', '--repair')
  await eventually('all is told', () => seen.includes('gone'))
  seen.length = 0
  const { pid, mended } = await look()
  expect(mended).toBe(true)
  expect((await sandbox.ok('ls')).stdout).toContain('running(1), repaired')
  expect((await sandbox.ok('ps')).stdout).toContain('as it goes')
  for (let times = 1; times <= 3; times += 1) {
    host(`ip link set ${veth} down`)
    await eventually('the pair is up', () => isUp(veth))
    await eventually('that was told', () => seen.filter(each => each !== 'came').length === times)
  }
  expect(seen.filter(each => each === 'came')).toHaveLength(seen.filter(each => each === 'gone').length)
  closing.abort()
  await expect(followed).rejects.toThrow()
  sandbox.write('app.conf.new', 'third\n')
  renameSync(`${sandbox.folder}/app.conf.new`, `${sandbox.folder}/app.conf`)
  const inside = (): string => host(`nsenter -t ${pid} -m cat /etc/app.conf`)
  await eventually('the new bytes are inside', () => inside() === 'third\n')
  await sandbox.killEngine()
  host(`ip link set ${veth} down`)
  await sandbox.ok('ps')
  await eventually('the next engine goes on', () => isUp(veth))
  expect((await look()).pid).toBe(pid)
  await sandbox.ok('up', '-d')
  expect((await look()).mended).toBe(false)
  expect((await sandbox.ok('ls')).stdout).not.toContain('repaired')
})
