import { MemoryCgroups } from '../engine/cgroup/memory-filesystem.test-support.ts'
import { tryGroups } from '../engine/cgroup/trial.ts'
import type { Machine, Output, Space } from './machine.ts'
import type { Probe } from './probes.ts'
import type { KernelTable } from './tables.ts'

const CGROUPS = '/sys/fs/cgroup'

/** A machine as data. What is not said is as Debian 13 has it, run by root. */
export interface MachineFacts {
  readonly uid?: number
  readonly node?: string
  readonly now?: number
  /** Instead of, or beside, Debian's; undefined: not there. */
  readonly files?: Readonly<Record<string, string | undefined>>
  /** Unix milliseconds, by folder. */
  readonly changed?: Readonly<Record<string, number>>
  /** Names in folders. */
  readonly lists?: Readonly<Record<string, readonly string[]>>
  /** Living processes that hold lock files. */
  readonly holders?: Readonly<Record<string, number>>
  /** Sockets at which somebody listens. */
  readonly sockets?: readonly string[]
  readonly writable?: readonly string[]
  readonly programs?: readonly string[]
  /** By the program with its arguments. */
  readonly outputs?: Readonly<Record<string, Output | undefined>>
  /** Tables of nf_tables; null: the kernel tells none. */
  readonly tables?: readonly KernelTable[] | null
  readonly refusals?: Partial<Readonly<Record<Probe, string>>>
  readonly folders?: Readonly<Record<string, string>>
  readonly space?: Space
  /** Why containers get no labels of SELinux. */
  readonly unlabelled?: string
  readonly cgroups?: 'v1' | 'v2' | 'hybrid' | 'none'
  readonly controllers?: readonly string[]
  /** Errnos of folders and files of the control groups. */
  readonly cgroupRefusals?: Readonly<Record<string, string>>
}

/** What a program said that did what it was asked for. */
export const said = (stdout: string): Output => ({ code: 0, stdout, stderr: '' })

const DEBIAN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'user', 'time'].map(kind => [
      `/proc/sys/user/max_${kind}_namespaces`,
      '31000\n',
    ]),
  ),
  '/proc/sys/fs/inotify/max_user_watches': '65536\n',
  '/proc/sys/fs/inotify/max_user_instances': '128\n',
  '/proc/self/mountinfo': '21 1 254:1 / / rw - ext4 /dev/vda1 rw\n',
  '/proc/sys/net/ipv4/ip_forward': '0\n',
  '/sys/module/apparmor/parameters/enabled': 'Y\n',
  '/etc/resolv.conf': 'search lan\nnameserver 192.168.1.1\n',
}

/** Nothing is tried: the facts say how it goes. Only the control groups are made, in memory. */
export function machineOf(facts: MachineFacts = {}): Machine {
  const files: Readonly<Record<string, string | undefined>> = { ...DEBIAN, ...facts.files }
  return {
    root: '/var/lib/tscompose',
    run: '/run/tscompose',
    uid: facts.uid ?? 0,
    node: facts.node ?? '20.19.2',
    kernel: '6.12.48+deb13-amd64',
    now: facts.now ?? Date.UTC(2026, 5),
    read: async path => files[path],
    list: async folder => facts.lists?.[folder] ?? [],
    changed: async folder => facts.changed?.[folder],
    holder: lock => facts.holders?.[lock],
    listens: async socket => facts.sockets?.includes(socket) === true,
    writable: async path => (facts.writable ?? ['/proc/sys/net/ipv4/ip_forward', '/dev/fuse']).includes(path),
    finds: async program =>
      (
        facts.programs ?? ['git', 'xz', 'bzip2', 'zstd', 'mmdebstrap', 'ssh-agent', 'apparmor_parser']
      ).includes(program),
    output: async (program, args) => facts.outputs?.[[program, ...args].join(' ')],
    tables: async () => (facts.tables === null ? undefined : (facts.tables ?? [])),
    refusal: async probe => facts.refusals?.[probe],
    folderRefusal: async folder => facts.folders?.[folder],
    space: async () => facts.space ?? { bytes: 50e9, files: 3_000_000 },
    selinux: () => (facts.unlabelled === undefined ? {} : { warning: facts.unlabelled }),
    groups: () => tryGroups('tscompose-doctor', mountinfoOf(facts), cgroupsOf(facts)),
  }
}

const CONTROLLERS = ['memory', 'cpu', 'pids', 'cpuset', 'io']

/** v1's word for `io` is `blkio`. */
const hierarchiesOf = ({ controllers = CONTROLLERS }: MachineFacts): string[] =>
  controllers.map(name => (name === 'io' ? 'blkio' : name))

function mountinfoOf(facts: MachineFacts): string {
  const { cgroups = 'v2' } = facts
  const v2 = (at: string) => `30 23 0:30 / ${at} rw - cgroup2 cgroup2 rw,nsdelegate`
  const v1 = hierarchiesOf(facts).map(name => `31 23 0:31 / ${CGROUPS}/${name} rw - cgroup cgroup rw,${name}`)
  if (cgroups === 'v2') return v2(CGROUPS)
  if (cgroups === 'none') return ''
  return [...v1, ...(cgroups === 'hybrid' ? [v2(`${CGROUPS}/unified`)] : [])].join('\n')
}

function cgroupsOf(facts: MachineFacts): MemoryCgroups {
  const files = new MemoryCgroups(() => ({
    'cgroup.controllers': (facts.controllers ?? CONTROLLERS).join(' '),
    'cgroup.subtree_control': '',
    'cgroup.clone_children': '0',
    'cpuset.cpus': '0-1',
    'cpuset.mems': '0',
  }))
  for (const name of ['', '/unified', ...hierarchiesOf(facts).map(each => `/${each}`)])
    files.add(`${CGROUPS}${name}`)
  for (const [path, errno] of Object.entries(facts.cgroupRefusals ?? {})) files.refusals.set(path, errno)
  return files
}
