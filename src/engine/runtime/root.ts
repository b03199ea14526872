import { posix } from 'node:path'
import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import type { InsideOp, MountAttribute, Op, OpenTreeOp, OutsideOp, Slot } from '../../native/index.ts'
import { buildDev, enterDev, makeSharedMemory, type SharedMemory } from '../rootfs/dev.ts'
import {
  type KernelFilesystemOptions,
  maskPaths,
  mountKernelFilesystems,
} from '../rootfs/kernel-filesystems.ts'
import { labelled, type MountContext, overlayRoot, overlayTakesDetached } from '../rootfs/overlay.ts'
import { procFiles } from '../rootfs/proc-files.ts'
import { type DeviceNode, hostDevices } from '../security/devices.ts'
import { isRefused, MASKED_PATHS, READONLY_PATHS } from '../security/paths.ts'
import { type OpenGroups, shownCgroups } from './groups.ts'
import type { CompilerHost } from './host.ts'
import { compileEtcFiles, compileFiles, compileMounts, type MountOps } from './mounts.ts'
import { sameOps } from './same-ops.ts'
import type { Slots } from './slots.ts'
import type { RuntimeMount, RuntimeSpec } from './spec.ts'

/** Docker's default size of /dev/shm. */
const DEFAULT_SHM_SIZE = 64 * 1024 * 1024

/** The parts of a spec that decide what a container sees as its files. */
export type RootSpec = Pick<
  RuntimeSpec,
  | 'id'
  | 'root'
  | 'mounts'
  | 'etc'
  | 'files'
  | 'process'
  | 'namespaces'
  | 'userNamespace'
  | 'security'
  | 'shmSize'
  | 'procFiles'
>

/** A program's slots, the map of its mounts and their label, and its groups. */
export interface RootContext extends MountContext {
  readonly slots: Slots
  readonly groups: OpenGroups
}

/**
 * Everything between an empty mount namespace and pivot_root, in the order that matters: the root, the kernel's file
 * systems, what the user mounts at /etc, the engine's files there, the user's other mounts (parents first), files that lie over them, then the masks, which nothing may cover any more, and
 * a read-only root last, when every mount point that was missing has been made.
 */
export function compileRoot(
  spec: RootSpec,
  devices: readonly DeviceNode[],
  host: CompilerHost,
  context: RootContext,
): MountOps {
  const { slots, ids, label } = context
  const detached = overlayTakesDetached(host.kernel)
  const root = overlayRoot(spec.root, detached, context)
  const privileged = spec.security.privileged === true
  const nodes = privileged ? [...hostDevices(), ...devices] : devices
  const first = ids?.first ?? 0
  const dev = slots.take()
  const shm = sharedMemory(spec, context)
  const proc = procOf(spec, context)
  const cgroups = shownCgroups(host.cgroups, spec, context.groups, slots)
  const etc = compileEtcFiles(spec.etc, spec.root.readonly === true, context)
  // Docker's files lie on whatever is mounted at their folder, and give way to mounts of their own.
  const below = compileMounts(spec.mounts.filter(isAtEtc), detached, context)
  const above = spec.mounts.filter(mount => !isAtEtc(mount))
  const mounts = compileMounts(above, detached, context)
  const files = compileFiles(spec.files ?? [], context)
  return {
    outside: [
      ...root.ops,
      ...devOps('build', nodes, [dev, shm.source, first, label], () =>
        buildDev(dev, shm.source, nodes, first, label),
      ),
      ...shm.ops,
      ...proc.ops,
      ...cgroups.outside,
      ...below.outside,
      ...etc.outside,
      ...mounts.outside,
      ...files.outside,
    ],
    inside: [
      { op: 'root', slot: root.slot },
      ...kernelFilesystems({
        writable: privileged,
        cgroups: cgroups.shown,
        ...labelled(label),
        ...(proc.slot === undefined ? {} : { proc: proc.slot }),
      }),
      ...proc.files,
      ...devOps('enter', nodes, [dev, shm.source, label], () => enterDev(dev, shm.source, nodes, label)),
      ...below.inside,
      ...etc.inside,
      ...mounts.inside,
      ...files.inside,
      ...(spec.process.cwd === '/'
        ? []
        : [{ op: 'mkdir', path: spec.process.cwd, mode: 0o755 } satisfies InsideOp]),
      // Before pivot_root, so that the terminal is bound at /dev/console too.
      ...(spec.process.tty ? [{ op: 'console' } satisfies InsideOp] : []),
      ...closeRoot(spec, host, label),
      { op: 'pivotRoot' },
    ],
  }
}

