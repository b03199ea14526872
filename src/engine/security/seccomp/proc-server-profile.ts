import { ALLOW, EPERM, type Policy, type Rule } from './policy.ts'

/** What the server of /proc files does once it serves (`native/procfs/`), by what it is for: it opens nothing. */
const ALLOWED: Readonly<Record<string, string>> = {
  waiting: 'poll ppoll clock_gettime restart_syscall',
  requests: 'read writev',
  sources: 'pread64',
  memory: 'brk munmap madvise',
  others: 'rt_sigreturn exit exit_group',
}

/** The system calls of the server of /proc files: it has its fds, and what it can do is read and answer by them. */
export function procServerPolicy(architecture: 'x86_64' | 'aarch64'): Policy {
  const allowed = (text: string): Rule => ({ calls: text.split(' '), action: ALLOW })
  return {
    abis: [architecture],
    rules: Object.values(ALLOWED).map(allowed),
    refused: EPERM,
    unknown: EPERM,
  }
}
