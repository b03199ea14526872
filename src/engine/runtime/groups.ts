import type { GroupsOp, OutsideOp, Slot } from '../../native/index.ts'
import type { CgroupPaths } from '../cgroup/index.ts'
import { accessToSys } from '../rootfs/kernel-filesystems.ts'
import type { ShownCgroups } from '../rootfs/shown-cgroups.ts'
import { compileDeviceFilter } from '../security/device-filter.ts'
import { type DeviceRule, renderRule } from '../security/devices.ts'
import type { CompilerHost } from './host.ts'
import type { Slots } from './slots.ts'
import type { RuntimeSpec } from './spec.ts'

/** The folders of a container's groups, opened once a start: what is written there, and shown of them, is found from there. */
export interface OpenGroups {
  readonly ops: readonly OutsideOp[]
  readonly v1: ReadonlyMap<string, Slot>
  readonly unified?: Slot
}

/** Opens those that `Cgroups.ensure` made. */
export function openGroups({ v1, unified }: CgroupPaths, slots: Slots): OpenGroups {
  const slot = unified === undefined ? undefined : slots.take()
  const folders = Object.entries(v1).map(([key, path]) => ({ key, path, slot: slots.take() }))
  const open = (path: string, into: Slot): OutsideOp => ({ op: 'open', slot: into, path, kind: 'folder' })
  return {
    ops: [
      ...(slot === undefined || unified === undefined ? [] : [open(unified, slot)]),
      ...folders.map(each => open(each.path, each.slot)),
    ],
    v1: new Map(folders.map(each => [each.key, each.slot])),
    ...(slot === undefined ? {} : { unified: slot }),
  }
}

/** How a process gets into its groups, and what they let it open. */
export interface GroupOps {
  readonly outside: readonly OutsideOp[]
  readonly groups: readonly GroupsOp[]
}

/**
 * Enters groups that are open: the v2 one at birth, v1 ones by the process itself before it enters anything else. The device
 * list goes to the v1 controller where there is one, otherwise a BPF program is attached to the v2 group. The v2 group carries the `name` of whose it is, where it is given.
 */
export function compileGroups(
  paths: CgroupPaths,
  { v1, unified }: OpenGroups,
  rules: readonly DeviceRule[],
  name?: string,
): GroupOps {
  const devices = keyOf(paths, 'devices')
  const lists = devices === undefined ? [] : deviceList(paths.v1[devices] ?? '', v1.get(devices), rules)
  const filter = (cgroupSlot: Slot): OutsideOp => ({
    op: 'deviceFilter',
    cgroupSlot,
    program: compileDeviceFilter(rules),
  })
  return {
    outside: [
      ...(unified === undefined ? [] : named(unified, name)),
      ...lists,
      ...(devices === undefined && unified !== undefined ? [filter(unified)] : []),
    ],
    groups: Object.entries(paths.v1).map(([key, path]) => joinGroup(path, v1.get(key))),
  }
}

function inFolder(slot: Slot | undefined): { readonly slot?: Slot } {
  return slot === undefined ? {} : { slot }
}

/** EPERM, EACCES, ENOSPC, EROFS and EOPNOTSUPP: a container goes without its name. */
const UNNAMED = [1, 13, 28, 30, 95]

function named(slot: Slot, name: string | undefined): OutsideOp[] {
  if (name === undefined) return []
  const value = Buffer.from(name)
  return [{ op: 'setXattr', slot, path: '.', name: 'user.tscompose.container', value, ignore: UNNAMED }]
}

function joinGroup(folder: string, slot?: Slot): GroupsOp {
  return { op: 'joinGroup', path: `${folder}/tasks`, ...inFolder(slot) }
}

/** How a process that joins a container gets into every group of layout v1 that it has. */
export function joinGroups({ v1 }: Pick<CgroupPaths, 'v1'>): GroupsOp[] {
  return Object.values(v1).map(folder => joinGroup(folder))
}

/**
 * What the container is shown of its groups: of v1, binds of their folders, where they are its own. A mount that is made would show the same, but the
 * kernel stops all that looks for a group meanwhile; with the host's cgroup namespace it would begin at the host's root.
 */
export function shownCgroups(
  cgroups: CompilerHost['cgroups'],
  { id, namespaces, security }: Pick<RuntimeSpec, 'id' | 'namespaces' | 'security'>,
  groups: OpenGroups,
  slots: Slots,
): { readonly shown: ShownCgroups; readonly outside: readonly OutsideOp[] } {
  const { version } = cgroups
  const paths = cgroups.pathsOf(id)
  const { kind } = namespaces.cgroup
  const attributes = accessToSys(security.privileged === true)
  const outside: OutsideOp[] = []
  const bind = (type: 'cgroup' | 'cgroup2', path: string, fromSlot: Slot | undefined): { slot?: Slot } => {
    // In another's cgroup namespace it would be beside the root.
    if (kind === 'process' || fromSlot === undefined) return {}
    const slot = slots.take()
    const group = { type, path }
    outside.push({ op: 'openTree', slot, fromSlot, path: '.', recursive: false, attributes, group })
    return { slot }
  }
  const v1 = Object.entries(paths.v1).map(([key, path]) => ({
    controllers: key.split(','),
    ...bind('cgroup', path, groups.v1.get(key)),
  }))
  const isShown = paths.unified !== undefined && (version === 2 || kind !== 'host')
  const unified = version === 2 || !isShown ? {} : bind('cgroup2', paths.unified, groups.unified)
  return { shown: { version, v1, ...(isShown ? { unified } : {}) }, outside }
}

/** The kernel takes one rule a write; `a` alone empties the list. */
function deviceList(folder: string, slot: Slot | undefined, rules: readonly DeviceRule[]): OutsideOp[] {
  const write = (file: string, ...lines: string[]): OutsideOp => ({
    op: 'writeLines',
    path: `${folder}/${file}`,
    lines,
    ...inFolder(slot),
  })
  if (rules.some(rule => rule.type === 'a')) return [write('devices.allow', 'a')]
  return [write('devices.deny', 'a'), write('devices.allow', ...rules.map(renderRule))]
}

/** By which name of theirs a controller's hierarchy is known. */
function keyOf(paths: CgroupPaths, controller: string): string | undefined {
  return Object.keys(paths.v1).find(key => key.split(',').includes(controller))
}
