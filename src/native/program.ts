/**
 * The program: what TypeScript compiles and the native binary executes. Each operation is one mechanism; every
 * decision was taken before. Operations are grouped by stage, and stages run in the order of {@link STAGES}.
 *
 * Paths of host operations are absolute host paths. Paths marked "beneath" are resolved with
 * `openat2(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)`: they cannot leave their root, whatever symlinks lie there.
 */

/** Number of a place for a file descriptor that one operation fills and others use: 0 to 127. Not an fd number. */
export type Slot = number

/** Stages in the order they run. `setup` runs once a monitor, the others again at each restart. */
export const STAGES = ['supervise', 'setup', 'outside', 'launch', 'attend', 'inside', 'exec'] as const
export type Stage = (typeof STAGES)[number]

/** The fd that the container's network namespace always has: netlink bytes name it as IFLA_NET_NS_FD. */
export const CONTAINER_NETNS_FD = 100
/** The fd that the host's network namespace (the one that the engine runs in) always has. */
export const HOST_NETNS_FD = 101

/** Kinds of namespaces, in the kernel's words. */
export type NamespaceKind = 'mnt' | 'pid' | 'net' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time'

/** Per-mount attributes (mount_setattr). */
export type MountAttribute = 'ro' | 'nosuid' | 'nodev' | 'noexec' | 'noatime' | 'strictatime' | 'nosymfollow'

/** Docker's restart policies. */
export type RestartPolicy = 'no' | 'always' | 'on-failure' | 'unless-stopped'

/** One line of a uid_map or gid_map. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly count: number
}

/** How a container is watched over. No effect on the kernel but its own files. */
export interface MonitorOp {
  readonly op: 'monitor'
  /** Unix socket to listen on (0600, root only). At most 107 bytes. */
  readonly socket: string
  /** Status file, replaced by rename at every change (`parseStatus` reads it). */
  readonly status: string
  /** Log file in CRI format; absent: nothing is logged. */
  readonly log?: string
  /** Bytes after which the log is rotated; 0: never. */
  readonly logMaxSize: number
  /** Log files kept, the current one included; at least 1. */
  readonly logMaxFiles: number
  /** Folder in which the FIFOs `stdin`, `stdout` and `stderr` are made. */
  readonly stdio: string
  readonly tty: boolean
  /** False: stdin is /dev/null. True: a FIFO (or the pty) fed by `stdin` messages. */
  readonly openStdin: boolean
  /** End stdin when the first attached connection that sent input closes it or goes away. */
  readonly stdinOnce: boolean
  /** Host uid and gid that own stdout and stderr, so that the container's user can reopen /dev/stdout. */
  readonly ownerUid: number
  readonly ownerGid: number
  readonly restart: RestartPolicy
  /** Most restarts of `on-failure`; 0: no limit. */
  readonly restartMax: number
  /** File with a line `oom_kill N` (v1 memory.oom_control, v2 memory.events); absent: unknown. */
  readonly oomCounter?: string
  /** The cgroup.kill file of the container's v2 node, written when PID 1 is gone. */
  readonly cgroupKill?: string
  /** First size of the terminal. */
  readonly rows: number
  readonly cols: number
}

/** Names and DNS of the container, answered by the relay at 127.0.0.11 inside its network namespace. */
export interface RelayOp {
  readonly op: 'relay'
  /** Folders (RUN/networks/<id>) whose file `names` is read, most important first. */
  readonly names: readonly string[]
  /** Address of each upstream server; `[addr]:port` and `addr:port` are allowed. */
  readonly upstreams: readonly string[]
  /** True: names that no network knows are never asked outside. */
  readonly internal: boolean
  /** Serve DNS; false for a relay of published ports alone. */
  readonly dns: boolean
}

/** A published port: bound on the host before the payload runs, copied to the target by the relay. */
export interface PublishOp {
  readonly op: 'publish'
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** Numeric address; `::` listens on IPv6 alone. */
  readonly hostIp: string
  readonly hostPort: number
  readonly targetIp: string
  readonly targetPort: number
}

/** Makes the container's network namespace (fd 100), once a monitor. */
export interface NewNetnsOp {
  readonly op: 'newNetns'
  /** The user namespace that shall own it. */
  readonly usernsSlot?: Slot
}

/** Opens an existing network namespace as the container's (fd 100): `/proc/<pid>/ns/net`, `/proc/<monitor>/fd/100`. */
export interface OpenNetnsOp {
  readonly op: 'openNetns'
  readonly path: string
}

/** Makes a user namespace with these maps, to idmap mounts with or to own namespaces. */
export interface CreateUsernsOp {
  readonly op: 'createUserns'
  readonly slot: Slot
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
}

