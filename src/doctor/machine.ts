import type { TriedGroups } from '../engine/cgroup/index.ts'
import type { FoundSELinux } from '../engine/security/selinux/index.ts'
import type { Probe } from './probes.ts'
import type { KernelTable } from './tables.ts'

/** How much room a file system has. */
export interface Space {
  /** Bytes that may be written. */
  readonly bytes: number
  /** Files that may be made; undefined where the file system has no such limit. */
  readonly files: number | undefined
}

/** What a program said; it has ended. */
export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A machine to look at: all that the checks know of it comes from here. Refusals are errnos (`EPERM`) or short words. */
export interface Machine {
  readonly root: string
  readonly run: string
  readonly uid: number
  /** `20.19.0` */
  readonly node: string
  /** `6.12.48+deb13-amd64` */
  readonly kernel: string
  /** Unix milliseconds. */
  readonly now: number
  /** Text of a file; undefined where it is not there or not for us. */
  read(path: string): Promise<string | undefined>
  /** Names in a folder; none where it is not there or not for us. */
  list(folder: string): Promise<readonly string[]>
  /** When something was last made or removed in a folder, in Unix milliseconds; undefined where it is not there or not for us. */
  changed(folder: string): Promise<number | undefined>
  /** The living process that holds a lock file. */
  holder(lock: string): number | undefined
  /** Whether somebody listens at a socket; he is not told anything. */
  listens(socket: string): Promise<boolean>
  /** Whether a file can be opened for writing; nothing is written. */
  writable(path: string): Promise<boolean>
  /** Whether there is a program of that name. */
  finds(program: string): Promise<boolean>
  /** Runs a program to its end; undefined where it is not there. */
  output(program: string, args: readonly string[], input?: string): Promise<Output | undefined>
  /** The tables of nf_tables; undefined where the kernel does not tell us. */
  tables(): Promise<readonly KernelTable[] | undefined>
  /** Has the kernel do something that leaves nothing behind; resolves to why it would not, undefined where it did. */
  refusal(probe: Probe): Promise<string | undefined>
  /** Makes a folder in this one, or where this one would be made, and removes it; resolves to why that failed. */
  folderRefusal(folder: string): Promise<string | undefined>
  /** Room where this folder is, or would be. */
  space(folder: string): Promise<Space>
  /** Control groups as an engine would have them here. */
  groups(): TriedGroups
  /** What an engine that we start would have of SELinux. */
  selinux(): FoundSELinux
}
