import { failure } from '../../diagnostics/index.ts'
import type {
  CloneOp,
  InsideOp,
  NamespaceKind,
  OutsideOp,
  SetupOp,
  Slot,
  SysctlWrite,
} from '../../native/index.ts'
import type { IdMap } from '../rootfs/overlay.ts'
import { namespaceOfSysctl, type SysctlNamespace, sysctlName } from '../security/sysctls.ts'
import type { Slots } from './slots.ts'
import type { NamespaceMode, Namespaces, NetworkNamespaceMode, NetworkProgram, RuntimeSpec } from './spec.ts'

/** What the namespaces of a container need before it is cloned. */
export interface NamespaceOps {
  readonly setup: readonly SetupOp[]
  readonly outside: readonly OutsideOp[]
  readonly clone: CloneOp
}

type Cloned = Exclude<NamespaceKind, 'time' | 'net'>

/** Order in which another container's namespaces are opened. */
const JOINABLE = ['ipc', 'uts', 'pid', 'cgroup'] as const

/** New, joined and kept namespaces, with clocks of its own where `ownClocks`; the network's own operations stand behind the new namespace that they fill. */
export function compileNamespaces(
  { namespaces, network }: Pick<RuntimeSpec, 'namespaces' | 'network'>,
  cgroupSlot: Slot | undefined,
  ids: IdMap | undefined,
  slots: Slots,
  ownClocks: boolean,
): NamespaceOps {
  const owner = ids === undefined ? {} : { usernsSlot: ids.slot }
  const outside: OutsideOp[] = []
  const joinSlots: Slot[] = []
  const newNamespaces: Cloned[] = ['mnt']
  for (const kind of JOINABLE) {
    const mode = namespaces[kind]
    if (mode.kind === 'private') newNamespaces.push(kind)
    if (mode.kind !== 'process') continue
    const slot = slots.take()
    const { pid, startTime } = mode
    outside.push({ op: 'openNamespace', slot, pid, startTime, kind })
    joinSlots.push(slot)
  }
  if (ownClocks) outside.push(...clocksOf(namespaces.pid))
  return {
    setup: netns(namespaces.net, network, owner),
    outside,
    clone: {
      op: 'clone',
      newNamespaces,
      net: namespaces.net.kind === 'host' ? 'host' : 'container',
      ...(joinSlots.length === 0 ? {} : { joinSlots }),
      ...(cgroupSlot === undefined ? {} : { cgroupSlot }),
      ...owner,
    },
  }
}

/**
 * The clocks are those of the pid namespace: a /proc tells when a process began by the clock of who reads it, and by one that
 * began later than that process it would be before the beginning.
 */
function clocksOf(mode: NamespaceMode): OutsideOp[] {
  if (mode.kind === 'host') return []
  if (mode.kind === 'private') return [{ op: 'newTimens' }]
  return [{ op: 'newTimens', pid: mode.pid, startTime: mode.startTime }]
}

/** A namespace is brought up by whose it is: the host's own and another container's are up already. */
function netns(
  mode: NetworkNamespaceMode,
  network: NetworkProgram,
  owner: { readonly usernsSlot?: Slot },
): SetupOp[] {
  switch (mode.kind) {
    case 'private': {
      const { kept } = mode
      return [
        kept === undefined ? { op: 'newNetns', ...owner } : { op: 'openNetns', ...kept },
        ...network.setup,
      ]
    }
    case 'path': {
      const { kind: _path, ...file } = mode
      return [{ op: 'openNetns', ...file }]
    }
    case 'host':
      return []
    default:
      return mode satisfies never
  }
}

/**
 * Names and sysctls of the new namespaces. Low ports and ping are open to every user of a container, as with Docker:
 * inside its own network namespace they protect nothing. Fails with `SYSCTL_NOT_NAMESPACED`, also for a sysctl of a
 * namespace that the container shares with the host. `offered`: those of its interfaces, which what is asked for comes behind.
 */
export function compileIdentity(
  namespaces: Namespaces,
  names: { readonly hostname: string; readonly domainname?: string },
  sysctls: Readonly<Record<string, string>>,
  offered: readonly SysctlWrite[] = [],
): InsideOp[] {
  const ops: InsideOp[] = []
  if (namespaces.uts.kind === 'private') {
    ops.push({ op: 'hostname', name: names.hostname })
    if (names.domainname) ops.push({ op: 'domainname', name: names.domainname })
  }
  const writes = new Map<string, SysctlWrite>()
  if (namespaces.net.kind === 'private') for (const each of OPEN_TO_ALL) writes.set(each.key, each)
  const asked = Object.entries(sysctls).map(([key, value]): SysctlWrite => ({ key, value }))
  for (const { key: name, value, ...rest } of [...offered, ...asked]) {
    refuseShared(name, namespaceOfSysctl(name), namespaces)
    // The file is the host's root's alone, the call is for who has the namespace.
    if (sysctlName(name) === 'kernel.domainname') ops.push({ op: 'domainname', name: value })
    else {
      // Written last where it was asked for last: one for all interfaces changes those before it.
      const key = sysctlName(name)
      writes.delete(key)
      writes.set(key, { key, value, ...rest })
    }
  }
  return [...ops, ...[...writes.values()].map((each): InsideOp => ({ op: 'sysctl', ...each }))]
}

const OPEN_TO_ALL: readonly SysctlWrite[] = [
  { key: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
  { key: 'net.ipv4.ping_group_range', value: '0 2147483647' },
]

function refuseShared(name: string, kind: SysctlNamespace, namespaces: Namespaces): void {
  if (namespaces[kind].kind === 'private') return
  throw failure({
    code: 'SYSCTL_NOT_NAMESPACED',
    kind: 'invalidArgument',
    summary: `sysctl ${JSON.stringify(name)} cannot be set: the container shares its ${kind} namespace`,
  })
}
