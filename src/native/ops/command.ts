/** Operations that make the first process the command: terminal, directory, identity, exec. */

/** Takes a terminal out of the container's devpts, binds it on /dev/console and makes it stdio and controlling terminal. */
export interface ConsoleOp {
  readonly op: 'console'
  /** Size before the command starts; 0: unknown. In a monitor its own size, which follows `resize`, counts. */
  readonly rows?: number
  readonly cols?: number
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

/** Enters a domain of SELinux at exec. */
export interface SelinuxOp {
  readonly op: 'selinux'
  /** The context of the command's process. */
  readonly process: string
  /** That of what the command is given beside its mounts: its pipes, its null device, our init. */
  readonly file: string
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
