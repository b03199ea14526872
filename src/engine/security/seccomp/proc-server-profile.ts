import { ALLOW, EPERM, type Policy, type Rule } from './policy.ts'

const PROT_EXEC = 0x4

/** What the server of /proc files does once it serves (`native/procfs/`), by what it is for: it opens nothing. */
const ALLOWED: Readonly<Record<string, string>> = {
  waiting: 'poll ppoll clock_gettime restart_syscall',
  monitors: 'accept4 getsockopt recvmsg close',
  requests: 'read writev',
  sources: 'pread64',
  memory: 'brk munmap madvise',
  others: 'rt_sigreturn exit exit_group',
}

/**
 * The system calls of the server of /proc files: it takes fds from monitors that come to it, and what it can do is read and answer by them. What
 * one container's server leaves to the next it has as memory, which cannot be executed.
 */
export function procServerPolicy(architecture: 'x86_64' | 'aarch64'): Policy {
  const allowed = (text: string): Rule => ({ calls: text.split(' '), action: ALLOW })
  return {
    abis: [architecture],
    rules: [
      ...Object.values(ALLOWED).map(allowed),
      { calls: ['mmap'], action: ALLOW, conditions: [{ index: 2, test: 'lowMaskZero', mask: PROT_EXEC }] },
    ],
    refused: EPERM,
    unknown: EPERM,
  }
}
