import { execFileSync } from 'node:child_process'
import type { ContainerCreateRequest } from '../../../src/api/types/index.ts'

/** Something that somebody changes in a container that runs, which one program of the native binary puts right. */
export interface Spoiling {
  readonly name: string
  /** Whether some of the repair's calls are tried in every run of the tests. */
  readonly sampled?: boolean
  /** `pid`: the container's first process. */
  readonly spoil: (pid: number) => void
}

/** A container that has all of it; `secret` is a file. */
export const spoiled = (secret: string): ContainerCreateRequest => ({
  HostConfig: {
    NetworkMode: 'none',
    // What a command may do to its own limits is no drift.
    Init: true,
    Binds: [`${secret}:/run/secrets/one:ro`],
    Tmpfs: { '/scratch': 'size=1m' },
    Sysctls: { 'net.core.somaxconn': '100' },
    Ulimits: [{ Name: 'nofile', Soft: 200, Hard: 200 }],
  },
})

const within = (pid: number, namespace: string, line: string): void =>
  void execFileSync('nsenter', ['-t', String(pid), namespace, 'sh', '-c', line])

/** One of each kind of repair. */
export const SPOILINGS: readonly Spoiling[] = [
  { name: 'a mask', sampled: true, spoil: pid => within(pid, '-m', 'umount /proc/keys') },
  { name: 'a bind', spoil: pid => within(pid, '-m', 'umount /run/secrets/one') },
  { name: 'a tmpfs', spoil: pid => within(pid, '-m', 'umount /scratch') },
  {
    name: 'a mount that was read-only',
    spoil: pid => within(pid, '-m', 'mount -o remount,bind,rw,nosuid,nodev,noexec none /proc/sys'),
  },
  { name: 'a mount over another', spoil: pid => within(pid, '-m', 'mount -t tmpfs none /run/secrets') },
  { name: 'a sysctl', spoil: pid => within(pid, '-n', 'echo 99 > /proc/sys/net/core/somaxconn') },
  { name: 'a name', spoil: pid => within(pid, '-u', 'hostname other') },
  {
    name: 'a limit',
    spoil: pid => void execFileSync('prlimit', ['--pid', String(pid), '--nofile=64:']),
  },
]
