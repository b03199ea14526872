import type { AttendOp, OutsideOp, Slot } from '../../native/index.ts'
import type { CgroupPaths } from '../cgroup/index.ts'
import { accessToSys } from '../rootfs/kernel-filesystems.ts'
import type { ShownCgroups } from '../rootfs/shown-cgroups.ts'
import { compileDeviceFilter } from '../security/device-filter.ts'
import { type DeviceRule, renderRule } from '../security/devices.ts'
import type { CompilerHost } from './host.ts'
import type { Slots } from './slots.ts'
import type { RuntimeSpec } from './spec.ts'

/** How a process gets into its groups, and what they let it open. */
export interface GroupOps {
  readonly outside: readonly OutsideOp[]
  readonly attend: readonly AttendOp[]
  /** Slot of the v2 folder to be born in. */
  readonly slot?: Slot
}

/**
 * Enters the groups that `Cgroups.ensure` made: the v2 one at birth, v1 ones by pid before the process runs. The device
 * list goes to the v1 controller where there is one, otherwise a BPF program is attached to the v2 group. The v2 group carries the `name` of whose it is, where it is given.
 */
export function compileGroups(
  paths: CgroupPaths,
  rules: readonly DeviceRule[],
  take: () => Slot,
  name?: string,
): GroupOps {
  const slot = paths.unified === undefined ? undefined : take()
  const devices = folderOf(paths, 'devices')
  return {
    outside: [
      ...(slot === undefined || paths.unified === undefined
        ? []
        : [
            { op: 'open', slot, path: paths.unified, kind: 'folder' } satisfies OutsideOp,
            ...named(slot, name),
          ]),
      ...(devices !== undefined ? deviceList(devices, rules) : []),
      ...(devices === undefined && slot !== undefined
        ? [{ op: 'deviceFilter', cgroupSlot: slot, program: compileDeviceFilter(rules) } satisfies OutsideOp]
        : []),
    ],
    attend: Object.values(paths.v1).map(path => ({ op: 'writePid', path: `${path}/cgroup.procs` })),
    ...(slot === undefined ? {} : { slot }),
  }
}

/** EPERM, EACCES, ENOSPC, EROFS and EOPNOTSUPP: a container goes without its name. */
const UNNAMED = [1, 13, 28, 30, 95]

function named(slot: Slot, name: string | undefined): OutsideOp[] {
  if (name === undefined) return []
  const value = Buffer.from(name)
  return [{ op: 'setXattr', slot, path: '.', name: 'user.tscompose.container', value, ignore: UNNAMED }]
}

/** Files to write a pid to so that a joining process is in every group of the container. */
export function groupFiles(paths: CgroupPaths): string[] {
  const folders = [...Object.values(paths.v1), ...(paths.unified === undefined ? [] : [paths.unified])]
  return folders.map(folder => `${folder}/cgroup.procs`)
}

/** What the container is shown of its groups; with the host's cgroup namespace those of v1 are opened by `outside`. */
export function shownCgroups(
  cgroups: CompilerHost['cgroups'],
  { id, namespaces, security }: Pick<RuntimeSpec, 'id' | 'namespaces' | 'security'>,
  slots: Slots,
): { readonly shown: ShownCgroups; readonly outside: readonly OutsideOp[] } {
  const { version } = cgroups
  const paths = cgroups.pathsOf(id)
  const isHosts = namespaces.cgroup.kind === 'host'
  const attributes = accessToSys(security.privileged === true)
  const v1 = Object.entries(paths.v1).map(([key, path]) => ({
    controllers: key.split(','),
    path,
    ...(isHosts ? { slot: slots.take() } : {}),
  }))
  return {
    shown: { version, v1, unified: paths.unified !== undefined && (version === 2 || !isHosts) },
    outside: v1.flatMap(({ slot, path }): OutsideOp[] =>
      slot === undefined ? [] : [{ op: 'openTree', slot, path, recursive: false, attributes }],
    ),
  }
}

/** The kernel takes one rule a write; `a` alone empties the list. */
function deviceList(folder: string, rules: readonly DeviceRule[]): OutsideOp[] {
  const all = rules.some(rule => rule.type === 'a')
  if (all) return [{ op: 'write', path: `${folder}/devices.allow`, bytes: 'a' }]
  return [
    { op: 'write', path: `${folder}/devices.deny`, bytes: 'a' },
    ...rules.map(
      (rule): OutsideOp => ({ op: 'write', path: `${folder}/devices.allow`, bytes: renderRule(rule) }),
    ),
  ]
}

function folderOf(paths: CgroupPaths, controller: string): string | undefined {
  return Object.entries(paths.v1).find(([key]) => key.split(',').includes(controller))?.[1]
}
