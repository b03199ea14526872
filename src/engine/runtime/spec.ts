import type { ProcessOfThisBoot } from '../../linux/process-identity.ts'
import type { PublishOp, RelayOp, RestartPolicy, SetupOp, SysctlWrite } from '../../native/index.ts'
import type { EgressRule } from '../../notation/index.ts'
import type { Limits } from '../cgroup/index.ts'
import type { ProcessUser } from '../rootfs/user.ts'
import type { DeviceMapping } from '../security/devices.ts'
import type { Owner } from '../security/id-maps.ts'
import type { SeccompOption } from '../security/seccomp/index.ts'
import type { Labels } from '../security/selinux/index.ts'

/**
 * The engine-level description of a container: everything is resolved (ids are numbers, paths are absolute host paths,
 * names are looked up), nothing is in the spelling of Docker's API or of Compose. `compileContainer` turns it into a
 * native program; it makes no decision that needs the world, so that equal specs give equal programs.
 */
export interface RuntimeSpec {
  /** 64 hex digits: the name of the cgroups and of the container's folders. */
  readonly id: string
  /** By which a person finds the container's groups among others; absent: nobody looks for them. */
  readonly name?: string
  readonly hostname: string
  readonly domainname?: string
  readonly root: RootFilesystem
  readonly mounts: readonly RuntimeMount[]
  /** Host paths of the files that the engine keeps for the container, bound over the image's own. */
  readonly etc: EtcFiles
  /** Files of the host that are read-only over whatever is mounted around them (secrets that were put in). */
  readonly files?: readonly RuntimeFile[]
  readonly process: RuntimeProcess
  readonly namespaces: Namespaces
  /** Absent: the host's. */
  readonly userNamespace?: UserNamespace
  /** Whose files on disk are the container's user's in mounts that say so. */
  readonly bindOwner?: Owner
  readonly security: SecurityOptions
  readonly network: NetworkProgram
  readonly limits: Limits
  readonly devices?: DeviceOptions
  /** Namespaced sysctls, dotted or slashed (`net.core.somaxconn`), already checked against `namespacedSysctl`. */
  readonly sysctls?: Readonly<Record<string, string>>
  /** Size of `/dev/shm` in bytes; Docker's default is 64 MiB. */
  readonly shmSize?: number
  /** /proc/meminfo and the like tell what the container may use, not what the machine has. */
  readonly procFiles?: boolean
  /** Put our own init as PID 1, which forwards signals and reaps zombies. */
  readonly init?: boolean
  /** Keep a stdin open for attach; without it (and without a tty) stdin is /dev/null. */
  readonly openStdin?: boolean
  readonly supervision: Supervision
}

/** Where the root filesystem comes from. All are absolute host folders. */
export interface RootFilesystem {
  /** Layer folders, top first. */
  readonly layers: readonly string[]
  /** Writable layer and overlayfs' work folder, on one filesystem. */
  readonly upper: string
  readonly work: string
  /** `read_only: true`: `/` is remounted read-only as the last step. */
  readonly readonly?: boolean
  /** What is written is gone with the container: it need not get to the disk. */
  readonly volatile?: boolean
}

/** `/etc/hosts`, `/etc/hostname`, `/etc/resolv.conf` of the container, as host paths. */
export interface EtcFiles {
  readonly hosts?: string
  readonly hostname?: string
  readonly resolvConf?: string
}

export interface RuntimeFile {
  /** Absolute host path. */
  readonly source: string
  readonly target: string
}

/** `slave`: what the host mounts below the source later appears inside; `shared`: and the other way round. */
export type Propagation = 'private' | 'slave' | 'shared'

/** A host folder or file (bind), or a volume's folder. */
export interface BindMount {
  readonly kind: 'bind' | 'volume'
  /** Absolute host path; the engine has made it if it had to. */
  readonly source: string
  /** Path below `source` that is resolved without leaving it, for `volume.subpath`. */
  readonly subpath?: string
  readonly target: string
  readonly readonly?: boolean
  /** Bind what is mounted below the source too; default true, as Docker. */
  readonly recursive?: boolean
  /** Read-only alone, and not what is mounted below it. */
  readonly writableBelow?: boolean
  /** Default `private`. */
  readonly propagation?: Propagation
  /** The files of the spec's `bindOwner` are those of the container's user. */
  readonly owned?: true
}

/** A fresh tmpfs; always nosuid,nodev, and noexec unless `exec` is asked for. */
export interface TmpfsMount {
  readonly kind: 'tmpfs'
  readonly target: string
  /** Bytes; the kernel's default is half of the memory. */
  readonly size?: number
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly readonly?: boolean
  /** Mount flag words as in `tmpfs: /run:exec,suid`: exec noexec suid nosuid dev nodev ro rw noatime nr_inodes=N. */
  readonly options?: readonly string[]
}

/** The filesystem of another image, read-only but for `changes`. */
export interface ImageMount {
  readonly kind: 'image'
  /** Layer folders, top first. */
  readonly layers: readonly string[]
  readonly subpath?: string
  readonly target: string
  /** Empty folders side by side: what is changed in the mount goes there. */
  readonly changes?: { readonly upper: string; readonly work: string }
}

