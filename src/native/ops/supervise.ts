/** Operations of the stage `supervise`: how the container is watched over. */
import type { RestartPolicy } from './values.ts'

/** How a container is watched over. No effect on the kernel but its own files. */
export interface MonitorOp {
  readonly op: 'monitor'
  /** Unix socket to listen on (0600, root only). */
  readonly socket: string
  /** Status file, replaced by rename at every change (`parseStatus` reads it). */
  readonly status: string
  /** Log file in CRI format; absent: nothing is logged. */
  readonly log?: string
  /** Bytes after which the log is rotated; 0: never. */
  readonly logMaxSize: number
  /** Log files kept, the current one included; at least 1. */
  readonly logMaxFiles: number
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
  /** The cgroup.kill file of the container's v2 node, written when PID 1 is gone, unless its pid namespace has ended with it. */
  readonly cgroupKill?: string
  /** First size of the terminal. */
  readonly rows: number
  readonly cols: number
  /** Milliseconds that an attached reader which takes nothing may hold the container back, or its monitor at the end. */
  readonly patience: number
}

/** Names and DNS of the container, answered by the relay inside its network namespace. */
export interface RelayOp {
  readonly op: 'relay'
  /** Folders (RUN/networks/<id>) whose file `names` is read, most important first. */
  readonly names: readonly string[]
  /** Address of each upstream server; `[addr]:port` and `addr:port` are allowed. */
  readonly upstreams: readonly string[]
  /** True: names that no network knows are never asked outside, unless it is asked inside. */
  readonly internal: boolean
  /** True: the servers are asked from within the container's network, which then decides what can be reached. */
  readonly askInside: boolean
  /** Port at 127.0.0.11 that it answers on; 0: no DNS, a relay of published ports alone. */
  readonly dnsPort: number
  /** The relay runs as one of `uidCount` users and groups from `uid` on, which its pid decides. */
  readonly uid: number
  readonly uidCount: number
  /** BPF bytes of its seccomp filter; none: it has no filter. */
  readonly filter: Uint8Array
  /** The resolv.conf that the servers are of: when it changes, those that it names then are asked. Absent: they stay. */
  readonly resolvConf?: string
  /**
   * The container is held to its egress: names files say which names may be asked outside, and in which sets of this table of its own
   * their addresses are put before an answer is given. Absent: all may.
   */
  readonly egressTable?: string
  /** What sockets have by which servers are asked from within the container (SO_MARK), which nobody in there can give to his own. */
  readonly mark?: number
}

/** The front door of an engine (`FrontConnection`), and what it is when it serves. */
export interface FrontOp {
  readonly op: 'front'
  /** Where its socket is, for this engine and the next. */
  readonly folder: string
  /** As for the relay. */
  readonly uid: number
  readonly uidCount: number
  readonly filter: Uint8Array
}

/** Where the server of /proc files (`fuseMount`, `fuseFiles`) has its numbers from, and what it is when it serves. */
export interface ProcServerOp {
  readonly op: 'procServer'
  /** Where monitors of the engine find the server that is there, or begin one. */
  readonly folder: string
  /** Host paths in the order of {@link PROC_SOURCES}; empty: this machine does not have it, or the container no such limit. */
  readonly sources: readonly string[]
  /** Limits of swap count memory too: cgroup v1. */
  readonly together: boolean
  /** As for the relay. */
  readonly uid: number
  readonly uidCount: number
  readonly filter: Uint8Array
  /** Host uid and gid that the files have: of the container's root. */
  readonly owner: number
}

/** Published ports that follow each other: bound on the host before the payload runs, copied to the target by the relay. */
export interface PublishOp {
  readonly op: 'publish'
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  /** Numeric address; `::` listens on IPv6 alone, unless it is for `both` families. */
  readonly hostIp: string
  /** The first of them, and of those that they lead to. */
  readonly hostPort: number
  readonly targetIp: string
  readonly targetPort: number
  readonly count: number
  readonly both: boolean
}
