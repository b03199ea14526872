import { type Finding, findingsOf, fine, type Verdict, warning } from './finding.ts'
import type { Machine } from './machine.ts'

/** Limits by the controller that keeps them, in either layout's word for it. */
const LIMITS: readonly { readonly names: readonly string[]; readonly of: string; readonly keys: string }[] = [
  { names: ['memory'], of: 'memory', keys: 'mem_limit, memswap_limit, deploy.resources.limits.memory' },
  { names: ['cpu'], of: 'processor time', keys: 'cpus, cpu_shares, cpu_quota' },
  { names: ['pids'], of: 'the number of processes', keys: 'pids_limit' },
  { names: ['cpuset'], of: 'which processors are used', keys: 'cpuset' },
  { names: ['io', 'blkio'], of: 'disk traffic', keys: 'blkio_config' },
]

/** Control groups: where they are, and which limits can be kept. Found by making an engine's groups. */
export function examineGroups(machine: Machine): Finding[] {
  if (machine.uid !== 0)
    return findingsOf('Control groups', {
      limits: warning('not tried', 'only root can tell: run this command with sudo'),
    })
  const { version, isHybrid, hasUnified, controllers } = machine.groups()
  const layout = isHybrid
    ? version === 1
      ? 'v1 with v2 beside it (hybrid)'
      : 'v2, with names of v1'
    : `v${version}`
  const limits = LIMITS.map(({ names, of, keys }): readonly [string, Verdict] => [
    `${names[0]}`,
    names.some(name => controllers.has(name))
      ? fine('limits can be kept')
      : warning('not available', `limits of ${of} cannot be kept (${keys}): ${remedy(version, names)}`),
  ])
  return findingsOf('Control groups', {
    layout: fine(layout),
    'v2 groups': hasUnified
      ? fine('can be made')
      : warning(
          'cannot be made',
          'containers are killed and paused process by process, which a fork may outrun: mount cgroup2 on /sys/fs/cgroup (or /sys/fs/cgroup/unified), writable',
        ),
    ...Object.fromEntries(limits),
  })
}

function remedy(version: 1 | 2, names: readonly string[]): string {
  if (version === 2)
    return `the controller ${names[0]} must be in cgroup.controllers at the top of the v2 tree, and writable in its cgroup.subtree_control (in a container: run with --privileged and --cgroupns=host)`
  const name = names.at(-1)
  return `mount it: mkdir -p /sys/fs/cgroup/${name} && mount -t cgroup -o ${name} cgroup /sys/fs/cgroup/${name}${name === 'memory' ? ' (the kernel may need cgroup_enable=memory on its command line)' : ''}`
}