export type RuntimeMount = BindMount | TmpfsMount | ImageMount

/** A process to run, in a new container or (exec) in a running one. */
export interface RuntimeProcess {
  readonly argv: readonly string[]
  /** `NAME=value`, complete and in order; later ones win. See `defaultEnvironment`. */
  readonly env: readonly string[]
  readonly cwd: string
  readonly user: ProcessUser
  readonly tty?: boolean
  readonly rlimits?: readonly Rlimit[]
  /** -1000..1000; lowering below the engine's own value needs CAP_SYS_RESOURCE on the host. */
  readonly oomScoreAdj?: number
}

/** `name` without `RLIMIT_`, lower case: `nofile`, `nproc` …; -1 means unlimited. */
export interface Rlimit {
  readonly name: string
  readonly soft: number
  readonly hard: number
}

/** One namespace: of its own, the host's, or that of a process of another container. */
export type NamespaceMode =
  | { readonly kind: 'private' }
  | { readonly kind: 'host' }
  | ({ readonly kind: 'process' } & ProcessOfThisBoot)

/** The file of a network namespace, and the process whose file it is where it is of one. */
export interface NetworkNamespaceFile extends Partial<ProcessOfThisBoot> {
  readonly path: string
}

/** The network namespace outlives the processes in it, so another's is known by a file: `/proc/<monitor>/fd/100`. */
export type NetworkNamespaceMode =
  /** Its own; `kept`: one that others of its group are in still. */
  | { readonly kind: 'private'; readonly kept?: NetworkNamespaceFile }
  | { readonly kind: 'host' }
  | ({ readonly kind: 'path' } & NetworkNamespaceFile)

export interface Namespaces {
  readonly pid: NamespaceMode
  readonly net: NetworkNamespaceMode
  /** Another's comes with its /dev/shm. */
  readonly ipc: NamespaceMode
  readonly uts: NamespaceMode
  /** Private by default on both cgroup layouts. */
  readonly cgroup: NamespaceMode
  /** No /dev/shm (ipc mode `none`). */
  readonly withoutShm?: boolean
}

/** A user namespace that containers share, known by a file of a process that holds it. */
export interface UserNamespace extends ProcessOfThisBoot {
  /** `/proc/<pid>/fd/<n>` or `/proc/<pid>/ns/user`. */
  readonly path: string
  /** The host's id of user 0 and of group 0; the others follow it. */
  readonly first: number
}

export interface SecurityOptions {
  readonly privileged?: boolean
  /** Names with or without `CAP_`, any case, or `ALL`. */
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly noNewPrivileges?: boolean
  readonly seccomp?: SeccompOption
  /** Where its processes may go outside of its networks; absent: everywhere. The network side holds it to that. */
  readonly egress?: readonly EgressRule[]
  /** A profile's name, `unconfined`, or nothing for the default where AppArmor is there. */
  readonly apparmor?: string
  /** What `label=…` asks of SELinux, as it was given; `labels` is what became of it. */
  readonly labelOptions?: readonly string[]
  /** Labels of SELinux; absent where containers get none. */
  readonly labels?: Labels
  /** Replaces the default lists; an empty list masks nothing (`systempaths=unconfined`). */
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
}

export interface DeviceOptions {
  readonly mappings?: readonly DeviceMapping[]
  /** Further rules in the kernel's notation: `c 189:* rwm`. */
  readonly rules?: readonly string[]
}

/** What the network side contributes, opaque here. */
export interface NetworkProgram {
  /** Run once a monitor, for a network namespace of the container's own alone: veth, addresses, routes. */
  readonly setup: readonly SetupOp[]
  /** The relay of names and the published ports. */
  readonly supervise: readonly (RelayOp | PublishOp)[]
  /** Sysctls of the interfaces, set before the user's; slashed keys. */
  readonly sysctls?: readonly SysctlWrite[]
}

/** What the monitor needs to keep the container. All paths are absolute host paths. */
export interface Supervision {
  /** `RUN/containers/<id>`. Nothing is made there but the socket; stdio are pipes without a name. */
  readonly runFolder?: string
  /** `ROOT/containers/<id>/status`. */
  readonly statusPath: string
  /** `ROOT/containers/<id>/container.log`; without it nothing is logged (log driver `none`). */
  readonly log?: LogSettings
  readonly restart: RestartPolicy
  /** Most restarts of `on-failure`; 0 or absent: no limit. */
  readonly restartMax?: number
  /** Unix socket of the monitor, at most 107 bytes. */
  readonly socketPath: string
  /** `RUN/proc`. */
  readonly procFolder: string
  /** End stdin when the first attached client that sent input goes away. */
  readonly stdinOnce?: boolean
  /** First size of the terminal, default 24 × 80. */
  readonly rows?: number
  readonly cols?: number
}

export interface LogSettings {
  readonly path: string
  /** Bytes at which the file is rotated, and how many files are kept with the present one. */
  readonly maxSize: number
  readonly maxFiles: number
}

/** A process for `compileExec`. */
export interface ExecProcess extends RuntimeProcess {
  /** All capabilities and no seccomp filter for this one process. */
  readonly privileged?: boolean
}
