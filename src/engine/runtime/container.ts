import type { CreateUsernsOp, OutsideOp, Program, SetupOp, Slot } from '../../native/index.ts'
import { type IdMap, labelled } from '../rootfs/overlay.ts'
import {
  ALL_DEVICES,
  DEFAULT_RULES,
  type DeviceRule,
  parseRule,
  resolveDevices,
} from '../security/devices.ts'
import { idMaps, ownerMaps } from '../security/id-maps.ts'
import { compileGroups, type OpenGroups, openGroups } from './groups.ts'
import type { CompilerHost } from './host.ts'
import { compileIdentity, compileNamespaces } from './namespaces.ts'
import { allowLimits, compileExecOp, compileProcess, oomScore } from './process.ts'
import { compileRoot, type RootContext } from './root.ts'
import { Slots } from './slots.ts'
import type { RuntimeSpec, UserNamespace } from './spec.ts'
import { superviseOps } from './supervise.ts'

/**
 * The program of a container, for `Native.startMonitor`. The groups of `host.cgroups.ensure(spec.id, spec.limits)`
 * must exist when it runs. Fails with a `Failure` of kind `invalidArgument` when the spec asks for what does not exist
 * (`CAPABILITY_UNKNOWN`, `SECCOMP_PROFILE_INVALID`, `DEVICE_NOT_FOUND` …).
 */
export function compileContainer(given: RuntimeSpec, host: CompilerHost): Program {
  // Without FUSE it goes without: the kernel's own files are there.
  const spec = { ...given, procFiles: given.procFiles === true && host.fuse }
  const paths = host.cgroups.pathsOf(spec.id)
  const program = compileIsolated(spec, host)
  compiled.set(given, program)
  return { ...program, supervise: superviseOps(spec, paths, host) }
}

/** What containers were started with: whoever asks for a part of it need not compile it again. */
const compiled = new WeakMap<IsolatedSpec, Mounting>()

/** The stages of a program that mount something. */
type Mounting = Required<Pick<Program, 'setup' | 'outside' | 'inside'>>

/** A spec without the parts that only a monitor needs: the image builder's RUN has none, nor a log or a restart. */
export type IsolatedSpec = Omit<RuntimeSpec, 'supervision' | 'openStdin'>

/** All stages but `supervise`, which suffice for `Native.runForeground`: what a container and the builder's RUN have in common. */
export function compileIsolated(spec: IsolatedSpec, host: CompilerHost): Program & Mounting {
  const slots = new Slots()
  const ids = idMapOf(spec.userNamespace, slots)
  const devices = resolveDevices(spec.devices?.mappings ?? [])
  const paths = host.cgroups.pathsOf(spec.id)
  const open = openGroups(paths, slots)
  const groups = compileGroups(paths, open, deviceRules(spec, devices.rules), spec.name)
  const namespaces = compileNamespaces(spec, open.unified, ids, slots, host.ownClocks)
  const owner = createOwnerMap(spec, slots)
  const ownerSlot = owner?.slot
  const root = compileRoot(spec, devices.nodes, host, contextOf(spec, slots, open, ids, ownerSlot))
  const inside = compileProcess(spec.process, spec.security, host)
  return {
    setup: [
      ...openUserns(spec.userNamespace, ids),
      ...(owner === undefined ? [] : [owner]),
      ...namespaces.setup,
    ],
    outside: [...open.ops, ...groups.outside, ...namespaces.outside, ...root.outside],
    launch: [namespaces.clone],
    attend: [...(ids === undefined ? [] : allowLimits(inside)), oomScore(spec.process)],
    groups: groups.groups,
    inside: [
      ...root.inside,
      ...compileIdentity(spec.namespaces, spec, spec.sysctls ?? {}, spec.network.sysctls),
      ...inside,
    ],
    exec: [compileExecOp(spec.process, spec.init === true)],
  }
}

/** What the groups of a container, made anew, let it open of devices. */
export function compileDeviceRules(spec: IsolatedSpec, host: CompilerHost): readonly OutsideOp[] {
  const { rules } = resolveDevices(spec.devices?.mappings ?? [])
  const paths = host.cgroups.pathsOf(spec.id)
  const { unified } = paths
  const open = openGroups({ v1: {}, ...(unified === undefined ? {} : { unified }) }, new Slots())
  return [...open.ops, ...compileGroups(paths, open, deviceRules(spec, rules), spec.name).outside]
}

/** The part of a container's program that makes what it has mounted, for who holds that against what the kernel says of it. */
export function compileMounted(spec: IsolatedSpec, host: CompilerHost): Mounting {
  const before = compiled.get(spec)
  if (before !== undefined) {
    // All that is mounted is so until then.
    const end = before.inside.findIndex(({ op }) => op === 'pivotRoot') + 1
    return { ...before, inside: before.inside.slice(0, end) }
  }
  const slots = new Slots()
  const ids = idMapOf(spec.userNamespace, slots)
  const owner = createOwnerMap(spec, slots)
  const ownerSlot = owner?.slot
  const open = openGroups(host.cgroups.pathsOf(spec.id), slots)
  const context = contextOf(spec, slots, open, ids, ownerSlot)
  const { outside, inside } = compileRoot(
    { ...spec, procFiles: spec.procFiles === true && host.fuse },
    [],
    host,
    context,
  )
  return {
    setup: [...openUserns(spec.userNamespace, ids), ...(owner === undefined ? [] : [owner])],
    outside: [...open.ops, ...outside],
    inside,
  }
}

function contextOf(
  { security }: Pick<IsolatedSpec, 'security'>,
  slots: Slots,
  groups: OpenGroups,
  ids: IdMap | undefined,
  ownerSlot: Slot | undefined,
): RootContext {
  return {
    slots,
    groups,
    ids,
    ...(ownerSlot === undefined ? {} : { ownerSlot }),
    ...labelled(security.labels?.mount),
  }
}

/** The map of a container's mounts, whose slot `openUserns` fills; none without a user namespace. */
function idMapOf(namespace: UserNamespace | undefined, slots: Slots): IdMap | undefined {
  return namespace === undefined ? undefined : { slot: slots.take(), first: namespace.first }
}

/** Opens the user namespace once a monitor: it stays over restarts, whoever held it before. */
function openUserns(namespace: UserNamespace | undefined, ids: IdMap | undefined): SetupOp[] {
  if (namespace === undefined || ids === undefined) return []
  const { path, pid, startTime } = namespace
  return [{ op: 'openUserns', slot: ids.slot, path, pid, startTime }]
}

/** A namespace that nobody is ever in, for the map of mounts whose files are somebody's. */
function createOwnerMap(
  { bindOwner, mounts, userNamespace, process }: IsolatedSpec,
  slots: Slots,
): CreateUsernsOp | undefined {
  const isOwned = mounts.some(mount => 'owned' in mount && mount.owned === true)
  if (bindOwner === undefined || !isOwned) return undefined
  const maps = ownerMaps(idMaps(userNamespace?.first), bindOwner, process.user)
  return { op: 'createUserns', slot: slots.take(), ...maps }
}

function deviceRules(spec: IsolatedSpec, mapped: readonly DeviceRule[]): DeviceRule[] {
  if (spec.security.privileged) return [ALL_DEVICES]
  return [...DEFAULT_RULES, ...mapped, ...(spec.devices?.rules ?? []).map(parseRule)]
}
