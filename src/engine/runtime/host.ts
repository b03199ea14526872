import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { errnoOf } from '../../diagnostics/index.ts'
import { type Cgroups, openCgroups } from '../cgroup/index.ts'
import { type AppArmor, openAppArmor } from '../security/apparmor/index.ts'
import { ALL_CAPABILITIES } from '../security/capabilities.ts'
import { observedMasks } from '../security/paths.ts'
import { openSELinux, type SELinux } from '../security/selinux/index.ts'
import { type LimitPair, parseLimits } from './rlimits.ts'

/** Facts of the machine that the compilers need, observed once when the engine starts. */
export interface Host {
  /** `process.arch` in the kernel's words. */
  readonly architecture: 'x86_64' | 'aarch64'
  /** Kernel release as numbers, `[6, 12]`. */
  readonly kernel: readonly [number, number]
  readonly cgroups: Cgroups
  /** /dev/fuse can be opened: files of /proc can be answered by a server of ours. */
  readonly fuse: boolean
  /** Absent where this kernel has it not on, or gives us no say in it. */
  readonly apparmor?: AppArmor
  /** Absent where containers get no labels. */
  readonly selinux?: SELinux
  /** A container's clocks begin with it: the kernel has time namespaces, and nobody has switched that off. */
  readonly ownClocks: boolean
  /** Bits of the capabilities that this kernel knows and the engine itself holds. */
  readonly capabilities: bigint
  /** The engine's own rlimits by lower-case name: a container's cannot exceed them without CAP_SYS_RESOURCE. */
  readonly rlimits: Readonly<Record<string, LimitPair>>
  /** Paths of this machine's CPUs and disks that are hidden with the fixed ones. */
  readonly maskedPaths: readonly string[]
  /** What this machine cannot do, one sentence each, said once when the engine starts. */
  readonly warnings: readonly string[]
}

/** What the compilers ask of it: so a container is also compiled where no engine has looked at the machine. */
export interface CompilerHost extends Omit<Host, 'cgroups' | 'warnings'> {
  readonly cgroups: Pick<Cgroups, 'pathsOf' | 'budgetPathsOf' | 'version'>
}

export interface HostOptions {
  /** Empty for the default ROOT, otherwise 6 hex digits (docs/architecture.md). */
  readonly engineId: string
  /** False: containers see how long the machine runs. */
  readonly ownClocks?: boolean
}

/**
 * Looks at the machine once: architecture, kernel, control groups, own rights. Makes the engine's parent groups. Never
 * fails for what is missing: `warnings` says it.
 */
export function observeHost(options: HostOptions): Host {
  const cgroups = openCgroups(options)
  const apparmor = openAppArmor()
  // Now, so that the first container need not wait for it, and whoever looks knows that it cannot be.
  apparmor?.defaultProfile(true)
  const unconfined = apparmor?.warning()
  const { selinux, warning: unlabelled } = openSELinux()
  const [major = 0, minor = 0] = release()
    .split('.')
    .map(part => Number.parseInt(part, 10))
  return {
    architecture: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    kernel: [major, minor],
    cgroups,
    fuse: opensFuse(),
    ...(apparmor === undefined ? {} : { apparmor }),
    ...(selinux === undefined ? {} : { selinux }),
    ownClocks: options.ownClocks !== false && existsSync('/proc/self/ns/time'),
    capabilities: ownCapabilities(readFileSync('/proc/self/status', 'utf8')),
    rlimits: parseLimits(readFileSync('/proc/self/limits', 'utf8')),
    maskedPaths: observedMasks(listFolder),
    warnings: [...cgroups.warnings, ...[unconfined, unlabelled].filter(each => each !== undefined)],
  }
}

/** The permitted set in the text of /proc/self/status: what the engine holds is what it can hand out. */
function ownCapabilities(status: string): bigint {
  const hex = /^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  return hex === undefined ? 0n : BigInt(`0x${hex}`) & ALL_CAPABILITIES
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return []
    throw error
  }
}

/** Opening it loads the kernel's module where that is one; nothing is mounted. */
function opensFuse(): boolean {
  try {
    closeSync(openSync('/dev/fuse', constants.O_RDWR))
    return true
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return false
  }
}
