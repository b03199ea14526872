import { describe, expect, test } from 'vitest'
import type { Finding } from './finding.ts'
import { examine } from './index.ts'
import { type MachineFacts, machineOf, said } from './machine.test-support.ts'

/** What is not well, as `AREA NAME: STATUS`. */
async function troubles(facts: MachineFacts = {}): Promise<string[]> {
  const findings = await examine(machineOf(facts))
  return findings
    .filter(({ status }) => status !== 'ok')
    .map(({ area, name, status }) => `${area} ${name}: ${status}`)
}

async function findingOf(name: string, facts: MachineFacts = {}): Promise<Finding | undefined> {
  return (await examine(machineOf(facts))).find(finding => finding.name === name)
}

test('a stock Debian 13 lacks nothing, and what is not well says what follows', async () => {
  expect(await troubles()).toEqual([])
  const none = { native: 'x', overlay: 'ENODEV', container: 'EPERM', bridge: 'EOPNOTSUPP' } as const
  const findings = await examine(machineOf({ node: '18.0.0', refusals: none, programs: [] }))
  expect(findings.filter(({ status, follows }) => (status === 'ok') !== (follows === undefined))).toEqual([])
})

test('a chroot on a plain folder is told as that', async () => {
  const files = { '/proc/self/mountinfo': '21 1 254:1 / /srv rw - ext4 /dev/vda1 rw\n' }
  expect(await troubles({ files })).toEqual(['tscompose root folder: lacking'])
})

describe('control groups', () => {
  test.each(['v1', 'v2', 'hybrid'] as const)('%s keeps all limits', async cgroups => {
    expect(await troubles({ cgroups })).toEqual(cgroups === 'v1' ? ['Control groups v2 groups: warning'] : [])
  })

  test('a controller that is missing costs its limits, not the containers', async () => {
    expect(await troubles({ controllers: ['cpu', 'pids', 'cpuset', 'io'] })).toEqual([
      'Control groups memory: warning',
    ])
    const { follows } = (await findingOf('io', { cgroups: 'hybrid', controllers: ['cpu'] })) ?? {}
    expect(follows).toContain('mount -t cgroup -o blkio')
  })

  test('controllers that the tree has and does not hand down do not count', async () => {
    const cgroupRefusals = { '/sys/fs/cgroup/cgroup.subtree_control': 'EBUSY' }
    expect(await troubles({ cgroupRefusals })).toHaveLength(5)
  })

  test('a machine that has none, or a tree that is read-only, is described all the same', async () => {
    expect(await troubles({ cgroups: 'none' })).toHaveLength(6)
    expect(await troubles({ cgroupRefusals: { '/sys/fs/cgroup/tscompose-doctor': 'EROFS' } })).toHaveLength(6)
  })
})

describe('networks', () => {
  test('without NAT in the kernel there are none', async () => {
    expect(await findingOf('firewall rules', { refusals: { 'firewall rules': 'ENOENT' } })).toMatchObject({
      status: 'lacking',
      found: 'refused: ENOENT',
    })
  })

  test.each([
    ['ip', 'filter', 'FORWARD', 'forward', 'drop', '', false, 'ok'],
    ['inet', 'filter', 'forward', 'forward', 'drop', '', false, 'ok'],
    ['inet', 'filter', 'input', 'input', 'drop', '', false, 'ok'],
    ['inet', 'filter', 'input', 'input', 'drop', '', true, 'warning'],
    ['inet', 'filter', 'input', 'input', 'accept', '', false, 'ok'],
    ['ip', 'filter', 'INPUT', 'input', 'accept', 'counter reject', false, 'ok'],
    ['ip', 'filter', 'INPUT', 'input', 'accept', 'counter reject', true, 'warning'],
    ['ip', 'filter', 'INPUT', 'input', 'accept', 'iifname "eth1" reject', false, 'ok'],
    ['inet', 'firewalld', 'filter_FORWARD', 'forward', 'accept', 'reject', false, 'ok'],
    ['inet', 'firewalld', 'filter_FORWARD', 'forward', 'accept', 'reject', true, 'warning'],
    ['inet', 'tscompose_abcdef', 'forward', 'forward', 'drop', '', false, 'ok'],
  ] as const)('a chain %s %s %s at %s with policy %s and last rule "%s", owned: %s: %s', async (family, table, name, hook, policy, last, isOwned, status) => {
    const chain = { family, table, name, hook, type: 'filter', policy }
    const rules = last === '' ? [] : [{ family, table, chain: name, handle: Buffer.alloc(8), words: last }]
    const tables = [{ family, name: table, isOwned, chains: [chain], rules }]
    expect(await findingOf('other firewalls', { tables })).toMatchObject({ status })
  })

  test('firewalld, whose table takes no rule, is asked by its own program where that is there', async () => {
    const [family, table, name] = ['inet', 'firewalld', 'filter_FORWARD'] as const
    const chain = { family, table, name, hook: 'forward', type: 'filter', policy: 'drop' } as const
    const tables = [{ family, name: table, isOwned: true, chains: [chain], rules: [] }]
    const statusWith = async (...programs: readonly string[]) =>
      (await findingOf('other firewalls', { tables, programs }))?.status
    expect([await statusWith('firewall-cmd'), await statusWith()]).toEqual(['ok', 'warning'])
  })

  test('where the kernel does not tell its tables that is said', async () => {
    expect(await troubles({ tables: null })).toEqual(['Network other firewalls: warning'])
  })

  test('iptables-legacy is told of where its tables may drop', async () => {
    const files = { '/proc/net/ip_tables_names': 'nat\nfilter\n' }
    const policy = (word: string) => ({ 'iptables-legacy -S FORWARD': said(`-P FORWARD ${word}\n`) })
    expect(await troubles({ files, outputs: policy('ACCEPT') })).toEqual([])
    expect(await troubles({ files, outputs: policy('DROP') })).toEqual(['Network iptables-legacy: warning'])
    expect(await troubles({ files })).toEqual(['Network iptables-legacy: warning'])
  })

  test('forwarding that is off is switched on later, unless it cannot be', async () => {
    expect(await troubles({ writable: [] })).toEqual(['Kernel FUSE: warning', 'Network forwarding: lacking'])
    expect(
      await troubles({ writable: ['/dev/fuse'], files: { '/proc/sys/net/ipv4/ip_forward': '1\n' } }),
    ).toEqual([])
  })

  test('a kernel without the egress hook, and a machine without name servers, have networks', async () => {
    const files = { '/etc/resolv.conf': undefined }
    expect(await troubles({ refusals: { 'egress hook': 'EOPNOTSUPP' }, files })).toEqual([
      'Network egress hook: warning',
      'Network name servers: warning',
    ])
  })
})

