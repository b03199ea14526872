import { expect, it } from 'vitest'
import { findLeftovers, type Leftover } from './leftovers.ts'
import { type MachineFacts, machineOf } from './machine.test-support.ts'
import type { KernelTable } from './tables.ts'

const BRIDGE = 'tsc-0123456789a'

const table = (name: string, comment?: string, chains: readonly string[] = []): KernelTable => ({
  family: 'inet',
  name,
  ...(comment === undefined ? {} : { comment }),
  isOwned: false,
  chains: chains.map(each => ({ family: 'inet', table: name, name: each })),
  rules: [],
})

/** A firewall of somebody else with rules of these comments. */
const foreign = (...comments: readonly string[]): KernelTable => ({
  ...table('filter'),
  family: 'ip',
  rules: comments.map(comment => ({
    family: 'ip' as const,
    table: 'filter',
    chain: 'DOCKER-USER',
    handle: Buffer.alloc(8),
    comment,
    words: 'accept',
  })),
})

/** What an engine with ROOT /srv/gone has left that was killed with its containers. */
const LEFT: MachineFacts = {
  tables: [table('tscompose_abc123', '/srv/gone', ['forward', 'to_0123456789ab']), table('tscompose_ffffff')],
  lists: {
    '/sys/fs/cgroup': ['memory', 'system.slice', 'tscompose-abc123'],
    '/sys/fs/cgroup/memory': ['tscompose-abc123', 'tscompose-other', 'tscompose-111111'],
    '/sys/fs/cgroup/tscompose-abc123': ['cgroup.procs', 'engine'],
    '/sys/class/net': ['lo', BRIDGE, 'tvaaaaaaaaaaa'],
    [`/sys/class/net/${BRIDGE}/brif`]: ['tvaaaaaaaaaaa', 'eth7'],
    '/var/lib/tscompose': ['containers', 'images'],
  },
}

const namesOf = (found: readonly Leftover[]): string[] => found.map(({ kind, name }) => `${kind} ${name}`)

it('finds what is nobody’s, in the order in which it can go; a table that tells no ROOT may be somebody’s', async () => {
  expect(namesOf(await findLeftovers(machineOf(LEFT)))).toEqual([
    'link tvaaaaaaaaaaa',
    `bridge ${BRIDGE}`,
    'table tscompose_abc123',
    'group /sys/fs/cgroup/tscompose-abc123',
    'group /sys/fs/cgroup/memory/tscompose-abc123',
    'group /sys/fs/cgroup/memory/tscompose-111111',
  ])
})

it('leaves alone what a process is in, in whichever hierarchy', async () => {
  const found = await findLeftovers(
    machineOf({ ...LEFT, files: { '/sys/fs/cgroup/tscompose-abc123/engine/cgroup.procs': '12\n13\n' } }),
  )
  expect(namesOf(found).filter(each => each.startsWith('group'))).toEqual([
    'group /sys/fs/cgroup/memory/tscompose-111111',
  ])
  for (const each of found.filter(({ kind }) => kind !== 'group')) expect(each.pids).toEqual([12, 13])
})

it('tells of the groups of an engine as left alone that has made one a moment ago, for a process that is to come', async () => {
  const now = Date.UTC(2026, 5)
  const groupsAfter = async (milliseconds: number): Promise<unknown> => {
    const changed = { '/sys/fs/cgroup/memory/tscompose-abc123': now - milliseconds }
    const found = await findLeftovers(machineOf({ ...LEFT, now, changed }))
    return found.flatMap(({ name, hasChanged }) => (name.includes('tscompose-abc123') ? hasChanged : []))
  }
  expect(await groupsAfter(59_000)).toEqual([true, true])
  expect(await groupsAfter(61_000)).toEqual([undefined, undefined])
})

it('finds nothing of a ROOT that is there', async () => {
  const lists = { ...LEFT.lists, '/srv/gone': ['networks'], '/sys/fs/cgroup': [] }
  expect(await findLeftovers(machineOf({ ...LEFT, lists }))).toEqual([])
})