/** Sends netlink messages one after the other; each that has NLM_F_ACK is awaited, its error fails the operation. */
export interface NetlinkOp {
  readonly op: 'netlink'
  readonly netns: 'host' | 'container'
  /** `route` unless told. */
  readonly protocol?: 'route' | 'netfilter'
  /** Whole nlmsgs, aligned to 4. */
  readonly bytes: Uint8Array
  /** Errno numbers that are fine (17 = EEXIST to ensure, 19 = ENODEV to remove). */
  readonly ignore?: readonly number[]
  /** What these bytes do, for the sentence of a failure: `create bridge tsc-0123`. */
  readonly purpose: string
}

/** Sends one netlink dump request; the answer's messages are a result of the reply. `run` mode only. */
export interface NetlinkDumpOp {
  readonly op: 'netlinkDump'
  readonly netns: 'host' | 'container'
  readonly protocol?: 'route' | 'netfilter'
  readonly bytes: Uint8Array
}

/** Opens a namespace file to join it at `launch`. */
export interface OpenNamespaceOp {
  readonly op: 'openNamespace'
  readonly slot: Slot
  readonly path: string
}

/** Opens a path: `folder` O_PATH|O_DIRECTORY, `path` O_PATH, `read` O_RDONLY. Used for cgroups and roots. */
export interface OpenOp {
  readonly op: 'open'
  readonly slot: Slot
  readonly path: string
  readonly kind: 'folder' | 'path' | 'read'
}

/** Clones the mount tree at a path as a detached mount (open_tree), later moved inside. */
export interface OpenTreeOp {
  readonly op: 'openTree'
  readonly slot: Slot
  readonly path: string
  /** Folder beneath which `path` is resolved (a volume's subpath); a host path when absent. */
  readonly fromSlot?: Slot
  readonly recursive: boolean
  readonly attributes?: readonly MountAttribute[]
  /** `private` unless told; `slave`: later mounts of the host appear. */
  readonly propagation?: 'private' | 'slave'
  readonly usernsSlot?: Slot
}

/** Makes a detached file system (tmpfs …), later moved inside. */
export interface FsMountOp {
  readonly op: 'fsMount'
  readonly slot: Slot
  readonly type: string
  /** `key=value` or `flag`. */
  readonly options?: readonly string[]
  readonly attributes?: readonly MountAttribute[]
}

/** Makes a detached overlay. Without upper and work it is read-only. No host path shows in mountinfo. */
export interface OverlayOp {
  readonly op: 'overlay'
  readonly slot: Slot
  /** Layers, top first, opened before by `open` or `openTree`. */
  readonly lowerSlots: readonly Slot[]
  readonly upperSlot?: Slot
  readonly workSlot?: Slot
  /** Mapped root (host ids) as whom the file system is made, needed when upper is idmapped. */
  readonly asUid?: number
  readonly asGid?: number
}

/** Idmaps a detached mount that was filled before (a /dev with real nodes). */
export interface IdmapMountOp {
  readonly op: 'idmapMount'
  readonly slot: Slot
  readonly usernsSlot: Slot
}

/** Writes a host file that exists: a cgroup limit, a /proc or /sys value. One write(2) call. */
export interface WriteOp {
  readonly op: 'write'
  readonly path: string
  readonly bytes: Uint8Array | string
  readonly ignore?: readonly number[]
}

/** Lets the container's clocks (boottime, monotonic) begin at zero. Ignored on kernels without time namespaces. */
export interface NewTimensOp {
  readonly op: 'newTimens'
}

/** Loads and attaches a BPF_CGROUP_DEVICE program to a v2 cgroup, replacing the one of before. */
export interface DeviceFilterOp {
  readonly op: 'deviceFilter'
  readonly cgroupSlot: Slot
  /** eBPF instructions, 8 bytes each. */
  readonly program: Uint8Array
}

/** Clones the container's first process, stopped until `attend` is done. */
export interface CloneOp {
  readonly op: 'clone'
  /** Namespaces made new. Without `mnt` there is no container: it is required. */
  readonly newNamespaces: readonly Exclude<NamespaceKind, 'time' | 'net'>[]
  /** `container`: joins fd 100; `host`: stays. */
  readonly net: 'container' | 'host'
  /** Namespaces joined, opened before with `openNamespace` (pid, ipc, uts … of another container). */
  readonly joinSlots?: readonly Slot[]
  /** v2 cgroup folder to be born in (CLONE_INTO_CGROUP). */
  readonly cgroupSlot?: Slot
}

/** Joins a running container (`exec` mode): all namespaces of its first process, the mount namespace last. */
export interface JoinOp {
  readonly op: 'join'
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat, so that a reused pid is never entered. */
  readonly startTime: bigint
}

/** Writes the new process's pid to a file: cgroup.procs of v1 controllers, or of v2 for `exec`. */
export interface WritePidOp {
  readonly op: 'writePid'
  readonly path: string
}