describe('the kernel', () => {
  test('limits of namespaces', async () => {
    const limit = (kind: string, value: string) => ({
      files: { [`/proc/sys/user/max_${kind}_namespaces`]: value },
    })
    expect(await troubles(limit('net', '0\n'))).toEqual(['Kernel limits of namespaces: lacking'])
    expect(await troubles(limit('mnt', '20\n'))).toEqual(['Kernel limits of namespaces: warning'])
    expect(await troubles(limit('time', '0\n'))).toEqual(['Kernel time namespaces: warning'])
  })

  test('SELinux and inotify', async () => {
    const files = {
      '/sys/fs/selinux/enforce': '1',
      '/proc/sys/fs/inotify/max_user_watches': '8192\n',
      '/sys/module/apparmor/parameters/enabled': undefined,
    }
    expect(await troubles({ files })).toEqual(['Kernel inotify: warning'])
    const unlabelled = 'its policy names no types for containers'
    expect(await troubles({ files, unlabelled })).toEqual([
      'Kernel SELinux: warning',
      'Kernel inotify: warning',
    ])
  })

  test('AppArmor without the program that loads profiles', async () => {
    const programs = ['git', 'xz', 'bzip2', 'zstd', 'mmdebstrap', 'ssh-agent']
    expect(await troubles({ programs })).toEqual(['Kernel AppArmor: warning'])
    const files = { '/sys/module/apparmor/parameters/enabled': undefined }
    expect(await troubles({ programs, files })).toEqual([])
  })
})

describe('storage', () => {
  test('no overlay on the file system of ROOT, and no folder for RUN', async () => {
    const folders = { '/run/tscompose': 'EROFS' }
    expect(await troubles({ refusals: { overlay: 'EINVAL' }, folders })).toEqual([
      'Storage RUN: lacking',
      'Storage overlayfs: lacking',
    ])
  })

  test('snapshots are counted, and one that was cut off is warned of', async () => {
    const folder = '/var/lib/tscompose/snapshots'
    const lists = { [folder]: ['shop'], [`${folder}/shop`]: ['one.json', 'two.json'] }
    expect(await findingOf('snapshots')).toBeUndefined()
    expect((await findingOf('snapshots', { lists }))?.found).toMatch(/^2;/)
    expect(await troubles({ lists: { [folder]: ['intent.json', 'shop'] } })).toEqual([
      'Storage snapshots: warning',
    ])
  })

  test.each([
    [{ bytes: 50e6, files: 1e6 }, 'lacking'],
    [{ bytes: 1e9, files: 1e6 }, 'warning'],
    [{ bytes: 50e9, files: 10 }, 'lacking'],
    [{ bytes: 50e9, files: undefined }, 'ok'],
  ])('room %j: %s', async (space, status) => {
    expect(await findingOf('space', { space })).toMatchObject({ status })
  })
})

describe('what it runs on', () => {
  test.each([
    ['18.20.0', 'lacking'],
    ['20.18.3', 'lacking'],
    ['20.19.0', 'ok'],
    ['23.1.0', 'warning'],
    ['24.0.0', 'ok'],
  ])('Node.js %s: %s', async (node, status) => {
    expect(await findingOf('Node.js', { node })).toMatchObject({ status })
  })

  test('a clock that is behind', async () => {
    expect(await troubles({ now: 0 })).toEqual(['tscompose clock: warning'])
  })

  test("to whoever is not root no refusal is told as the machine's", async () => {
    const facts: MachineFacts = {
      uid: 1000,
      refusals: { native: 'EPERM', container: 'EPERM', bridge: 'EPERM', overlay: 'EACCES' },
      folders: { '/var/lib/tscompose': 'EACCES' },
      writable: [],
    }
    const lacks = (await troubles(facts)).filter(text => text.endsWith('lacking'))
    expect(lacks).toEqual(['tscompose user: lacking'])
    expect(await findingOf('limits', facts)).toMatchObject({ found: 'not tried' })
  })
})