it('finds a bridge by its alias, where its table has gone', async () => {
  const alias = (root: string) => ({
    [`/sys/class/net/${BRIDGE}/ifalias`]: `tscompose network=a_net engine=abc123 root=${root}\n`,
  })
  const without = { ...LEFT, tables: [] }
  const links = async (root: string): Promise<string[]> =>
    namesOf(await findLeftovers(machineOf({ ...without, files: alias(root) }))).filter(
      each => !each.startsWith('group'),
    )
  expect(await links('/srv/gone')).toEqual(['link tvaaaaaaaaaaa', `bridge ${BRIDGE}`])
  expect(await links('/var/lib/tscompose')).toEqual([])
})

it('finds rules in another firewall whose engine has no table and no process, or whose table is nobody’s, too', async () => {
  const comments = ['tscompose_abc123', 'tscompose_ffffff', 'tscompose_222222', 'tscompose_333333', 'mine']
  const [left, live] = LEFT.tables ?? []
  const tables = [left, live, foreign(...comments, 'tscompose_222222')].filter(each => each !== undefined)
  const lists = { ...LEFT.lists, '/sys/fs/cgroup': ['tscompose-333333'] }
  const files = { '/sys/fs/cgroup/tscompose-333333/cgroup.procs': '9\n' }
  const found = await findLeftovers(machineOf({ ...LEFT, tables, lists, files }))
  expect(found.filter(({ kind }) => kind === 'rules').map(({ name }) => name)).toEqual([
    'ip filter DOCKER-USER tscompose_abc123',
    'ip filter DOCKER-USER tscompose_222222',
  ])
})

it('finds our links in firewalld’s zone where no engine has a table and nobody has written them down', async () => {
  const firewalld: KernelTable = {
    ...table('firewalld'),
    rules: [
      {
        family: 'inet',
        table: 'firewalld',
        chain: 'filter_INPUT_POLICIES',
        handle: Buffer.alloc(8),
        words: 'iifname "tsc-*" jump filter_IN_trusted',
      },
    ],
  }
  const ask = 'firewall-cmd --permanent --zone=trusted --query-interface=tsc-+'
  const zones = async (code: number, ...tables: readonly KernelTable[]): Promise<string[]> => {
    const outputs = { [ask]: { code, stdout: '', stderr: '' } }
    return namesOf(await findLeftovers(machineOf({ tables: [firewalld, ...tables], outputs })))
  }
  expect(await zones(1)).toEqual(['zone tsc-+'])
  expect(await zones(0)).toEqual([])
  expect(await zones(1, table('tscompose'))).toEqual([])
  expect(await zones(1, table('tscompose_abc123', '/srv/gone'))).toEqual([
    'table tscompose_abc123',
    'zone tsc-+',
  ])
})

it('finds mounts in its own ROOT and its own RUN where the ROOT has gone, but not while somebody listens there', async () => {
  const facts: MachineFacts = {
    lists: { '/run/tscompose': ['engine.log', 'containers'], '/var/lib/tscompose': ['volumes'] },
    files: {
      '/proc/self/mountinfo':
        '1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / /var/lib/tscompose/volumes/a\\040b/_data rw - nfs x rw\n',
    },
  }
  expect(namesOf(await findLeftovers(machineOf(facts)))).toEqual([
    'mount /var/lib/tscompose/volumes/a b/_data',
    'folder /run/tscompose',
  ])
  const held = { ...facts, holders: { '/run/tscompose/engine.lock': 7 } }
  expect((await findLeftovers(machineOf(held))).at(-1)).toMatchObject({ kind: 'folder', pids: [7] })
  const lists = { ...facts.lists, '/run/tscompose/containers': ['0'] }
  const sockets = ['/run/tscompose/containers/0/monitor.sock']
  expect((await findLeftovers(machineOf({ ...facts, lists }))).map(({ kind }) => kind)).toContain('folder')
  const found = await findLeftovers(machineOf({ ...facts, lists, sockets }))
  expect(found.map(({ kind }) => kind)).toEqual(['mount'])
})