/** Without devices of its own, whose numbers may change, a container's /dev is that of all others. */
function devOps<Kind extends Op>(
  what: string,
  nodes: readonly DeviceNode[],
  from: readonly unknown[],
  make: () => readonly Kind[],
): readonly Kind[] {
  return nodes.length === 0 ? sameOps(`${what} /dev`, from, make) : make()
}

function kernelFilesystems(options: KernelFilesystemOptions): readonly InsideOp[] {
  const { version, unified, v1 } = options.cgroups
  const hierarchies = v1.map(({ controllers, slot }) => [controllers, slot])
  const from = [options.writable, options.label, options.proc, version, unified, hierarchies]
  return sameOps('kernel file systems', from, () => mountKernelFilesystems(options))
}

/** What is hidden, and a root that is read-only. */
function closeRoot(spec: RootSpec, host: CompilerHost, label: string | undefined): readonly InsideOp[] {
  const lists = pathLists(spec, host)
  const masks = sameOps('masks', [...lists, label], () => maskPaths(...lists, label))
  return spec.root.readonly ? [...masks, { op: 'setAttributes', path: '/', attributes: ['ro'] }] : masks
}

function isAtEtc({ target }: RuntimeMount): boolean {
  return posix.normalize(`${target}/`) === '/etc/'
}

/** /dev/shm belongs to the ipc namespace: its own, the host's, or that of the container whose namespace is joined. */
function sharedMemory(
  spec: RootSpec,
  { slots, ids, label }: RootContext,
): { readonly source: SharedMemory; readonly ops: readonly OutsideOp[] } {
  const { ipc, withoutShm } = spec.namespaces
  if (withoutShm) return { source: 'none', ops: [] }
  const slot = slots.take()
  if (ipc.kind === 'private') {
    const size = spec.shmSize ?? DEFAULT_SHM_SIZE
    return { source: { slot }, ops: [makeSharedMemory(slot, size, ids?.first ?? 0, label)] }
  }
  const tree = { op: 'openTree', slot, path: '/dev/shm', recursive: false } as const
  if (ipc.kind === 'host') return { source: { slot }, ops: [tree] }
  return { source: { slot }, ops: mountOf(ipc, tree, slots) }
}

/** /proc, with the files that lie over the kernel's where a server of ours answers them. */
function procOf(
  spec: RootSpec,
  { slots, label }: RootContext,
): ReturnType<typeof joinedProc> & { readonly files: readonly InsideOp[] } {
  const joined = joinedProc(spec, slots)
  if (!spec.procFiles) return { ...joined, files: [] }
  const { outside, inside } = procFiles(slots.take(), label)
  return { ...joined, ops: [...joined.ops, outside], files: [inside] }
}

/** /proc belongs to the pid namespace: where that of another container is joined, it is that container's. */
function joinedProc(
  { namespaces: { pid } }: RootSpec,
  slots: Slots,
): { readonly slot?: Slot; readonly ops: readonly OutsideOp[] } {
  if (pid.kind !== 'process') return { ops: [] }
  const slot = slots.take()
  const attributes: readonly MountAttribute[] = ['nosuid', 'nodev', 'noexec']
  const tree = { op: 'openTree', slot, path: '/proc', recursive: false, attributes } as const
  return { slot, ops: mountOf(pid, tree, slots) }
}

/** A mount can only be cloned in the namespace that it is in: the other container's is entered for it. */
function mountOf({ pid, startTime }: ProcessOfThisBoot, tree: OpenTreeOp, slots: Slots): OutsideOp[] {
  const namespaceSlot = slots.take()
  return [
    { op: 'openNamespace', slot: namespaceSlot, pid, startTime, kind: 'mnt' },
    { ...tree, namespaceSlot },
  ]
}

function pathLists(
  { security, userNamespace }: RootSpec,
  host: CompilerHost,
): readonly [readonly string[], readonly string[]] {
  if (security.privileged) return [security.maskedPaths ?? [], security.readonlyPaths ?? []]
  const masked = userNamespace === undefined ? MASKED_PATHS : MASKED_PATHS.filter(path => !isRefused(path))
  return [security.maskedPaths ?? [...masked, ...host.maskedPaths], security.readonlyPaths ?? READONLY_PATHS]
}
