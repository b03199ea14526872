import { expect, test } from 'vitest'
import type { ContainerConfig, HostConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { containerSpec, type Found, isolatedSpec } from './spec.ts'

const PRIVATE = { kind: 'private' } as const

const FOUND: Found = {
  id: 'c0ffee',
  hostname: 'web',
  root: { layers: ['/layer'], upper: '/upper', work: '/work' },
  mounts: [],
  etc: { hosts: '/etc-hosts' },
  user: { uid: 33, gid: 33, groups: [33], home: '/var/www' },
  namespaces: { pid: PRIVATE, ipc: PRIVATE, uts: PRIVATE, cgroup: PRIVATE, net: PRIVATE },
  network: { setup: [], supervise: [], sysctls: [] },
  numbersOf: () => ({ major: 8, minor: 0 }),
}

const KEPT = {
  runFolder: '/run',
  statusPath: '/status',
  socketPath: '/socket',
  procFolder: '/proc',
  logPath: '/log',
}

const isolated = (config: ContainerConfig, host: HostConfig) => isolatedSpec(termsOf(config, host), FOUND)
const whole = (config: ContainerConfig, host: HostConfig, restartsBefore = 0) =>
  containerSpec(termsOf(config, host), FOUND, { ...KEPT, restartsBefore })

test('what was found is described as it is', () => {
  expect(isolated({ Cmd: ['true'] }, {})).toMatchObject({
    id: 'c0ffee',
    hostname: 'web',
    root: { layers: ['/layer'], upper: '/upper', work: '/work', readonly: false },
    etc: { hosts: '/etc-hosts' },
    namespaces: FOUND.namespaces,
  })
})

test('the process has its command, and the environment of its user and its terminal', () => {
  const config = { Cmd: ['sh'], Tty: true, Env: ['A=1'], WorkingDir: '/srv' }
  const host = { Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }], OomScoreAdj: 7 }
  expect(isolated(config, host).process).toMatchObject({
    argv: ['sh'],
    cwd: '/srv',
    tty: true,
    user: { uid: 33 },
    rlimits: [{ name: 'core', soft: 0, hard: 0 }],
    oomScoreAdj: 7,
  })
  expect(isolated(config, host).process.env).toEqual([
    expect.stringMatching(/^PATH=/),
    'HOSTNAME=web',
    'TERM=xterm',
    'A=1',
    'HOME=/var/www',
  ])
})

test.each<[HostConfig, object]>([
  [{ ReadonlyRootfs: true }, { root: { readonly: true } }],
  [{ ShmSize: 4096 }, { shmSize: 4096 }],
  [{ Init: true }, { init: true }],
  [{ Memory: 7 << 20 }, { limits: { memory: 7 << 20 } }],
  [
    { BlkioWeightDevice: [{ Path: '/dev/sda', Weight: 9 }] },
    { limits: { blkioDevices: [{ kind: 'weight', major: 8, minor: 0, rate: 9 }] } },
  ],
  [{ DeviceCgroupRules: ['a *:* rwm'] }, { devices: { rules: ['a *:* rwm'] } }],
  [{ CapAdd: ['SYS_TIME'] }, { security: { capAdd: ['SYS_TIME'] } }],
])('%j', (host, spec) => {
  expect(isolated({}, host)).toMatchObject(spec)
})

test("the user's sysctls are by themselves, which come after those of the network", () => {
  expect(isolated({}, { Sysctls: { 'net/b': '2' } }).sysctls).toEqual({ 'net/b': '2' })
})

test('the monitor keeps the log, the restarts that are left, and the terminal', () => {
  const config = { OpenStdin: true, StdinOnce: true }
  const host: HostConfig = {
    LogConfig: { Config: { 'max-size': '1m' } },
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    ConsoleSize: [50, 132],
  }
  expect(whole(config, host, 1)).toMatchObject({
    openStdin: true,
    supervision: {
      runFolder: '/run',
      statusPath: '/status',
      socketPath: '/socket',
      procFolder: '/proc',
      log: { path: '/log', maxSize: 1 << 20, maxFiles: 1 },
      restart: 'on-failure',
      restartMax: 2,
      stdinOnce: true,
      rows: 50,
      cols: 132,
    },
  })
})

test('without a log nothing is kept', () => {
  expect(whole({}, { LogConfig: { Type: 'none' } }).supervision).not.toHaveProperty('log')
})
