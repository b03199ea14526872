import { expect, it } from 'vitest'
import { findLeftovers, type Leftover } from './leftovers.ts'
import { type MachineFacts, machineOf, said } from './machine.test-support.ts'

const BRIDGE = 'tsc-0123456789a'

/** What an engine with ROOT /srv/gone has left that was killed with its containers. */
const LEFT: MachineFacts = {
  outputs: {
    'nft list tables': said('table ip filter\ntable inet tscompose_abc123\ntable inet tscompose_ffffff\n'),
    'nft list table inet tscompose_abc123': said(
      `table inet tscompose_abc123 {\n\tcomment "/srv/gone"\n\tchain to_0123456789ab {\n\t\tiifname "${BRIDGE}" accept\n\t}\n}\n`,
    ),
    'nft list table inet tscompose_ffffff': said('table inet tscompose_ffffff {\n}\n'),
  },
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

it('finds nothing of a ROOT that is there', async () => {
  const lists = { ...LEFT.lists, '/srv/gone': ['networks'], '/sys/fs/cgroup': [] }
  expect(await findLeftovers(machineOf({ ...LEFT, lists }))).toEqual([])
})

it('finds a bridge by its alias, where its table has gone', async () => {
  const alias = (root: string) => ({
    [`/sys/class/net/${BRIDGE}/ifalias`]: `tscompose network=a_net engine=abc123 root=${root}\n`,
  })
  const without = { ...LEFT, outputs: {} }
  const links = async (root: string): Promise<string[]> =>
    namesOf(await findLeftovers(machineOf({ ...without, files: alias(root) }))).filter(
      each => !each.startsWith('group'),
    )
  expect(await links('/srv/gone')).toEqual(['link tvaaaaaaaaaaa', `bridge ${BRIDGE}`])
  expect(await links('/var/lib/tscompose')).toEqual([])
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
  const listening = { '/proc/net/unix': '0: 2 0 1 1 1 9 /run/tscompose/containers/0/monitor.sock\n' }
  const found = await findLeftovers(machineOf({ ...facts, files: { ...facts.files, ...listening } }))
  expect(found.map(({ kind }) => kind)).toEqual(['mount'])
})