/** Writes a file of /proc/<pid> of the new process: uid_map, gid_map, setgroups, oom_score_adj. */
export interface WriteProcOp {
  readonly op: 'writeProc'
  readonly file: 'uid_map' | 'gid_map' | 'setgroups' | 'oom_score_adj'
  readonly value: string
}

/** The mount that becomes `/`. Before it no path beneath the root can be used. */
export interface RootOp {
  readonly op: 'root'
  readonly slot: Slot
}

/** Where a beneath path starts: the container's root, or (outside) the folder or mount in a slot. */
export interface Beneath {
  /** Required outside; inside, the container's root when absent. */
  readonly slot?: Slot
  readonly path: string
}

/** Ensures a folder and its parents; mode and owner are set on the last one only when it was made. */
export interface MkdirOp extends Beneath {
  readonly op: 'mkdir'
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

/** Makes a device node or FIFO; one that exists is replaced. */
export interface MknodOp extends Beneath {
  readonly op: 'mknod'
  readonly type: 'char' | 'block' | 'fifo'
  readonly major?: number
  readonly minor?: number
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

/** Makes a symbolic link; `replace` removes a file or link in its place, otherwise an existing entry stays. */
export interface SymlinkOp extends Beneath {
  readonly op: 'symlink'
  readonly target: string
  readonly replace?: boolean
}

/** Writes a regular file, replacing what is there (never through a link). Parents are made. */
export interface FileOp extends Beneath {
  readonly op: 'file'
  readonly bytes: Uint8Array | string
  readonly mode: number
  readonly uid?: number
  readonly gid?: number
}

/** Makes a file system inside the new namespaces (proc, sysfs, devpts, mqueue, cgroup) and mounts it on a folder. */
export interface MountOp {
  readonly op: 'mount'
  readonly type: string
  readonly options?: readonly string[]
  readonly attributes?: readonly MountAttribute[]
  /** Beneath the root; made when missing. */
  readonly target: string
  /** These errno numbers skip the mount (cgroup v1 controllers that are not there). */
  readonly ignore?: readonly number[]
}

/** Moves a detached mount (openTree, fsMount, overlay) onto a path beneath the root. */
export interface MoveMountOp {
  readonly op: 'moveMount'
  readonly slot: Slot
  readonly target: string
  /** What is made, parents included, when the target is missing. */
  readonly create: 'folder' | 'file' | 'none'
}

/** Binds a path onto itself with ro, nosuid, nodev, noexec. A missing path is fine. */
export interface BindReadonlyOp {
  readonly op: 'bindReadonly'
  readonly path: string
}

/** Hides a path: /dev/null over a file, an empty read-only tmpfs over a folder. A missing path is fine. */
export interface MaskOp {
  readonly op: 'mask'
  readonly path: string
}

/** Sets attributes on the mount at a path beneath the root (`/` with `ro` for a read-only root). */
export interface SetAttributesOp {
  readonly op: 'setAttributes'
  readonly path: string
  readonly attributes: readonly MountAttribute[]
}

/** Makes the root `/` and lets go of the host's. */
export interface PivotRootOp {
  readonly op: 'pivotRoot'
}

/** Writes a sysctl of the new namespaces through a private proc: `net.core.somaxconn`. */
export interface SysctlOp {
  readonly op: 'sysctl'
  readonly key: string
  readonly value: string
  readonly ignore?: readonly number[]
}

export interface HostnameOp {
  readonly op: 'hostname'
  readonly name: string
}

export interface DomainnameOp {
  readonly op: 'domainname'
  readonly name: string
}

/** setrlimit; `resource` is the kernel's number (RLIMIT_*), limits may be `RLIM_INFINITY` (2n ** 64n - 1n). */
export interface RlimitOp {
  readonly op: 'rlimit'
  readonly resource: number
  readonly soft: bigint
  readonly hard: bigint
}

export interface UmaskOp {
  readonly op: 'umask'
  readonly mask: number
}

/** Takes a terminal out of the container's devpts, binds it on /dev/console and makes it stdio and controlling terminal. */
export interface ConsoleOp {
  readonly op: 'console'
}

/** Changes the working directory (after pivotRoot or join) and checks that it lies inside the root. */
export interface ChdirOp {
  readonly op: 'chdir'
  readonly path: string
  /** Make it, with its parents, owned by these ids when missing. */
  readonly create: boolean
  readonly uid?: number
  readonly gid?: number
}

/** setgroups, setresgid, setresuid; capabilities are kept for the `capabilities` operation to come. */
export interface UserOp {
  readonly op: 'user'
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** Capability sets as bit masks (bit 21 = CAP_SYS_ADMIN); exact after exec of `seccomp` or of the payload. */
export interface CapabilitiesOp {
  readonly op: 'capabilities'
  readonly bounding: bigint
  readonly effective: bigint
  readonly permitted: bigint
  readonly inheritable: bigint
  readonly ambient: bigint
}

/** Enters an AppArmor profile at exec. */
export interface ApparmorOp {
  readonly op: 'apparmor'
  readonly profile: string
}

export interface NoNewPrivsOp {
  readonly op: 'noNewPrivs'
}

/** Installs a classic BPF filter (struct sock_filter, 8 bytes an instruction). The last one before exec. */
export interface SeccompOp {
  readonly op: 'seccomp'
  readonly filter: Uint8Array
  /** SECCOMP_FILTER_FLAG_* bits. */
  readonly flags: number
}

/** Becomes the command. `argv[0]` without a slash is sought in PATH of `env`. */
export interface ExecOp {
  readonly op: 'exec'
  readonly argv: readonly string[]
  /** `NAME=value`. */
  readonly env: readonly string[]
  /** PID 1 is our init, which spawns the command, forwards signals and reaps. */
  readonly init: boolean
}

/** Copies the entries of a tree (or one file), owners, modes, times, xattrs, links kept. `run` mode only. */
export interface CopyTreeOp {
  readonly op: 'copyTree'
  readonly fromSlot: Slot
  /** Beneath the slot. A folder: its content is merged into the target folder. */
  readonly from: string
  readonly toSlot: Slot
  readonly to: string
  /** Make a target folder that is missing, with its parents. */
  readonly create: boolean
  /** Copy overlay whiteouts (char 0:0) and opaque markers; other device nodes are never copied. */
  readonly whiteouts?: boolean
  /** Owner of everything copied, instead of the source's. */
  readonly uid?: number
  readonly gid?: number
  /** Permission bits of every file and folder copied, instead of the source's. */
  readonly mode?: number
}

/** Reads a regular file beneath a slot; its bytes are a result. Missing: ENOENT unless `optional` (no result). */
export interface ReadFileOp {
  readonly op: 'readFile'
  readonly slot: Slot
  readonly path: string
  readonly maxBytes: number
  readonly optional?: boolean
}

/** Reads an extended attribute (never following a last link); its value is a result. Missing: no result. */
export interface GetXattrOp {
  readonly op: 'getXattr'
  readonly slot: Slot
  readonly path: string
  readonly name: string
}

export interface SetXattrOp {
  readonly op: 'setXattr'
  readonly slot: Slot
  readonly path: string
  readonly name: string
  readonly value: Uint8Array
}

/** Removes a path beneath a slot with everything in it. Missing is fine. */
export interface RemoveTreeOp {
  readonly op: 'removeTree'
  readonly slot: Slot
  readonly path: string
}

export type SuperviseOp = MonitorOp | RelayOp | PublishOp
/** Once a monitor: what survives restarts. In `run` mode the place of netlink. */
export type SetupOp = NewNetnsOp | OpenNetnsOp | CreateUsernsOp | NetlinkOp | NetlinkDumpOp | WriteOp
export type OutsideOp =
  | OpenOp
  | OpenTreeOp
  | OpenNamespaceOp
  | FsMountOp
  | OverlayOp
  | IdmapMountOp
  | WriteOp
  | NewTimensOp
  | DeviceFilterOp
  | MkdirOp
  | MknodOp
  | SymlinkOp
  | FileOp
  | CopyTreeOp
  | ReadFileOp
  | GetXattrOp
  | SetXattrOp
  | RemoveTreeOp
export type LaunchOp = CloneOp | JoinOp
export type AttendOp = WritePidOp | WriteProcOp | WriteOp
export type InsideOp =
  | RootOp
  | MkdirOp
  | MknodOp
  | SymlinkOp
  | FileOp
  | MountOp
  | MoveMountOp
  | BindReadonlyOp
  | MaskOp
  | SetAttributesOp
  | PivotRootOp
  | SysctlOp
  | HostnameOp
  | DomainnameOp
  | RlimitOp
  | UmaskOp
  | ConsoleOp
  | ChdirOp
  | UserOp
  | CapabilitiesOp
  | ApparmorOp
  | NoNewPrivsOp
  | SeccompOp

/** Every operation there is. */
export type Op = SuperviseOp | SetupOp | OutsideOp | LaunchOp | AttendOp | InsideOp | ExecOp

/** A whole program. Absent stages are empty. */
export interface Program {
  readonly supervise?: readonly SuperviseOp[]
  readonly setup?: readonly SetupOp[]
  readonly outside?: readonly OutsideOp[]
  /** One operation: `clone` (monitor, run) or `join` (exec); absent in `run` programs without a process. */
  readonly launch?: readonly LaunchOp[]
  readonly attend?: readonly AttendOp[]
  readonly inside?: readonly InsideOp[]
  readonly exec?: readonly ExecOp[]
}
